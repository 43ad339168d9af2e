"""`context.ask.rounds` and `context.ask.together`: what is drawn, asked and given back, and when it ends."""

import asyncio
import sys
from pathlib import Path

import seodang
from seodang.ledger.book import Book
from seodang.testing import asking, make_context

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import Scripted, request


class Telling(seodang.Teacher):
    """Answers with the question and the number of the sample; refuses what contains "no"."""

    name = "telling"

    async def answer(self, request, context):
        text = request.messages[-1].text
        if "no" in text:
            raise seodang.Refused("not this", reason="refusal")
        return seodang.Answer(message=seodang.Message("assistant", f"{text} {request.sample}"))


def taken(place, texts, gain=lambda text: 1, records=(), **wanted):
    """Draws these texts in turn; gives what came of it, and the rounds."""
    context = make_context(place)
    left = iter(texts)
    found = []

    async def take():
        rounds = context.ask.rounds(lambda: seodang.Draw(request(next(left)), tuple(records)), **wanted)
        async for _, answer in rounds:
            said = answer.reason if isinstance(answer, seodang.Refused) else answer.message.text
            found.append(said)
            rounds.made += gain(said)
        return rounds

    with asking(context, Telling(), place):
        return found, asyncio.run(take())


def test_a_round_ends_before_the_next_is_drawn_and_what_it_brings_too_much_is_given(tmp_path):
    found, rounds = taken(tmp_path, "abcdef", wanted=5, per_round=2)
    assert found == ["a 0", "b 0", "c 0", "d 0", "e 0", "f 0"]
    assert (rounds.number, rounds.questions, rounds.made, rounds.ran_dry) == (3, 6, 6, False)


def test_no_round_asks_for_more_than_is_missing_where_a_question_brings_several(tmp_path):
    found, rounds = taken(tmp_path, "abcdef", gain=lambda text: 4, wanted=10, per_round=2, brings=4)
    assert found == ["a 0", "b 0", "c 0"] and rounds.made == 12


def test_what_is_drawn_again_is_another_sample(tmp_path):
    assert taken(tmp_path, "aabaab", wanted=6, per_round=3)[0] == ["a 0", "a 1", "b 0", "a 2", "a 3", "b 1"]


def test_rounds_that_bring_nothing_are_the_end_after_some_patience(tmp_path):
    found, rounds = taken(tmp_path, "abcdefgh", gain=lambda text: text == "c 0", wanted=5, per_round=1, patience=2)
    assert found == ["a 0", "b 0"] and rounds.ran_dry
    found, rounds = taken(tmp_path, "abcdefgh", gain=lambda text: text == "b 0", wanted=5, per_round=1, patience=2)
    assert found == ["a 0", "b 0", "c 0", "d 0"] and rounds.ran_dry


def test_a_refusal_stands_in_its_place_and_something_else_may_be_asked_instead(tmp_path):
    assert taken(tmp_path, ["a", "no", "c"], wanted=3, per_round=3)[0] == ["a 0", "refusal", "c 0"]

    def instead(asked, refused):
        assert refused.detail == "not this"
        return request("well") if asked.messages[-1].text == "no" else None

    assert taken(tmp_path, ["a", "no", "nowhere"] * 2, wanted=3, per_round=3, instead=instead)[0] == ["a 0", "well 0", "refusal"]


def test_a_question_is_found_by_every_record_that_it_shows(tmp_path):
    taken(tmp_path, "ab", records=("one", "two", "three"), wanted=2, per_round=2)
    with Book.open(tmp_path / "ledger.sqlite") as book:
        assert {sent.record for sent in book.sent()} == {"one"}
        keys = book.keys_of(["one"])
        assert len(keys) == 2 and book.keys_of(["two"]) == book.keys_of(["three"]) == keys
        assert book.keys_of(["four"]) == []


def test_several_at_once_come_in_the_order_of_the_questions(tmp_path):
    context = make_context(tmp_path)
    with asking(context, Scripted(), tmp_path):
        answers = asyncio.run(context.ask.together([request(text) for text in "cab"], records=["x", ("y", "z"), ""]))
    assert len(answers) == 3 and all(isinstance(answer, seodang.Answer) for answer in answers)
