import asyncio
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest
import seodang

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import Scripted, live, question, records, reply, request

MANY = [f"question {number}" for number in range(200)]


def test_answers_come_in_the_order_of_the_records_while_all_slots_are_used(tmp_path):
    teacher = Scripted(script={text: [0.2 + number % 7 / 10] for number, text in enumerate(MANY)})

    async def story(room):
        assert await room.texts(*MANY) == [f"{text}!" for text in MANY]

    live(tmp_path, teacher, story)
    assert teacher.most_under_way == 8
    assert set(teacher.asked.values()) == {1} and teacher.order[:8] == MANY[:8]


def test_a_second_run_asks_nothing_and_says_the_same(tmp_path):
    first = live(tmp_path, Scripted(), lambda room: room.each(*MANY))
    silent = Scripted()
    assert live(tmp_path, silent, lambda room: room.each(*MANY)) == first
    assert not silent.asked


def test_twenty_more_seeds_buy_twenty_answers_and_other_seeds_get_none_of_the_old(tmp_path):
    live(tmp_path, Scripted(), lambda room: room.each(*MANY))
    teacher = Scripted()
    more = [f"new {number}" for number in range(20)]
    assert live(tmp_path, teacher, lambda room: room.texts(*more, *MANY)) == [f"{text}!" for text in (*more, *MANY)]
    assert sorted(teacher.asked) == sorted(more)


def test_equal_questions_are_one_call_and_all_get_the_answer(tmp_path):
    teacher = Scripted()
    texts = live(tmp_path, teacher, lambda room: room.texts(*["same"] * 50, "other", "same"))
    assert texts == ["same!"] * 50 + ["other!", "same!"]
    assert teacher.asked == {"same": 1, "other": 1}


def test_a_slow_first_record_holds_nobody_up_and_memory_is_bounded(tmp_path):
    many = [f"q{number}" for number in range(1_500)]
    teacher = Scripted(msgspec.convert({"in_flight": 16}, Scripted.Options), script={"q0": [1000.0]}, latency=0.1)
    read = []

    async def told():
        for text in many:
            read.append(text)
            yield seodang.single_turn(text)

    async def story(room):
        each = room.ask.each(told(), question)
        first = asyncio.create_task(each.__anext__())
        await room.clock.sleep(500)
        assert not first.done()
        assert sum(teacher.answered.values()) == 1_023, "all others that the window holds are answered"
        assert len(read) == 1_024, "and nothing is read beyond it"
        record, _ = await first
        assert record.question == "q0"
        assert [record.question async for record, _ in each] == many[1:]

    live(tmp_path, teacher, story)


def test_a_slow_reader_of_answers_lets_the_window_fill_and_no_more(tmp_path):
    async def story(room):
        read = 0

        async def told():
            nonlocal read
            for number in range(3_000):
                read += 1
                yield seodang.single_turn(f"{number % 50}")

        each = room.ask.each(told(), question)
        await each.__anext__()
        await room.clock.sleep(100)
        assert read <= 1_025
        await each.aclose()

    live(tmp_path, Scripted(), story)


def test_a_source_that_waits_does_not_hold_back_answers(tmp_path):
    async def story(room):
        async def told():
            yield seodang.single_turn("early")
            await room.clock.sleep(50)
            yield seodang.single_turn("late")

        came = [(record.question, room.clock.monotonic()) async for record, _ in room.ask.each(told(), question)]
        assert [text for text, _ in came] == ["early", "late"]
        assert came[0][1] < 5 and came[1][1] >= 50

    live(tmp_path, Scripted(), story)


def test_one_each_may_be_the_source_of_another(tmp_path):
    async def story(room):
        async def drafts():
            async for record, answer in room.ask.each(records(*MANY), question):
                yield msgspec.structs.replace(record, messages=(seodang.Message("user", answer.message.text),))

        return [answer.message.text async for _, answer in room.ask.each(drafts(), question)]

    assert live(tmp_path, Scripted(), story) == [f"{text}!!" for text in MANY]


def test_what_did_not_end_well_is_quarantined_with_its_reason_in_order(tmp_path):
    script = {
        "cut": [reply("It goes on and", finish="length")],
        "filtered": [reply("", finish="content_filter")],
        "refusal": [reply("I cannot", finish="refusal")],
        "empty": [reply("  \n")],
        "garbled": [b"<html>502</html>"],
        "forbidden": [seodang.Refused("policy", reason="http-400", status=400)],
        "broken": [seodang.Transient("oops", status=500)] * 8,
    }

    async def story(room):
        assert await room.texts("a", *script, "b") == ["a!", "b!"]
        return room.set_aside

    set_aside = live(tmp_path, Scripted(script=script), story)
    assert [code for _, code, _ in set_aside] == [
        "length", "content_filter", "refusal", "empty", "bad-answer", "http-400", "http-500",
    ]  # fmt: skip
    assert [text for text, _, _ in set_aside] == list(script)
    assert set_aside[0][2] == "It goes on and" and set_aside[5][2] == "policy"
    assert set_aside[4][2].startswith("DecodeError")

    again = Scripted()
    assert live(tmp_path, again, story) == set_aside, "all of it is replayed for nothing"
    assert not again.asked


def test_a_lesson_may_accept_what_would_be_quarantined(tmp_path):
    teacher = Scripted(script={"cut": [reply("half", finish="length")], "empty": [reply("")]})

    async def story(room):
        came = await room.each("cut", "empty", "good", accept=("stop", "length", "empty"))
        assert [(answer.finish, answer.message.text) for _, answer in came] == [
            ("length", "half"),
            ("empty", ""),
            ("stop", "good!"),
        ]
        assert not room.set_aside

    live(tmp_path, teacher, story)


def test_a_mended_teacher_reads_for_nothing_what_a_broken_one_could_not(tmp_path):
    class Broken(Scripted):
        def read(self, reply):
            raise KeyError("choices")

    async def story(room):
        assert await room.texts("a", "b") == []
        return room.set_aside

    assert [code for _, code, _ in live(tmp_path, Broken(), story)] == ["bad-answer"] * 2
    mended = Scripted()
    assert live(tmp_path, mended, lambda room: room.texts("a", "b")) == ["a!", "b!"]
    assert not mended.asked


def test_a_coroutine_may_ask_several_questions_for_a_record_and_give_anything(tmp_path):
    async def story(room):
        async def twice(record):
            answer = await room.ask(request(f"{record.question}?"), record=record.id)
            better = await room.ask(request(f"improve {answer.message.text}"), record=record.id)
            return None if record.question == "q3" else better.message.text

        came = await room.each(*[f"q{number}" for number in range(30)], request_of=twice)
        assert came == [(f"q{number}", None if number == 3 else f"improve q{number}?!!") for number in range(30)]

    teacher = Scripted()
    live(tmp_path, teacher, story)
    assert teacher.most_under_way == 8 and sum(teacher.asked.values()) == 60


def test_a_refusal_inside_a_coroutine_quarantines_its_record(tmp_path):
    teacher = Scripted(script={"q1?": [seodang.Refused("no", reason="http-413")]})

    async def story(room):
        async def ask(record):
            return (await room.ask(request(f"{record.question}?"))).message.text

        assert await room.each("q0", "q1", "q2", request_of=ask) == [("q0", "q0?!"), ("q2", "q2?!")]
        assert room.set_aside == [("q1", "http-413", "no")]

    live(tmp_path, teacher, story)


def test_a_mistake_in_a_lesson_names_the_record_and_loses_no_answer(tmp_path):
    teacher = Scripted(script={"q5": [60.0]})

    async def story(room):
        async def ask(record):
            if record.question == "q7":
                raise KeyError("tags")
            return (await room.ask(request(record.question))).message.text

        with pytest.raises(KeyError) as caught:
            await room.each(*[f"q{number}" for number in range(8)], request_of=ask)
        assert caught.value.__notes__ == ["step step, record id-q7"]
        totals = room.ledger.totals()
        assert totals.answers == sum(teacher.answered.values()) == totals.requests
        assert teacher.answered["q5"] == 1, "what was under way is waited for"

    live(tmp_path, teacher, story)


def test_an_error_of_the_source_comes_after_the_answers_before_it(tmp_path):
    async def story(room):
        async def torn():
            for number in range(5):
                yield seodang.single_turn(f"q{number}")
            raise seodang.DataError("files.io", path="part-00001.jsonl")

        came = []
        with pytest.raises(seodang.DataError):
            async for record, _ in room.ask.each(torn(), question):
                came.append(record.question)
        assert came == [f"q{number}" for number in range(5)]

    live(tmp_path, Scripted(), story)


def test_a_request_that_is_none_says_what_it_should_be(tmp_path):
    async def story(room):
        with pytest.raises(TypeError, match=r"must return a seodang\.Request.*, not str"):
            await room.each("a", request_of=lambda record: record.question)

    live(tmp_path, Scripted(), story)


def test_a_lone_surrogate_is_one_quarantined_record(tmp_path):
    async def story(room):
        assert await room.texts("good", "bad \ud800", "fine") == ["good!", "fine!"]
        assert [code for _, code, _ in room.set_aside] == ["encoding"]

    live(tmp_path, Scripted(), story)


def test_whoever_stops_reading_early_leaves_nothing_behind_and_loses_nothing(tmp_path):
    teacher = Scripted()

    async def story(room):
        each = room.ask.each(records(*MANY), question)
        async for record, _ in each:
            if record.question == MANY[20]:
                break
        await each.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        totals = room.ledger.totals()
        assert totals.answers == totals.requests == sum(teacher.asked.values()) == sum(teacher.answered.values())
        assert 21 <= totals.answers < 60
        with pytest.raises(StopAsyncIteration):
            await each.__anext__()

    live(tmp_path, teacher, story)


def test_a_cancelled_reader_leaves_nothing_behind_and_loses_nothing(tmp_path):
    teacher = Scripted()

    async def story(room):
        reading = asyncio.create_task(room.each(*MANY))
        await room.clock.sleep(0.5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        totals = room.ledger.totals()
        assert totals.answers == totals.requests - totals.unpaid == sum(teacher.answered.values()) > 0

    live(tmp_path, teacher, story)


def test_an_each_that_nobody_closes_is_closed_with_its_ask(tmp_path):
    async def story(room):
        each = room.ask.each(records(*MANY), question)
        await each.__anext__()
        await room.ask.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    live(tmp_path, Scripted(), story)


def test_a_plain_answer_runs_in_a_thread_and_all_slots_are_used(tmp_path):
    class Sleeper(seodang.Teacher):
        name = "sleeper"

        class Options(seodang.Teacher.Options, frozen=True, kw_only=True):
            in_flight: int = 24

        threads = set()
        together = threading.Barrier(24, timeout=20)

        def answer(self, request, context):
            self.threads.add(threading.get_ident())
            self.together.wait()
            time.sleep(0.001)
            return seodang.Answer(message=seodang.Message("assistant", request.messages[0].text + "!"))

    texts = live(tmp_path, Sleeper(), lambda room: room.texts(*MANY[:48]))
    assert texts == [f"{text}!" for text in MANY[:48]]
    assert len(Sleeper.threads) == 24 and threading.get_ident() not in Sleeper.threads


def test_an_answer_that_is_no_reply_is_stored_as_it_is_and_read_without_the_teacher(tmp_path):
    class Plain(Scripted):
        async def answer(self, request, context):
            self.asked[request.messages[-1].text] += 1
            message = seodang.Message("assistant", "네", thinking="흠", calls=(seodang.Call("1", "search", "{}"),))
            return seodang.Answer(message=message, finish="tool_calls", model="m-1", usage=seodang.Usage(1, 2))

        def read(self, reply):
            raise AssertionError("an Answer needs no reading")

    first = live(tmp_path, Plain(), lambda room: room.each("a"))
    assert first[0][1].message.calls[0].name == "search"
    again = Plain()
    assert live(tmp_path, again, lambda room: room.each("a")) == first and not again.asked


def test_what_each_gives_is_not_judged_when_a_coroutine_made_it(tmp_path):
    teacher = Scripted(script={"a": [reply("half", finish="length")]})

    async def story(room):
        async def ask(record):
            return await room.ask(request(record.question))

        ((_, answer),) = await room.each("a", request_of=ask)
        assert answer.finish == "length" and not room.set_aside

    live(tmp_path, teacher, story)


def test_a_record_for_which_nothing_is_asked_keeps_its_place(tmp_path):
    async def story(room):
        def only_b(record):
            return question(record) if record.question == "b" else None

        came = await room.each("a", "b", "c", request_of=only_b)
        assert [(text, answer and answer.message.text) for text, answer in came] == [("a", None), ("b", "b!"), ("c", None)]

    live(tmp_path, Scripted(), story)
