import asyncio
import sys
from pathlib import Path

import pytest
import seodang
from seodang.errors import Interrupted

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import (
    MANY,
    Scripted,
    live,
    request,
    spent_micro,
    wide,
)


async def stopped_quietly(room, *questions):
    with pytest.raises(Interrupted) as caught:
        await room.each(*questions)
    assert caught.value.exit_code == 75 and caught.value.code == "runs.interrupted"


def test_a_stop_stores_what_is_in_flight_and_the_next_run_goes_on(tmp_path):
    teacher = wide(64, default=lambda teacher: 1 + len(teacher.order) % 10)

    async def story(room):
        reading = asyncio.create_task(stopped_quietly(room, *MANY))
        await room.clock.sleep(0.5)
        room.stop.request()
        room.stop.request()
        await reading
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.requests - totals.unpaid == totals.answers == sum(teacher.answered.values()) == 64 and totals.in_doubt == 0
    again = wide(64)
    assert live(tmp_path, again, lambda room: room.texts(*MANY)) == [f"{text}!" for text in MANY]
    assert sum(again.asked.values()) == 300 - 64


def test_what_does_not_come_before_the_drain_limit_is_in_doubt_and_counted(tmp_path):
    teacher = Scripted(script={"q3": [1000.0], "q4": [20.0]})

    async def story(room):
        reading = asyncio.create_task(stopped_quietly(room, *MANY[:8]))
        await room.clock.sleep(0.5)
        room.stop.request()
        await reading
        assert room.clock.monotonic() == pytest.approx(25.5, abs=0.5)
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.answers == 7 and teacher.answered["q4"] == 1
    assert spent_micro(tmp_path) == 7 * 50 + 300
    again = Scripted()
    live(tmp_path, again, lambda room: room.texts(*MANY[:8]))
    assert again.asked == {"q3": 1}


def test_a_stop_wakes_those_who_rest_and_those_who_wait_for_the_breaker(tmp_path):
    teacher = Scripted(default=seodang.Transient("later", status=500, retry_after=100))

    async def story(room):
        reading = asyncio.create_task(stopped_quietly(room, *MANY))
        await room.clock.sleep(5)
        room.stop.request()
        await reading
        assert room.clock.monotonic() < 6

    live(tmp_path, teacher, story)


def test_a_stop_reaches_those_who_ask_one_by_one(tmp_path):
    teacher = Scripted()

    async def story(room):
        async def one(number):
            with pytest.raises(Interrupted):
                for step in range(100):
                    await room.ask(request(f"{number} {step}"))

        asking = asyncio.gather(*(one(number) for number in range(20)))
        await room.clock.sleep(0.5)
        room.stop.request()
        await asking
        with pytest.raises(Interrupted):
            await room.ask(request("more"))
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.answers == totals.requests - totals.unpaid == sum(teacher.answered.values()) > 0


def test_a_stop_before_the_first_question_sends_nothing(tmp_path):
    teacher = Scripted()

    async def story(room):
        room.stop.request()
        await stopped_quietly(room, *MANY)
        await room.stop.wait()

    live(tmp_path, teacher, story)
    assert not teacher.asked
