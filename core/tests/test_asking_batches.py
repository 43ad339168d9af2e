"""Batches: what is asked goes in together, every answer is paid once and at its own price, and nothing that is open is forgotten."""

import asyncio
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from seodang.asking.ask import Ask
from seodang.errors import Interrupted, OutOfBudget
from seodang.ledger.forgetting import forget
from seodang.ledger.money import Cap

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import MANY, live, question, records, request, spent_micro, totals_of
from batch_office import ANSWERS, Office, Patient, asked, paid_once, states


def test_all_that_is_asked_is_one_batch_at_half_the_price(tmp_path):
    office, warned = Office(), []

    async def story(room):
        came = await room.texts(*MANY)
        warned.extend(room.warned)
        return came, room.clock.monotonic()

    came, seconds = live(tmp_path, Patient(office), story)
    assert came == ANSWERS and paid_once(office) and len(office.batches) == 1
    assert seconds < 200, "the waiting for a batch is the batch's, not ours"
    assert spent_micro(tmp_path) == office.bill_micro() == 300 * 25
    assert states(tmp_path) == [("completed", "batch-1", 300, 300)]
    assert [code for code, _ in warned] == ["asking.batch-handed-in"]
    assert not (tmp_path / "book.batches").exists(), "the questions stand in the book, and nowhere else"
    again = Office()
    assert live(tmp_path, Patient(again), asked(*MANY)) == ANSWERS and not again.batches


def test_more_than_a_batch_takes_goes_in_several_that_are_there_together(tmp_path):
    office = Office()
    assert live(tmp_path, Patient(office, most=128), asked(*MANY)) == ANSWERS
    assert [len(batch["lines"]) for batch in office.batches.values()] == [128, 128, 44] and paid_once(office)
    began = [batch["began"] for batch in office.batches.values()]
    assert max(began) - min(began) < 20


def test_a_batch_is_no_larger_than_its_file_may_be(tmp_path):
    office = Office()
    teacher = Patient(office)
    teacher.service.most_bytes = 80 * 100

    async def story(room):
        return await room.texts(*MANY, "x" * 9_000), room.set_aside

    came, set_aside = live(tmp_path, teacher, story)
    assert came == ANSWERS and [code for _, code, _ in set_aside] == ["too-long"]
    assert all(sum(len(str(line)) for line in batch["lines"]) <= 80 * 100 for batch in office.batches.values())
    assert len(office.batches) == 3 and paid_once(office)


def test_each_round_of_a_lesson_is_a_batch(tmp_path):
    office = Office()

    async def story(room):
        said = []
        for number in range(3):
            said += await asyncio.gather(*(room.ask(request(f"{number}-{each}-{len(said)}")) for each in range(5)))
        return [answer.message.text for answer in said]

    assert len(live(tmp_path, Patient(office), story)) == 15
    assert [len(batch["lines"]) for batch in office.batches.values()] == [5, 5, 5]


def test_ctrl_c_ends_the_waiting_and_the_same_command_collects(tmp_path):
    office = Office()

    async def story(room):
        reading = asyncio.create_task(room.texts(*MANY))
        await room.clock.sleep(30)
        assert room.ask.batches.status() == "1 batch at api.example.com (in_progress): 70 of 300 answered"
        room.stop.request()
        with pytest.raises(Interrupted) as caught:
            await reading
        assert room.clock.monotonic() < 31
        return caught.value

    stopped = live(tmp_path, Patient(office), story)
    assert stopped.exit_code == 75 and stopped.code == "asking.batches-go-on"
    facts = {"batches": 1, "requests": 300, "name": "api.example.com"}
    assert stopped.facts == facts
    assert states(tmp_path) == [("open", "batch-1", 300, 0)]
    totals = totals_of(tmp_path)
    assert (totals.in_doubt, totals.answers) == (0, 0), "an open batch is in nobody's doubt"
    assert totals.reserved_micro["USD"] == 300 * 150

    async def next_one(room):
        came = await room.texts(*MANY, "and one more")
        return came, room.warned

    came, warned = live(tmp_path, Patient(office), next_one)
    assert came == [*ANSWERS, "and one more!"] and paid_once(office, [*MANY, "and one more"])
    assert warned[0] == ("asking.batches-found", {"step": "step", "batches": 1, "requests": 300, "name": "api.example.com"})
    assert spent_micro(tmp_path) == office.bill_micro()


MOMENTS = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 60, 100, 101.5, 104, 105, 106, 107, 108, 109, 111]


@pytest.mark.parametrize("seconds", MOMENTS)
@pytest.mark.parametrize("late", [False, True])
def test_a_process_that_vanishes_at_any_moment_leaves_no_batch_behind_and_buys_nothing_twice(tmp_path, seconds, late):
    """The next one goes on with a copy of what was on the disk at that moment; a call on its way arrives late or never."""
    office = Office()
    teacher = Patient(office)

    async def story(room):
        reading = asyncio.create_task(room.texts(*MANY))
        await asyncio.wait([reading], timeout=seconds)
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        teacher.service.dead = True
        if late and teacher.service.on_the_way:
            office.late.append(((room.clock.BEGAN + timedelta(seconds=20)).timestamp(), *teacher.service.on_the_way))
        room.stop.request()
        await asyncio.gather(reading, return_exceptions=True)

    (tmp_path / "first").mkdir()
    live(tmp_path / "first", teacher, story)
    assert live(tmp_path / "second", Patient(office), asked(*MANY)) == ANSWERS
    assert paid_once(office) and not office.late
    assert set(office.batches) <= {identifier for _, identifier, _, _ in states(tmp_path / "second")}
    assert spent_micro(tmp_path / "second") == office.bill_micro()
    assert not (tmp_path / "second" / "book.batches").exists()


def test_near_the_cap_batches_are_smaller_and_the_run_stops_before_it(tmp_path):
    office = Office()
    cap = (Cap("USD", 100 * 150),)

    async def story(room):
        with pytest.raises(OutOfBudget):
            await room.texts(*[f"n{number}" for number in range(700)])
        return room.ledger.totals()

    totals = live(tmp_path, Patient(office), story, caps=cap)
    sizes = [len(batch["lines"]) for batch in office.batches.values()]
    assert sizes[0] == 100 and sorted(sizes, reverse=True) == sizes and sum(sizes) == sum(office.paid.values()) > 500
    assert totals.total_micro("USD") == office.bill_micro() <= 100 * 150
    rest = live(tmp_path, Patient(office), asked(*[f"n{number}" for number in range(700)]))
    assert len(rest) == 700 and max(office.paid.values()) == 1


def test_who_sends_questions_alone_by_now_waits_for_those_that_lie_in_a_batch(tmp_path):
    office = Office()

    async def handed_in(room):
        reading = asyncio.create_task(room.texts(*MANY))
        await room.clock.sleep(30)
        room.stop.request()
        await asyncio.gather(reading, return_exceptions=True)

    live(tmp_path, Patient(office), handed_in)
    teacher = Patient(office, alone=True)
    assert live(tmp_path, teacher, asked(*MANY, "new")) == [*ANSWERS, "new!"]
    assert paid_once(office) and teacher.asked == {"new": 1}
    assert spent_micro(tmp_path) == office.bill_micro() + 50, "each at its own price"


def test_a_batch_of_which_nobody_wants_anything_is_collected_when_it_has_ended(tmp_path):
    office = Office()

    async def handed_in(room):
        reading = asyncio.create_task(room.texts(*MANY))
        await room.clock.sleep(30)
        room.stop.request()
        await asyncio.gather(reading, return_exceptions=True)

    live(tmp_path, Patient(office), handed_in)

    async def another(room):
        await room.texts("new")
        assert states(tmp_path)[0][0] == "open", "nobody waits for it"

    live(tmp_path, Patient(office), another)
    office.batches["batch-1"]["began"] -= 1000
    live(tmp_path, Patient(office), asked("newer"))
    assert [state for state, *_ in states(tmp_path)] == ["completed"] * 3 and paid_once(office, [*MANY, "new", "newer"])
    untouched = Office()
    assert live(tmp_path, Patient(untouched), asked(*MANY)) == ANSWERS and not untouched.batches


def test_teacher_and_judge_of_one_name_share_what_lies_at_the_service(tmp_path):
    office = Office()

    async def handed_in(room):
        reading = asyncio.create_task(room.texts("one", "two"))
        await room.clock.sleep(30)
        room.stop.request()
        await asyncio.gather(reading, return_exceptions=True)

    live(tmp_path, Patient(office), handed_in)

    async def both(room):
        judge = Ask(
            teacher=Patient(office), teacher_id="test:scripted", ledger=room.ledger, lane=room.lane, context=room.context,
            stop=room.stop, step="step", host="api.example.com", on_quarantine=lambda *_: None,
        )  # fmt: skip
        try:
            return await asyncio.gather(room.ask(request("one")), judge(request("two")), judge(request("three")))
        finally:
            await judge.close()

    assert [answer.message.text for answer in live(tmp_path, Patient(office), both)] == ["one!", "two!", "three!"]
    assert paid_once(office, ["one", "two", "three"]) and spent_micro(tmp_path) == office.bill_micro()


def test_whoever_stops_reading_leaves_the_batch_to_the_next_one(tmp_path):
    office = Office()

    async def story(room):
        each = room.ask.each(records(*MANY), question)
        reading = asyncio.create_task(anext(each))
        await room.clock.sleep(30)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await each.aclose()
        assert states(tmp_path)[0][:2] == ("open", "batch-1")
        return await room.texts(*MANY)

    assert live(tmp_path, Patient(office), story) == ANSWERS and paid_once(office)


def test_the_file_that_a_killed_process_has_left_goes_when_something_is_forgotten(tmp_path):
    live(tmp_path, Patient(Office()), asked("one"))
    left = tmp_path / "book.batches" / "0123.jsonl"
    left.parent.mkdir()
    left.write_text("a question that somebody wants forgotten")
    forget(tmp_path / "book.sqlite", [])
    assert not left.exists()
