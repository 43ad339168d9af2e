"""Answers that were to be JSON of a certain shape, and are not: paid, stored, set aside with what is wrong, never bought again."""

import sys
from pathlib import Path

import pytest
import seodang
from seodang.asking.shapes import flaw
from seodang.ledger.asking_again import retry
from seodang.ledger.book import Book
from seodang.ledger.changes import Changes

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import Scripted, live, reply, request

SCHEMA = {
    "type": "object",
    "properties": {
        "label": {"enum": ["긍정", "부정"]},
        "score": {"type": "integer", "minimum": 1, "maximum": 5},
        "why": {"type": ["string", "null"], "minLength": 2},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "maxItems": 2},
        "choice": {"anyOf": [{"const": "a"}, {"type": "number"}]},
    },
    "required": ["label"],
    "additionalProperties": False,
    "$defs": {"part": {"type": "string"}},
}


@pytest.mark.parametrize(
    ("text", "code", "wrong"),
    [
        ('{"label": "긍정"}', "", ""),
        ('```json\n{"label": "부정", "score": 5, "why": null, "parts": ["a", "b"], "choice": 1.5}\n```\n', "", ""),
        ('{"label": "긍정"', "bad-json", "truncated"),
        ("긍정입니다.", "bad-json", "malformed"),
        ("[" * 100_000, "bad-json", ""),
        ("[]", "schema-mismatch", "$: not of type object"),
        ("{}", "schema-mismatch", "$: lacks 'label'"),
        ('{"label": "중립"}', "schema-mismatch", "$.label: '중립' is none of ['긍정', '부정']"),
        ('{"label": "긍정", "score": true}', "schema-mismatch", "$.score: not of type integer"),
        ('{"label": "긍정", "score": 6}', "schema-mismatch", "$.score: 6 is out of bounds"),
        ('{"label": "긍정", "why": "x"}', "schema-mismatch", "$.why: 1 characters"),
        ('{"label": "긍정", "parts": ["a", 2]}', "schema-mismatch", "$.parts[1]: not of type string"),
        ('{"label": "긍정", "parts": ["a", "b", "c"]}', "schema-mismatch", "$.parts: 3 items"),
        ('{"label": "긍정", "choice": "b"}', "schema-mismatch", "$.choice: fits none of anyOf"),
        ('{"label": "긍정", "more": 1}', "schema-mismatch", "$.more: not allowed"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, code, wrong):
    found = flaw(text, SCHEMA)
    assert found[0] == code and wrong in found[1]


def shaped(record):
    return seodang.Request(messages=record.messages, schema=SCHEMA)


def test_an_answer_of_another_shape_is_quarantined_and_replayed_for_nothing(tmp_path):
    script = {
        "good": [reply('```json\n{"label": "긍정"}\n```')],
        "cut": [reply('{"label": "긍', finish="length")],
        "prose": [reply("긍정입니다")],
        "other": [reply('{"label": "중립"}')],
        "silent": [reply(" ")],
    }

    async def story(room):
        came = await room.each(*script, request_of=shaped)
        assert [(question, answer.json()) for question, answer in came] == [("good", {"label": "긍정"})]
        return room.set_aside

    set_aside = live(tmp_path, Scripted(script=script), story)
    assert [code for _, code, _ in set_aside] == ["length", "bad-json", "schema-mismatch", "empty"]
    assert set_aside[2][2] == "$.label: '중립' is none of ['긍정', '부정']: {\"label\": \"중립\"}"
    with Book.open(tmp_path / "book.sqlite") as book:
        assert book.reasons("r") == {"bad-json": 1, "empty": 1, "length": 1, "schema-mismatch": 1, "stop": 1}
    again = Scripted()
    assert live(tmp_path, again, story) == set_aside and not again.asked


def test_whoever_asks_alone_sees_how_it_ended_and_asks_again_otherwise(tmp_path):
    wanted = request("which?", schema=SCHEMA)

    async def story(room):
        return (await room.ask(wanted)).finish

    assert live(tmp_path, Scripted(script={"which?": [reply("neither")]}), story) == "bad-json"
    assert retry(tmp_path / "book.sqlite", run="r", reasons=["bad-json"], changes=Changes(max_tokens=99, extra={"seed": 2})) == 1
    teacher = Watched(script={"which?": [reply('{"label": "부정"}')]})
    assert live(tmp_path, teacher, story) == "stop"
    assert (teacher.last.max_tokens, teacher.last.extra, teacher.last.schema) == (99, {"seed": 2}, SCHEMA)
    assert live(tmp_path, nobody := Scripted(), story) == "stop" and not nobody.asked


class Watched(Scripted):
    """Remembers what it was sent."""

    async def answer(self, request, context):
        self.last = request
        return await super().answer(request, context)


def test_the_questions_of_a_coroutine_are_found_under_their_record(tmp_path):
    async def story(room):
        async def twice(record):
            await room.ask(request(f"first {record.question}"))
            return await room.ask(request(f"second {record.question}"))

        return await room.each("하나", "둘", request_of=twice)

    assert len(live(tmp_path, Scripted(), story)) == 2
    with Book.open(tmp_path / "book.sqlite") as book:
        assert sorted(sent.record for sent in book.sent()) == ["id-둘", "id-둘", "id-하나", "id-하나"]
