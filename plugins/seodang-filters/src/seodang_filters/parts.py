"""The texts of a record by what they are for: the instruction, the separate input, the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Literal

import msgspec
import seodang

Field = Literal["instruction", "input", "answer"]
"""Every turn of the user is an instruction, every turn of the assistant an answer."""

FIELDS: tuple[Field, ...] = ("instruction", "input", "answer")

_FIELD_OF: dict[str, Field] = {"user": "instruction", "assistant": "answer"}
_BLANKS = re.compile(r"\s+")


def parts(record: seodang.Record, fields: Collection[str]) -> Iterator[tuple[Field, str]]:
    """The texts in these fields, in the order in which a reader meets them. System turns and tools are nobody's words."""
    for message in record.messages:
        field = _FIELD_OF.get(message.role)
        if field is not None and field in fields:
            yield field, message.text
    if record.input and "input" in fields:
        yield "input", record.input


def rewritten(record: seodang.Record, fields: Collection[str], write: Callable[[Field, str], str]) -> seodang.Record:
    """The record with other texts in these fields; the same object where no text is another."""
    messages = []
    for message in record.messages:
        field = _FIELD_OF.get(message.role)
        text = write(field, message.text) if field in fields and field is not None else message.text
        messages.append(message if text == message.text else msgspec.structs.replace(message, text=text))
    own_input = write("input", record.input) if record.input and "input" in fields else record.input
    if own_input == record.input and all(new is old for new, old in zip(messages, record.messages, strict=True)):
        return record
    return msgspec.structs.replace(record, messages=tuple(messages), input=own_input)


def excerpt(text: str, start: int = 0, end: int = 0, around: int = 30) -> str:
    """The place in the text that is meant, with a little of what stands around it, in one line."""
    end = max(end, start)
    first, last = max(0, start - around), min(len(text), max(end, start + 1) + around, start + 200)
    shown = _BLANKS.sub(" ", text[first:last]).strip()
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"
