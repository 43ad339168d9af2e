import asyncio
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from seodang.errors import Interrupted, OutOfBudget
from seodang.ledger.asking_again import retry
from seodang.ledger.money import Cap

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import (
    MANY,
    TIMED_OUT,
    Scripted,
    live,
    request,
    spent_micro,
    stopped,
    wide,
)


def test_what_may_have_been_paid_is_sent_once_more_and_counted_twice(tmp_path):
    teacher = Scripted(script={"lost": [TIMED_OUT], "hangs": [TIMED_OUT] * 9}, default=0.3)

    async def story(room):
        assert len(await room.texts("lost", "hangs", *MANY)) == 301
        assert room.set_aside == [("hangs", "in-doubt", "read timed out")]
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert teacher.asked["lost"] == teacher.asked["hangs"] == 2
    assert totals.in_doubt == 3 and spent_micro(tmp_path) == 301 * 50 + 3 * 300


def crash(directory, *questions):
    """A process that is gone while these questions are on their way."""

    async def story(room):
        async def send(text):
            intent = room.ask.look_up(request(text)).intents[0]
            await room.ledger.intend(intent)

        for text in questions:
            await send(text)

    live(directory, Scripted(), story)


def test_at_no_moment_has_the_book_many_more_open_attempts_than_may_be_under_way(tmp_path):
    """What a kill -9 would leave in doubt, looked at from outside after every commit."""
    teacher = wide(16)
    most_open, looks, over = 0, 0, threading.Event()

    def look():
        nonlocal most_open, looks
        book = sqlite3.connect(f"file:{tmp_path / 'book.sqlite'}?mode=ro", uri=True)
        while not over.is_set():
            (number,) = book.execute("SELECT count(*) FROM attempts WHERE state = 'open'").fetchone()
            most_open, looks = max(most_open, number), looks + 1
        book.close()

    async def story(room):
        looker = threading.Thread(target=look)
        looker.start()
        try:
            assert len(await room.texts(*MANY)) == 300
        finally:
            over.set()
            looker.join()

    live(tmp_path, teacher, story)
    assert looks > 100 and 1 < most_open <= 16 + 16 // 8, "intents are written ahead for an eighth of those that may be under way"
    assert teacher.most_under_way <= 16


def test_what_was_entered_ahead_is_not_sent_when_everything_halts(tmp_path):
    teacher = wide(64, latency=20)

    async def story(room):
        async def stop_soon():
            await room.clock.sleep(10)
            assert (teacher.under_way, room.ledger.totals().requests) == (64, 72)
            room.stop.request()

        stopping = asyncio.create_task(stop_soon())
        with pytest.raises(Interrupted):
            await room.texts(*MANY)
        await stopping
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert (sum(teacher.asked.values()), totals.answers, totals.unpaid) == (64, 64, 8)
    assert spent_micro(tmp_path) == 64 * 50, "the reservations of what was not sent are free again"


def test_after_a_crash_what_was_on_its_way_is_asked_last_and_once(tmp_path):
    crash(tmp_path, "q0", "q1")
    teacher = Scripted()

    async def story(room):
        assert room.ledger.totals().in_doubt == 2
        assert await room.texts(*MANY[:100]) == [f"{text}!" for text in MANY[:100]]

    live(tmp_path, teacher, story)
    assert teacher.order[-2:] == ["q0", "q1"] and set(teacher.asked.values()) == {1}
    assert spent_micro(tmp_path) == 100 * 50 + 2 * 300, "the attempts before the crash stay counted at their worst case"


def test_what_nine_crashes_met_is_not_bought_a_tenth_time(tmp_path):
    for _ in range(9):
        crash(tmp_path, "q1")
    crash(tmp_path, "q2")
    teacher = Scripted()

    async def story(room):
        assert await room.texts("q0", "q1", "q2") == ["q0!", "q2!"]
        assert room.set_aside == [("q1", "in-doubt", "")]

    live(tmp_path, teacher, story)
    assert sorted(teacher.asked) == ["q0", "q2"]
    assert retry(tmp_path / "book.sqlite", run="r", reasons=["in-doubt"]) == 1
    assert live(tmp_path, teacher, lambda room: room.texts("q1")) == ["q1!"]


def test_what_a_crash_met_may_fail_in_doubt_once_like_any_other(tmp_path):
    crash(tmp_path, "q1")
    teacher = Scripted(script={"q1": [TIMED_OUT] * 5}, default=0.3)

    async def story(room):
        assert len(await room.texts("q1", *MANY[2:])) == 298
        assert room.set_aside == [("q1", "in-doubt", "read timed out")]

    live(tmp_path, teacher, story)
    assert teacher.asked["q1"] == 2


def test_the_cap_is_never_passed_and_what_was_under_way_is_kept(tmp_path):
    teacher = wide(64)
    cap = 10_000

    async def story(room):
        error, _ = await stopped(room, OutOfBudget, *MANY)
        assert error.exit_code == 7
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story, caps=[Cap(currency="USD", micro=cap)])
    paid = sum(teacher.answered.values()) * 50
    assert totals.answers == sum(teacher.answered.values()) == sum(teacher.asked.values())
    assert paid <= spent_micro(tmp_path) <= cap
    assert cap - paid < 300, "the run stops when not even one more can be paid, not when many are reserved at once"
    with pytest.raises(OutOfBudget):
        live(tmp_path, teacher, lambda room: room.texts(*MANY), caps=[Cap(currency="USD", micro=cap)])
    assert sum(teacher.answered.values()) * 50 == paid, "the cap holds over all invocations"


def test_a_cap_below_one_question_buys_nothing(tmp_path):
    teacher = wide(64)
    live(tmp_path, teacher, lambda room: stopped(room, OutOfBudget, *MANY), caps=[Cap(currency="USD", micro=299)])
    assert not teacher.asked


def test_another_currency_than_that_of_the_cap_is_refused_at_once(tmp_path):
    teacher = wide(64)
    live(tmp_path, teacher, lambda room: stopped(room, OutOfBudget, *MANY), caps=[Cap(currency="KRW", micro=10**9)])
    assert not teacher.asked
