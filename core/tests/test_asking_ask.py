import asyncio
import sys
from pathlib import Path

import pytest
import seodang

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import Scripted, live, question, records, reply, request, spent_micro


def test_ask_gives_every_paid_answer_however_it_ended(tmp_path):
    teacher = Scripted(script={"cut": [reply("half", finish="length")], "empty": [reply("")]})

    async def story(room):
        assert (await room.ask(request("cut"))).finish == "length"
        assert (await room.ask(request("empty"))).message.text == ""
        assert (await room.ask(request("cut"))).message.text == "half"
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert totals.requests == totals.answers == 2
    assert teacher.asked == {"cut": 1, "empty": 1}


def test_the_ledger_knows_what_was_sent_where_for_which_record_and_what_it_cost(tmp_path):
    from seodang.ledger.book import Book

    teacher = Scripted(script={"unknown": [reply("?", usage=None)], "garbled": [b"{"]})

    async def story(room):
        await room.ask(request("known"), record="r-1")
        await room.ask(request("unknown", max_tokens=50), record="r-2")
        with pytest.raises(seodang.Refused) as refused:
            await room.ask(request("garbled"), record="r-3")
        assert refused.value.reason == "bad-answer"

    live(tmp_path, teacher, story)
    book = Book.open(tmp_path / "book.sqlite")
    sent = list(book.sent())
    assert [(one.record, one.teacher, one.host, one.step) for one in sent] == [
        (record, "test:scripted", "api.example.com", "step") for record in ("r-1", "r-2", "r-3")
    ]
    assert [(one.worst_micro, one.cost_micro) for one in sent] == [(300, 50), (200, None), (300, None)]
    totals = book.totals()
    assert totals.finishes == {"stop": 2, "bad-answer": 1}
    assert (totals.input_tokens, totals.output_tokens) == (10, 20)
    assert spent_micro(tmp_path) == 50 + 200 + 300, "without usage the worst case is kept"
    book.close()


def test_a_price_that_is_not_known_is_refused_unless_it_was_allowed(tmp_path, monkeypatch):
    class Unpriced(Scripted):
        def price(self):
            return None

    with pytest.raises(seodang.StepError) as refused:
        live(tmp_path, Unpriced(), lambda room: None)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(refused.value) == (
        "step: the price of test:scripted is not known, so no budget can be kept. Set input_price and output_price (per million "
        "tokens), or allow it with --allow-unknown-price."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(refused.value) == (
        "step: test:scripted의 가격을 알 수 없어 예산을 지킬 수 없습니다. input_price와 output_price(백만 토큰당 가격)를 "
        "설정하거나 --allow-unknown-price로 허용하세요."
    )

    async def story(room):
        await room.ask(request("a"))
        return room.ledger.totals()

    totals = live(tmp_path, Unpriced(), story, allow_unknown_price=True, name="other.sqlite")
    assert totals.answers == 1 and spent_micro(tmp_path, "other.sqlite") == 0


def test_equal_questions_asked_together_are_one_call_for_ask_and_each(tmp_path):
    teacher = Scripted()

    async def story(room):
        together = asyncio.gather(*(room.ask(request("same")) for _ in range(20)), room.each("same", "same", "other"))
        *answers, rows = await together
        assert {answer.message.text for answer in answers} == {"same!"} and len(rows) == 3

    live(tmp_path, teacher, story)
    assert teacher.asked == {"same": 1, "other": 1}


def test_whoever_is_cancelled_takes_no_answer_from_another(tmp_path):
    teacher = Scripted()

    async def story(room):
        first = asyncio.create_task(room.ask(request("same")))
        await room.clock.sleep(0.1)
        second = asyncio.create_task(room.ask(request("same")))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).message.text == "same!"
        with pytest.raises(asyncio.CancelledError):
            await first

    live(tmp_path, teacher, story)
    assert teacher.asked == {"same": 1}


def test_a_cancelled_question_that_was_sent_is_stored_and_one_that_was_not_is_never_sent(tmp_path):
    teacher = Scripted()

    async def story(room):
        tasks = [asyncio.create_task(room.ask(request(f"q{number}"))) for number in range(12)]
        await room.clock.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks)
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert sorted(teacher.answered) == sorted(f"q{number}" for number in range(8))
    assert totals.answers == totals.requests - totals.unpaid == 8 and totals.in_doubt == 0
    again = Scripted()
    live(tmp_path, again, lambda room: room.each(*[f"q{number}" for number in range(12)]))
    assert sorted(again.asked) == ["q10", "q11", "q8", "q9"]


def test_a_failing_sibling_costs_nobody_his_answer(tmp_path):
    teacher = Scripted(script={"bad": [seodang.Refused("no")], "slow": [3.0]})

    async def story(room):
        with pytest.raises(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(room.ask(request("slow")))
                group.create_task(room.ask(request("bad")))
        return room.ledger.totals()

    assert live(tmp_path, teacher, story).answers == 1
    assert teacher.answered["slow"] == 1


class Choir(Scripted):
    """Answers in groups of four."""

    group = 4

    def __init__(self, *arguments, refuses=(), breaks=(), **wishes):
        super().__init__(*arguments, **wishes)
        self.groups = []
        self.refuses = set(refuses)
        self.breaks = list(breaks)

    async def answer_many(self, requests, context):
        questions = [request.messages[-1].text for request in requests]
        self.groups.append(questions)
        self.asked.update(questions)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await context.clock.sleep(self.latency)
        self.under_way -= 1
        if self.breaks:
            raise self.breaks.pop(0)
        if self.refuses & set(questions):
            raise seodang.Refused("not this", reason="http-400")
        return [seodang.Answer(message=seodang.Message("assistant", f"{text}!")) for text in questions]


def numbers(first, last):
    return [f"q{number}" for number in range(first, last)]


def test_groups_are_formed_in_the_order_of_the_questions(tmp_path):
    teacher = Choir()
    assert live(tmp_path, teacher, lambda room: room.texts(*numbers(0, 30))) == [f"{text}!" for text in numbers(0, 30)]
    assert teacher.groups == [numbers(start, min(start + 4, 30)) for start in range(0, 30, 4)]
    assert teacher.most_under_way == 2, "eight questions in flight are two groups"


def test_questions_of_a_round_fall_into_the_same_groups(tmp_path):
    teacher = Choir()

    async def story(room):
        await asyncio.gather(*(room.ask(request(text)) for text in numbers(0, 10)))

    live(tmp_path, teacher, story)
    assert teacher.groups == [numbers(0, 4), numbers(4, 8), numbers(8, 10)]


def test_what_the_ledger_has_takes_no_place_in_a_group(tmp_path):
    live(tmp_path, Choir(), lambda room: room.each("q1", "q4"))
    teacher = Choir()
    assert live(tmp_path, teacher, lambda room: room.texts(*numbers(0, 8))) == [f"{text}!" for text in numbers(0, 8)]
    assert teacher.groups == [["q0", "q2", "q3", "q5"], ["q6", "q7"]]


def test_a_group_that_fails_is_asked_one_by_one_and_one_question_is_to_blame(tmp_path):
    teacher = Choir(refuses=["q5"])

    async def story(room):
        assert await room.texts(*numbers(0, 8)) == [f"{text}!" for text in numbers(0, 8) if text != "q5"]
        assert room.set_aside == [("q5", "http-400", "not this")]
        return room.ledger.totals()

    totals = live(tmp_path, teacher, story)
    assert sorted(teacher.groups) == sorted([numbers(0, 4), numbers(4, 8), ["q4"], ["q5"], ["q6"], ["q7"]])
    assert totals.answers == 7 and totals.unpaid == 5


def test_a_group_may_refuse_one_question_and_answer_the_others(tmp_path):
    class Choosy(Choir):
        async def answer_many(self, requests, context):
            refused = seodang.Refused("too long for me", reason="too-long")
            answers = await super().answer_many(requests, context)
            return [refused if answer.message.text == "q5!" else answer for answer in answers]

    async def story(room):
        assert await room.texts(*numbers(0, 9)) == [f"{text}!" for text in numbers(0, 9) if text != "q5"]
        assert room.set_aside == [("q5", "too-long", "too long for me")]
        return room.ledger.totals()

    teacher = Choosy()
    totals = live(tmp_path, teacher, story)
    assert teacher.groups == [numbers(0, 4), numbers(4, 8), numbers(8, 9)], "nobody was asked again for it"
    assert totals.answers == 8 and totals.unpaid == 1
    teacher = Choosy()
    assert live(tmp_path, teacher, lambda room: room.texts("q5")) == [] and not teacher.groups, "the ledger knows it"


def test_a_group_is_asked_whole_again_when_the_service_was_away(tmp_path):
    teacher = Choir(breaks=[seodang.Transient("gone"), seodang.Transient("wait", throttled=True, retry_after=1, status=429)])
    assert live(tmp_path, teacher, lambda room: room.texts(*numbers(0, 4))) == [f"{text}!" for text in numbers(0, 4)]
    assert teacher.groups == [numbers(0, 4)] * 3


def test_a_teacher_that_returns_too_few_answers_is_named(tmp_path, monkeypatch):
    class Forgetful(Choir):
        async def answer_many(self, requests, context):
            return (await super().answer_many(requests, context))[:-1]

    async def story(room):
        with pytest.raises(seodang.SeodangError) as named:
            await room.each(*numbers(0, 8))
        return named.value, room.ledger.totals()

    error, totals = live(tmp_path, Forgetful(), story)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert str(error) == (
        "test:scripted: answer_many() was given 4 and returned 3. It must return one for each, in their order; the plugin has "
        "to be corrected."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert str(error) == (
        "test:scripted: answer_many()에 4개를 주었는데 3개를 돌려받았습니다. 순서대로 하나씩 돌려주도록 플러그인을 고쳐야 합니다."
    )
    assert totals.in_doubt == totals.requests, "nobody knows whether these were paid for"


def test_a_cancelled_question_leaves_the_group_that_is_forming(tmp_path):
    teacher = Choir()

    async def story(room):
        first = asyncio.create_task(room.ask(request("q0")))
        second = asyncio.create_task(room.ask(request("q1")))
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert first.cancelled()

    live(tmp_path, teacher, story)
    assert teacher.groups == [["q1"]]


def test_an_answer_that_is_none_stops_the_run_and_says_what_it_should_be(tmp_path):
    class Careless(Scripted):
        async def answer(self, request, context):
            return "just a text"

    async def story(room):
        with pytest.raises(TypeError, match=r"answer\(\) must return seodang\.Answer or seodang\.Reply, not str"):
            await room.each("a")

    live(tmp_path, Careless(), story)


def test_asking_goes_on_after_an_each_that_was_left_early(tmp_path):
    teacher = Scripted()

    async def story(room):
        each = room.ask.each(records(*numbers(0, 50)), question)
        await each.__anext__()
        await each.aclose()
        assert (await room.ask(request("q49"))).message.text == "q49!"
        assert await room.texts(*numbers(0, 50)) == [f"{text}!" for text in numbers(0, 50)]

    live(tmp_path, teacher, story)
    assert set(teacher.asked.values()) == {1}
