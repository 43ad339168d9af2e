"""How a batch can end, and its handing in go wrong: what is kept, what is handed in again, and what stops the run."""

import asyncio
import sys
from pathlib import Path

import pytest
import seodang
from seodang.ledger.abandoning import abandon
from seodang.traffic.outage import Outage

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import BROKEN, MANY, TIMED_OUT, live, request, spent_micro, totals_of
from batch_office import ANSWERS, Office, Patient, asked, paid_once, states


def test_what_an_expired_batch_has_answered_is_kept_and_the_rest_is_handed_in_again(tmp_path):
    office = Office(fates=["expired", "expired"])
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS
    assert [len(batch["lines"]) for batch in office.batches.values()] == [300, 150, 75] and paid_once(office)
    assert [state for state, *_ in states(tmp_path)] == ["expired", "expired", "completed"]
    assert spent_micro(tmp_path) == office.bill_micro()


def test_a_batch_that_expires_without_an_answer_stops_the_run(tmp_path):
    office = Office(fates=["expired"])

    async def story(room):
        with pytest.raises(Outage) as caught:
            await room.texts("only one")
        return caught.value

    stopped = live(tmp_path, Patient(office), story)
    assert (stopped.code, stopped.exit_code) == ("asking.batch-expired", 6)
    assert spent_micro(tmp_path) == 0
    assert live(tmp_path, Patient(office), asked("only one")) == ["only one!"]


def test_a_batch_that_somebody_cancelled_is_not_handed_in_again_unasked(tmp_path):
    office = Office(fates=["cancelled"])

    async def story(room):
        with pytest.raises(Outage) as caught:
            await room.texts(*MANY)
        return caught.value

    stopped = live(tmp_path, Patient(office), story)
    assert stopped.code == "asking.batch-cancelled" and stopped.facts["answers"] == 150 and len(office.batches) == 1
    assert spent_micro(tmp_path) == office.bill_micro() == 150 * 25
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS and paid_once(office)


def test_a_line_that_is_missing_is_in_doubt_and_asked_once_more(tmp_path):
    office = Office(fates=["gap"])
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS
    assert [len(batch["lines"]) for batch in office.batches.values()] == [300, 1]
    assert totals_of(tmp_path).in_doubt == 1 and spent_micro(tmp_path) == office.bill_micro() + 150
    never = Office(fates=["gap", "gap"])

    async def story(room):
        return await room.texts("new", "q1"), room.set_aside

    came, set_aside = live(tmp_path, Patient(never), story)
    assert came == ["q1!"] and set_aside == [("new", "in-doubt", "")] and len(never.batches) == 2


def test_errors_of_single_lines_are_set_aside_or_tried_again_as_they_would_be_alone(tmp_path):
    office = Office(
        errors={
            "q1": [seodang.Refused("too rude", reason="content-filter", status=400)],
            "q2": [BROKEN],
            "q3": [BROKEN] * 9,
        }
    )

    async def story(room):
        return await room.texts(*MANY), room.set_aside

    came, set_aside = live(tmp_path, Patient(office), story)
    assert came == [answer for answer in ANSWERS if answer not in ("q1!", "q3!")]
    assert sorted(set_aside) == [("q1", "content-filter", "too rude"), ("q3", "http-500", "oops")]
    assert [len(batch["lines"]) for batch in office.batches.values()] == [300, 2, 1]
    assert totals_of(tmp_path).failures == {"content-filter": 1, "http-500": 1} and spent_micro(tmp_path) == office.bill_micro()
    later = Office()
    assert len(live(tmp_path, Patient(later), asked(*MANY))) == 298 and not later.batches, (
        "what failed is not asked again unasked"
    )


def test_a_quota_that_ends_within_a_batch_stops_the_run_after_what_was_answered_is_stored(tmp_path):
    office = Office(errors={"q7": [seodang.Exhausted("no money left", status=429)]})

    async def story(room):
        with pytest.raises(seodang.Exhausted):
            await room.texts(*MANY)

    live(tmp_path, Patient(office), story)
    assert totals_of(tmp_path).answers == 299
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS and paid_once(office)


def test_of_a_batch_that_is_turned_away_only_the_lines_at_fault_are_set_aside(tmp_path):
    office = Office(fates=["failed"], at_fault={"q5": "not a valid request"})

    async def story(room):
        return await room.texts(*MANY), room.set_aside

    came, set_aside = live(tmp_path, Patient(office), story)
    assert len(came) == 299 and set_aside == [("q5", "invalid-request", "not a valid request")]
    assert spent_micro(tmp_path) == office.bill_micro()


def test_a_batch_that_is_turned_away_as_a_whole_stops_the_run_and_costs_nothing(tmp_path):
    office = Office(fates=["failed"])

    async def story(room):
        with pytest.raises(Outage) as caught:
            await asyncio.gather(room.texts(*MANY), *(room.ask(request(f"alone {number}")) for number in range(3)))
        return caught.value

    stopped = live(tmp_path, Patient(office), story)
    assert (stopped.code, stopped.exit_code, stopped.facts["detail"]) == ("asking.batch-turned-away", 6, "turned away")
    assert spent_micro(tmp_path) == 0 and states(tmp_path) == [("failed", "batch-1", 303, 0)]
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS


def test_when_too_much_is_waiting_there_a_smaller_batch_is_handed_in_later(tmp_path):
    office = Office(fates=["crowded", "crowded"])

    async def story(room):
        reading = asyncio.create_task(room.texts(*MANY))
        await room.clock.sleep(130)
        said = room.ask.batches.status()
        return await reading, said

    came, said = live(tmp_path, Patient(office), story)
    assert came == ANSWERS and paid_once(office)
    assert [len(batch["lines"]) for batch in office.batches.values()] == [300, 150, 150, 150]
    assert said.startswith("api.example.com has too much waiting; next batch in "), said


@pytest.mark.parametrize("failure", [TIMED_OUT, BROKEN, seodang.Transient("slow down", throttled=True, status=429)])
def test_after_a_failure_the_list_is_asked_before_anything_is_handed_in_again(tmp_path, failure):
    for events in ([failure], [("late", failure)] if not failure.throttled else [failure, failure]):
        office = Office()
        office.submitting = list(events)
        place = tmp_path / str(len(events) + (type(events[0]) is tuple) * 5)
        place.mkdir()
        assert live(place, Patient(office), asked(*MANY)) == ANSWERS
        assert len(office.batches) == 1 and paid_once(office)


def test_a_service_that_is_away_for_a_while_takes_nothing_from_a_batch_it_has(tmp_path):
    office = Office()
    office.looking = [BROKEN] * 20
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS and len(office.batches) == 1
    office.looking = [BROKEN] * 99
    office.submitting = [BROKEN] * 99

    async def story(room):
        with pytest.raises(Outage) as caught:
            await room.texts("new")
        return caught.value

    assert live(tmp_path, Patient(office), story).code == "traffic.unanswered"


@pytest.mark.parametrize("error", [seodang.Unauthorized("wrong key", status=401), seodang.Refused("no such file", status=400)])
def test_a_wrong_key_stops_the_run_and_leaves_nothing_open(tmp_path, error):
    office = Office()
    office.submitting = [error]

    async def story(room):
        with pytest.raises(seodang.RemoteError) as caught:
            await room.texts(*MANY)
        return caught.value

    stopped = live(tmp_path, Patient(office), story)
    assert stopped.detail == error.detail
    assert states(tmp_path) == [("turned-away", "", 300, 0)] and spent_micro(tmp_path) == 0
    assert live(tmp_path, Patient(office), asked(*MANY)) == ANSWERS and paid_once(office)


def test_a_batch_that_the_service_does_not_know_any_more_stops_the_run_until_it_is_given_up(tmp_path):
    office = Office()

    async def handed_in(room):
        reading = asyncio.create_task(room.texts("one", "two"))
        await room.clock.sleep(30)
        room.stop.request()
        await asyncio.gather(reading, return_exceptions=True)

    live(tmp_path, Patient(office), handed_in)
    elsewhere = Office()

    async def story(room):
        with pytest.raises(Outage) as caught:
            await room.texts("one", "two")
        return caught.value

    assert live(tmp_path, Patient(elsewhere), story).code == "asking.batch-lost"
    assert not elsewhere.batches, "nothing is bought again as long as nobody says that it is lost"
    assert abandon(tmp_path / "book.sqlite", "batch-1") == 2
    assert live(tmp_path, Patient(elsewhere), asked("one", "two")) == ["one!", "two!"]
    assert spent_micro(tmp_path) == elsewhere.bill_micro() + 2 * 150, "what may have been paid for stays counted"
