"""Seeds from your own file: rows of `instruction[, input, output]`, or of `messages`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import seodang

OURS = {"instruction", "input", "output", "messages", "language"}


class Handcrafted(seodang.Seeds):
    """Reads JSON Lines or a JSON array. A row that cannot be used is quarantined with file, line and reason."""

    name = "handcrafted"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(min_length=1, description="The file, or a pattern of several.", extra=seodang.FILES)]
        licence: Annotated[str, msgspec.Meta(min_length=1, description="The terms of your rows, as an SPDX name.")] = (
            "LicenseRef-unstated"
        )
        encoding: Annotated[str, msgspec.Meta(description="The files' encoding where it is not UTF-8, such as cp949.")] = ""

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.options.licence,)

    def read(self, context: seodang.Context) -> Iterator[seodang.Record]:
        for path in context.files("path"):
            for row in context.rows(path, encoding=self.options.encoding or None):
                record = record_of(row.values)
                if isinstance(record, str):
                    context.quarantine(row.where, "no-question", record, str(sorted(row.values)))
                else:
                    yield record


def record_of(values: dict[str, Any]) -> seodang.Record | str:
    """The record, or what is wrong with the row."""
    columns = {name: value for name, value in values.items() if name not in OURS}
    language = values.get("language", "")
    if not isinstance(language, str):
        return "language is not a text"
    if "messages" in values:
        messages = messages_of(values["messages"])
        return messages if isinstance(messages, str) else seodang.Record(messages=messages, language=language, columns=columns)
    texts = [values.get(name) or "" for name in ("instruction", "input", "output")]
    if not all(isinstance(text, str) for text in texts):
        return "instruction, input and output have to be texts"
    instruction, given, output = texts
    if not instruction.strip():
        return "the row has neither an instruction nor messages"
    return seodang.single_turn(instruction, output, input=given, language=language, columns=columns)


def messages_of(turns: Any) -> tuple[seodang.Message, ...] | str:
    """Turns of `role` and `content`, as most tools write them; `thinking` comes along."""
    if not isinstance(turns, list) or not turns:
        return "messages is not a list of turns"
    messages = []
    for place, turn in enumerate(turns, 1):
        content = turn.get("content", turn.get("text")) if isinstance(turn, dict) else None
        if not isinstance(content, str) or not isinstance(turn.get("role"), str) or not turn["role"]:
            return f"turn {place} has no role or no content"
        thinking = turn.get("thinking") or ""
        messages.append(seodang.Message(turn["role"], content, thinking=thinking if isinstance(thinking, str) else ""))
    return tuple(messages)


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(Handcrafted)
