"""The field plan: which texts of a record are translated, and how the record is put together again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.records import Candidate, Message, Record
from seodang.translation.settings import Settings

ROLES = ("system", "user", "assistant", "tool")


class Field(msgspec.Struct, frozen=True):
    """A text of a record. `place` is where it stands, `role` what it is for the checks; `turn` is its message's number, -1 for none."""

    place: tuple[str, int]
    role: str
    text: str
    turn: int = -1


def without_what_goes(record: Record, settings: Settings) -> Record:
    """The record without the fields that are dropped or written anew."""
    plan = settings.fields
    messages = [message for message in record.messages if not (message.role == "system" and plan.system == "drop")]
    columns = record.columns
    if plan.assistant == "regenerate" and record.answered:
        if settings.keep_answer_as:
            columns = {**columns, settings.keep_answer_as: record.answer}
        # The last answer goes, with the calls and results that led to it. The turns before it are its context, and stay.
        while messages and messages[-1].role in ("assistant", "tool"):
            messages.pop()
    if plan.thinking == "drop":
        messages = [msgspec.structs.replace(message, thinking="") if message.thinking else message for message in messages]
    candidates = () if settings.candidates == "drop" else record.candidates
    return msgspec.structs.replace(record, messages=tuple(messages), columns=columns, candidates=candidates)


def fields_of(record: Record, settings: Settings) -> list[Field]:
    """The texts that are translated, in the order in which people read them."""
    plan = settings.fields
    found: list[Field] = []
    for number, message in enumerate(record.messages):
        if message.thinking and plan.thinking == "translate":
            found.append(Field(("thinking", number), "thinking", message.thinking, number))
        if _wish(settings, message.role) == "translate":
            found.append(Field(("message", number), message.role, message.text, number))
    if record.input and plan.input == "translate":
        found.append(Field(("input", 0), "input", record.input, _last_question(record)))
    if settings.candidates == "translate":
        for number, candidate in enumerate(record.candidates):
            found.append(Field(("candidate", number), "candidates", candidate.message.text, len(record.messages)))
    for number, name in enumerate(settings.columns):
        value = record.columns.get(name)
        if isinstance(value, str):
            found.append(Field(("column", number), f"columns.{name}", value))
    return found


def _wish(settings: Settings, role: str) -> str:
    """A role that nobody knows is a person's or a tool's; it is translated as the user's turns are."""
    if role not in ROLES:
        return settings.fields.user
    wish: str = getattr(settings.fields, role)
    # Where the last answer is written anew, the answers before it are the context of that.
    return "translate" if wish == "regenerate" else wish


def _last_question(record: Record) -> int:
    return max((number for number, message in enumerate(record.messages) if message.role == "user"), default=-1)


def put_back(record: Record, texts: Mapping[tuple[str, int], str], settings: Settings) -> Record:
    """The record with these texts in their places."""
    messages = tuple(_message(message, number, texts) for number, message in enumerate(record.messages))
    candidates = tuple(_candidate(candidate, number, texts) for number, candidate in enumerate(record.candidates))
    columns: dict[str, Any] = dict(record.columns)
    for number, name in enumerate(settings.columns):
        if ("column", number) in texts:
            columns[name] = texts["column", number]
    new_input = texts.get(("input", 0), record.input)
    return msgspec.structs.replace(record, messages=messages, candidates=candidates, columns=columns, input=new_input)


def _message(message: Message, number: int, texts: Mapping[tuple[str, int], str]) -> Message:
    changes = {
        name: texts[key, number] for name, key in (("text", "message"), ("thinking", "thinking")) if (key, number) in texts
    }
    return msgspec.structs.replace(message, **changes) if changes else message


def _candidate(candidate: Candidate, number: int, texts: Mapping[tuple[str, int], str]) -> Candidate:
    if ("candidate", number) not in texts:
        return candidate
    message = msgspec.structs.replace(candidate.message, text=texts["candidate", number])
    return msgspec.structs.replace(candidate, message=message)
