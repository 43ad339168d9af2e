"""Alpaca's rows, `instruction, input, output`, as KoAlpaca v1.0, KULLM and LLaMA-Factory write them too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, NO_ANSWER, why_not_dialogue, with_empty_answer
from seodang_instruct_data.columns import beside, carried, other_columns

_LONGEST_MARKER = 24
"""Characters. A longer input is one, and is not looked at further: a million rows are read here."""


class Alpaca(seodang.Format):
    """One instruction, perhaps with an input, and its output; LLaMA-Factory's `system` and `history`; KULLM's `id`.

    An input that only says that there is none ("입력 없음", "noinput") is read as empty; how it was spelt is kept in the tag
    `no-input`, and written again.
    """

    name = "alpaca"
    revision = 1
    needs = ("instruction", "input", "output")
    columns = ("instruction", "input", "output", "system", "history", "id")
    extras = ("system", "history", "id")
    cannot_carry = CARRIES_TEXT_ONLY
    example = {
        "instruction": "문장을 요약하세요.",
        "input": "서당은 마을 아이들이 글을 배우던 곳이다.",
        "output": "서당은 마을 학교다.",
    }

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        markers = no_input_markers(context)
        for row in rows:
            values = row.values
            instruction, given, output = values.get("instruction"), values.get("input"), values.get("output")
            if type(instruction) is not str or not instruction or instruction.isspace():
                context.quarantine(row.where, *_no_instruction(instruction))
                continue
            if given is None:
                given = ""
            if output is None:
                output = ""
            if type(given) is not str or type(output) is not str:
                context.quarantine(row.where, "not-text", "input and output have to be texts")
                continue
            tags: dict[str, Any] = {}
            if given and len(given) <= _LONGEST_MARKER and _bare(given) in markers:
                tags["no-input"], given = given, ""
            question = Message("user", instruction)
            messages: tuple[Message, ...]
            if output:
                messages = (question, Message("assistant", output))
            else:
                messages = (question,)
                tags[NO_ANSWER] = True
            if len(values) == 3 and "output" in values and "input" in values:
                yield Record(messages=messages, input=given, tags=tags)
                continue
            before = _before(values)
            if isinstance(before, str):
                context.quarantine(row.where, "bad-history", before)
                continue
            if values.get("id") is not None:
                tags["id"] = values["id"]
            others = other_columns(values, self.columns)
            yield Record(messages=(*before, *messages), input=given, tags=tags, columns=others)

    def extras_of(self, record: Record) -> frozenset[str]:
        found = {"id"} if carried(record, "id") is not None else set()
        turns = len(record.messages)
        if turns and record.messages[0].role == "system":
            found.add("system")
            turns -= 1
        if turns > 2:
            found.add("history")
        return frozenset(found)

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in map(with_empty_answer, records):
            if reason := why_not_dialogue(record):
                yield LeftOut(reason)
                continue
            messages = record.messages
            row: dict[str, Any] = {
                "instruction": messages[-2].text,
                "input": record.input or record.tags.get("no-input", ""),
                "output": messages[-1].text,
            }
            system = messages[0].text if messages[0].role == "system" else ""
            if "system" in extras:
                row["system"] = system
            elif system:
                yield LeftOut("system")
                continue
            turns = [message.text for message in messages[1 if system else 0 : -2] if message.role != "system"]
            if "history" in extras:
                row["history"] = [list(pair) for pair in zip(turns[::2], turns[1::2], strict=True)]
            elif turns:
                yield LeftOut("several-turns")
                continue
            if "id" in extras:
                row["id"] = carried(record, "id")
            yield row | beside(record, self.columns) if record.columns else row


def no_input_markers(context: seodang.Context) -> frozenset[str]:
    """The words by which the recipe's language says "no input", without brackets and capitals, which nobody writes alike."""
    try:
        markers = context.locale.markers.get("no-input", ())
    except seodang.SeodangError:  # a language that has no locale has no such words either
        markers = ()
    return frozenset(_bare(marker) for marker in markers)


def _bare(text: str) -> str:
    return text.strip("<>[]() .\n").casefold()


def _no_instruction(instruction: Any) -> tuple[str, str]:
    if instruction is None or isinstance(instruction, str):
        return "no-question", "the instruction is empty or missing"
    return "not-text", f"the instruction is a {type(instruction).__name__}, not a text"


def _before(values: Mapping[str, Any]) -> tuple[Message, ...] | str:
    """The messages before the instruction, or what is wrong with them."""
    system, history = values.get("system") or "", values.get("history") or []
    if not isinstance(system, str) or not isinstance(history, list):
        return "system has to be a text and history a list"
    messages = [Message("system", system)] if system else []
    for pair in history:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            return "history has to be pairs of a question and an answer"
        messages += [Message("user", pair[0]), Message("assistant", pair[1])]
    return tuple(messages)
