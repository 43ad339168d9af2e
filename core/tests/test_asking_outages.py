import asyncio
import random
import sys
from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.ledger.asking_again import retry
from seodang.ledger.book import Book
from seodang.traffic.outage import Outage

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import (
    BROKEN,
    GONE,
    MANY,
    THROTTLED,
    TIMED_OUT,
    WRONG_KEY,
    Scripted,
    live,
    question,
    records,
    reply,
    spent_micro,
    stopped,
    wide,
)


def test_honest_faults_cost_some_time_and_no_row(tmp_path):
    chance = random.Random(5)

    def serve(teacher):
        drawn = chance.random()
        return THROTTLED if drawn < 0.10 else BROKEN if drawn < 0.12 else 0.2

    teacher = wide(default=serve)

    async def story(room):
        assert await room.texts(*MANY, *[f"more {text}" for text in MANY]) == [
            f"{text}!" for text in (*MANY, *[f"more {text}" for text in MANY])
        ]
        assert not room.set_aside and room.lane.limit.now >= 32
        return room.clock.monotonic(), room.ledger.totals()

    seconds, totals = live(tmp_path, teacher, story)
    assert sum(teacher.asked.values()) <= 600 * 1.2
    assert totals.answers == 600 and totals.unpaid == sum(teacher.asked.values()) - 600 and totals.in_doubt == 0
    assert seconds < 12


def test_nobody_rests_in_a_slot(tmp_path):
    teacher = Scripted(
        msgspec.convert({"in_flight": 1}, Scripted.Options), script={"q0": [seodang.Transient("later", retry_after=60)]}
    )

    async def story(room):
        each = room.ask.each(records(*MANY[:20]), question)
        first = asyncio.create_task(each.__anext__())
        await room.clock.sleep(30)
        assert sum(teacher.answered.values()) == 19, "all others were answered while the first rests"
        await first
        assert 60 <= room.clock.monotonic() <= 90
        await each.aclose()

    live(tmp_path, teacher, story)


def test_rows_are_read_ahead_while_all_that_were_asked_rest(tmp_path):
    teacher = Scripted(script={text: [seodang.Transient("later", status=500, retry_after=100)] for text in MANY[:16]})

    async def story(room):
        each = room.ask.each(records(*MANY), question)
        first = asyncio.create_task(each.__anext__())
        await room.clock.sleep(60)
        assert len(teacher.asked) == 300
        await first
        await each.aclose()

    live(tmp_path, teacher, story)


def test_a_service_that_was_never_there_stops_the_run_at_once(tmp_path, monkeypatch):
    teacher = wide(default=GONE, latency=0.001)
    error, came = live(tmp_path, teacher, lambda room: stopped(room, Outage, *MANY))
    assert not came and error.exit_code == 6 and isinstance(error, seodang.RemoteError)
    assert sum(teacher.asked.values()) <= 84
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == (
        "api.example.com cannot be reached: 20 connections in a row failed and none ever succeeded (connection refused). Check "
        "the address (base_url), the network and the proxy, then run the same command again."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == (
        "api.example.com에 연결할 수 없습니다. 20번 연속 실패했고 한 번도 연결되지 않았습니다(connection refused). "
        "주소(base_url)와 네트워크, 프록시를 확인한 뒤 같은 명령을 다시 실행하세요."
    )
    again = wide()
    assert live(tmp_path, again, lambda room: room.texts(*MANY)) == [f"{text}!" for text in MANY]


def test_one_question_alone_that_finds_nobody_stops_the_run_and_is_not_set_aside(tmp_path, monkeypatch):
    teacher = Scripted(default=GONE, latency=0.001)
    error, _ = live(tmp_path, teacher, lambda room: stopped(room, Outage, "only"))
    assert teacher.asked["only"] == 8
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == (
        "api.example.com did not answer: one request failed 8 times and no other was answered meanwhile (connection refused). "
        "Everything received is stored. Run the same command again later to continue from there."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == (
        "api.example.com이 응답하지 않습니다. 한 요청이 8번 실패하는 동안 다른 요청도 답을 받지 못했습니다(connection refused). "
        "받은 답은 모두 저장되어 있습니다. 나중에 같은 명령을 다시 실행하면 이어서 진행합니다."
    )
    assert live(tmp_path, Scripted(), lambda room: room.texts("only")) == ["only!"]


def test_an_outage_later_stops_the_run_after_three_probes_and_keeps_what_came(tmp_path, monkeypatch):
    def serve(teacher):
        return 0.2 if sum(teacher.asked.values()) <= 100 else seodang.Transient("bad gateway", status=502)

    teacher = wide(default=serve)

    async def story(room):
        error, came = await stopped(room, Outage, *MANY)
        return error, came, room.ledger.totals(), room.clock.monotonic()

    error, _, totals, seconds = live(tmp_path, teacher, story)
    assert totals.answers == 100 and 210 <= seconds <= 225
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == (
        "api.example.com stopped answering: 3 attempts to find it again failed, the last with bad gateway. Everything received "
        "is stored. Run the same command again later to continue from there."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == (
        "api.example.com이 더 이상 응답하지 않습니다. 3번 다시 시도했지만 실패했고, 마지막 오류는 다음과 같습니다: bad gateway. "
        "받은 답은 모두 저장되어 있습니다. 나중에 같은 명령을 다시 실행하면 이어서 진행합니다."
    )
    again = wide()
    live(tmp_path, again, lambda room: room.texts(*MANY))
    assert sum(again.asked.values()) == 200


def test_an_outage_that_ends_costs_no_row(tmp_path):
    async def story(room):
        def serve(teacher):
            return GONE if 0.3 < room.clock.monotonic() < 80 else 0.2

        room.teacher.default = serve
        assert await room.texts(*MANY) == [f"{text}!" for text in MANY]
        assert not room.set_aside and room.clock.monotonic() < 120

    live(tmp_path, wide(), story)


def test_a_throttled_service_with_days_of_patience_says_when_to_come_back(tmp_path, monkeypatch):
    teacher = wide(default=seodang.Transient("quota per week", throttled=True, retry_after=2 * 86_400.0, status=429))
    error, _ = live(tmp_path, teacher, lambda room: stopped(room, Outage, *MANY))
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == (
        "api.example.com asks to wait 48 hours: quota per week. Everything received is stored. Run the same command again then "
        "to continue from there."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == (
        "api.example.com이 48시간을 기다리라고 합니다: quota per week. 받은 답은 모두 저장되어 있습니다. 그 뒤에 같은 명령을 "
        "다시 실행하면 이어서 진행합니다."
    )


def test_a_wrong_key_stops_the_run_at_its_first_answer(tmp_path):
    teacher = wide(default=WRONG_KEY)
    error, _ = live(tmp_path, teacher, lambda room: stopped(room, seodang.Unauthorized, *MANY))
    assert error.exit_code == 5 and sum(teacher.asked.values()) <= 64


def test_a_key_that_is_revoked_on_the_way_stops_the_run_at_the_fifth_in_a_row(tmp_path):
    teacher = Scripted(default=lambda teacher: WRONG_KEY if sum(teacher.asked.values()) > 50 else 0.2)

    async def story(room):
        await stopped(room, seodang.Unauthorized, *MANY)
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.answers == 50 and totals.failures == {}
    assert 55 <= sum(teacher.asked.values()) <= 63


def test_one_question_that_is_forbidden_among_others_is_set_aside(tmp_path):
    teacher = Scripted(script={"q30": [seodang.Unauthorized("not for you", status=403)] * 99})

    async def story(room):
        assert len(await room.texts(*MANY)) == 299
        assert room.set_aside == [("q30", "unauthorized", "not for you")]

    live(tmp_path, teacher, story)
    assert teacher.asked["q30"] == 2


@pytest.mark.parametrize("error", [seodang.Exhausted("pay first", status=402), seodang.MissingSecret("env:KEY")])
def test_what_makes_going_on_senseless_stops_the_run_and_keeps_what_is_under_way(tmp_path, error):
    teacher = Scripted(script={"q10": [error], "q9": [5.0]})

    async def story(room):
        met, _ = await stopped(room, type(error), *MANY)
        assert met is error

    live(tmp_path, teacher, story)
    with Book.open(tmp_path / "book.sqlite") as book:
        totals = book.totals(run="r")
    assert teacher.answered["q9"] == 1, "what was under way is waited for and stored"
    assert totals.answers == sum(teacher.answered.values()) < 30
    assert totals.requests == totals.answers + totals.unpaid, "what was entered and not sent is not paid either"
    assert sum(teacher.asked.values()) == totals.answers + 1


def test_a_final_failure_is_replayed_until_somebody_retries_it(tmp_path):
    teacher = Scripted(script={"bad": [BROKEN] * 8})

    async def story(room):
        return await room.texts("good", "bad"), room.set_aside

    assert live(tmp_path, teacher, story) == (["good!"], [("bad", "http-500", "oops")])
    assert teacher.asked == {"good": 1, "bad": 8}
    again = Scripted()
    assert live(tmp_path, again, story) == (["good!"], [("bad", "http-500", "oops")]) and not again.asked
    assert retry(tmp_path / "book.sqlite", run="r", reasons=["http-500"]) == 1
    assert live(tmp_path, again, story) == (["good!", "bad!"], []) and again.asked == {"bad": 1}


def test_a_service_that_swallows_everything_sets_no_row_aside(tmp_path):
    teacher = wide(default=TIMED_OUT, latency=600)

    async def story(room):
        await stopped(room, Outage, *MANY)

    live(tmp_path, teacher, story)
    with Book.open(tmp_path / "book.sqlite") as book:  # closed: what was taken back without being sent is entered by now
        totals = book.totals(run="r")
    assert totals.failures == {} and totals.in_doubt == sum(teacher.asked.values()) <= 64 + 20 + 3
    assert totals.requests == totals.in_doubt + totals.unpaid


def test_a_mistake_of_the_teacher_at_the_first_question_stops_the_run_and_says_where(tmp_path):
    teacher = Scripted(default=ZeroDivisionError("oops"))
    error, _ = live(tmp_path, teacher, lambda room: stopped(room, ZeroDivisionError, *MANY))
    assert error.__notes__[0].startswith("step step, api.example.com, record id-q")


def test_a_mistake_of_the_teacher_at_one_question_of_many_costs_one_row(tmp_path):
    teacher = Scripted(script={"q20": [KeyError("choices")] * 9}, default=0.2)

    async def story(room):
        assert len(await room.texts(*MANY)) == 299
        assert room.set_aside == [("q20", "plugin-error", "KeyError: 'choices'")]
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert teacher.asked["q20"] == 1, "it may have been paid for"
    assert totals.in_doubt == 1


def test_a_teacher_that_breaks_for_good_stops_the_run(tmp_path):
    teacher = Scripted(default=lambda teacher: KeyError("choices") if sum(teacher.asked.values()) > 50 else 0.2)

    async def story(room):
        with pytest.raises(KeyError):
            await room.texts(*MANY)
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.answers == 50 and sum(totals.failures.values()) <= 12


def test_an_error_for_a_person_from_the_teacher_stops_the_run_as_it_is(tmp_path):
    class NoSuchModel(seodang.RemoteError):
        message_code = "remote.error"

    error = NoSuchModel("no model gpt-9", status=404)

    async def story(room):
        met, _ = await stopped(room, NoSuchModel, *MANY)
        assert met is error
        return room.ledger.totals()

    totals = live(tmp_path, wide(default=error), story)
    assert totals.unpaid == totals.requests and spent_micro(tmp_path) == 0


def test_twelve_seconds_of_nothing_but_429s_are_not_the_fault_of_a_row(tmp_path):
    async def story(room):
        def serve(teacher):
            return THROTTLED if room.clock.monotonic() < 12 else 0.2

        room.teacher.default = serve
        assert await room.texts(*MANY[:20]) == [f"{text}!" for text in MANY[:20]]
        assert not room.set_aside

    live(tmp_path, wide(4), story)


def test_what_the_other_side_said_is_kept_short(tmp_path):
    teacher = Scripted(
        script={"q1": [seodang.Refused("x" * 10_000, reason="http-400")], "q2": [reply("y" * 10_000, finish="length")]}
    )

    async def story(room):
        await room.texts("q1", "q2")
        assert [(code, len(detail)) for _, code, detail in room.set_aside] == [("http-400", 500), ("length", 200)]

    live(tmp_path, teacher, story)
