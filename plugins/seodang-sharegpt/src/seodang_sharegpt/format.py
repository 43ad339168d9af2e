"""The format `sharegpt`: `conversations` of `from` and `value`, with tools as LLaMA-Factory reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import msgspec
import seodang

from seodang_sharegpt.calls import calls_as_text
from seodang_sharegpt.dialogues import SPOKEN, TURNS, Unusable, columns_of, dialogue_of, messages_of

_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


class ShareGPT(seodang.Format):
    """Dialogues of `human` and `gpt`, with `system`, `function_call`, `observation` and a column of `tools`.

    Nothing is cleaned here: that is what the seeds of the same name do. What a turn has beside its words comes back too.
    """

    name = "sharegpt"
    revision = 1
    needs = ("conversations",)
    columns = ("id", "conversations", "tools")
    extras = ("weight", "tools")
    cannot_carry = ("thinking", "tool_call_id", "candidates")
    example: ClassVar[Mapping[str, Any]] = {
        "id": "QWJhYvA_0",
        "conversations": [
            {"from": "human", "value": "서당이 무엇인가요?"},
            {"from": "gpt", "value": "마을 아이들에게 글을 가르치던 곳입니다."},
        ],
    }

    def recognises(self, values: Mapping[str, Any]) -> bool:
        turns = next((values[name] for name in TURNS if name in values), None)
        if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
            return False
        return all(("from" in turn or "role" in turn) and any(name in turn for name in SPOKEN) for turn in turns)

    def read(self, rows: Iterator[seodang.Row], context: seodang.Context) -> Iterator[seodang.Record]:
        for row in rows:
            try:
                dialogue = dialogue_of(row.values)
                messages = messages_of(dialogue.turns)
                if not messages:
                    raise Unusable("no-dialogue", "the dialogue has no turns")
            except Unusable as problem:
                context.quarantine(row.where, problem.code, problem.detail, str(row.values))
                continue
            yield seodang.Record(messages=messages, tools=dialogue.tools, columns=columns_of(dialogue, dialogue.turns))

    def write(self, records: Iterator[seodang.Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | seodang.LeftOut]:
        for record in records:
            turns = _turns(record, extras)
            if isinstance(turns, seodang.LeftOut):
                yield turns
                continue
            others = {name: value for name, value in record.columns.items() if name not in ("id", "turns")}
            row: dict[str, Any] = {"id": record.columns.get("id", record.id), "conversations": turns}
            if "tools" in extras:
                row["tools"] = json.dumps(record.tools, ensure_ascii=False)
            if row["id"] == "":
                del row["id"]
            yield {**others, **row}


def _turns(record: seodang.Record, extras: frozenset[str]) -> list[dict[str, Any]] | seodang.LeftOut:
    """The turns, or why a reader would understand something else than what the record says."""
    if not record.answered:
        return seodang.LeftOut("unanswered")
    turns: list[dict[str, Any]] = []
    beside = record.columns.get("turns")
    for place, message in enumerate(_with_input(record)):
        if message.role not in _SPEAKERS:
            return seodang.LeftOut("role")
        if message.calls and message.text:
            return seodang.LeftOut("text-with-call")
        turn: dict[str, Any] = {"from": _SPEAKERS[message.role], "value": message.text}
        if message.calls:
            turn = {"from": "function_call", "value": calls_as_text(message.calls)}
        if "weight" in extras:
            turn["weight"] = message.weight
        if isinstance(beside, list) and len(beside) == len(record.messages) and isinstance(beside[place], dict):
            turn = {**beside[place], **turn}
        turns.append(turn)
    return turns


def _with_input(record: seodang.Record) -> tuple[seodang.Message, ...]:
    """The messages with Alpaca's separate input under the first question, as the teacher was asked it."""
    asked = next((place for place, message in enumerate(record.messages) if message.role == "user"), None)
    if not record.input or asked is None:
        return record.messages
    first = msgspec.structs.replace(record.messages[asked], text=f"{record.messages[asked].text}\n\n{record.input}")
    return (*record.messages[:asked], first, *record.messages[asked + 1 :])
