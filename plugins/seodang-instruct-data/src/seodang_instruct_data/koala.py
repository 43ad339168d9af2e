"""Koala's mixtures: `human_0, gpt_1, human_2 …`, and in `fields` which of them the loss is taken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import why_not_dialogue, with_input
from seodang_instruct_data.columns import beside

_ROLES = {"human": "user", "gpt": "assistant"}
_MARKERS = {"marker_user": "USER:", "marker_gpt": "GPT:"}
_END = "<|eos|>"
_NAMED = re.compile(r"(?:human|gpt)_\d+")
_TURNS = tuple(f"{'gpt' if place % 2 else 'human'}_{place}" for place in range(256))


class Koala(seodang.Format):
    """A column per turn. What stands in brackets in `fields`, or is not in it at all, has weight 0.

    A `fields` that says more than that (no end behind an answer, other markers between) is kept in the tag `fields`.
    """

    name = "koala"
    revision = 1
    needs = ("human_0", "gpt_1")
    columns = ("fields", *_MARKERS, *_TURNS)
    extras = _TURNS
    cannot_carry = ("thinking", "tools", "candidates")
    example = {
        "fields": "[marker_user+human_0+marker_gpt],gpt_1,<|eos|>",
        "marker_user": "USER:",
        "marker_gpt": "GPT:",
        "human_0": "Hello!",
        "gpt_1": "Hello. What can I do?",
    }

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values, names = row.values, _turn_names(row.values)
            fields = values.get("fields")
            wrong = [name for name in names if not isinstance(values[name], str)]
            if wrong or not isinstance(fields, str | None):
                context.quarantine(row.where, "not-text", f"{', '.join(wrong or ['fields'])} has to be a text")
                continue
            if not any(name.startswith("human") and values[name].strip() for name in names):
                context.quarantine(row.where, "no-question", "no turn is a person's")
                continue
            trained = _trained(fields, names)
            messages = tuple(
                Message(_ROLES[name.partition("_")[0]], values[name], weight=1.0 if name in trained else 0.0) for name in names
            )
            tags: dict[str, Any] = {
                name: values[name] for name, usual in _MARKERS.items() if values.get(name) not in (None, usual)
            }
            if fields and fields != fields_of(messages, names):
                tags["fields"] = fields
            own = {"fields", *_MARKERS, *names}
            yield Record(
                messages=messages,
                tags=tags,
                columns={name: value for name, value in values.items() if name not in own and not _is_empty_turn(name, value)},
            )

    def extras_of(self, record: Record) -> frozenset[str]:
        """The columns of its turns: all rows have those of the longest conversation."""
        return frozenset(_names_of(record.messages))

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        turns = sorted(
            (name for name in extras if name.partition("_")[2].isdigit()), key=lambda name: int(name.partition("_")[2])
        )
        for record in records:
            messages = with_input(record)
            reason = why_not_dialogue(record)
            if not reason and messages[0].role == "system":
                reason = "system"
            if not reason and any(message.weight not in (0.0, 1.0) for message in messages):
                reason = "seodang_instruct_data:weight"
            if reason:
                yield LeftOut(reason)
                continue
            names = _names_of(messages)
            row: dict[str, Any] = {"fields": record.tags.get("fields") or fields_of(messages, names)}
            row.update((name, record.tags.get(name, usual)) for name, usual in _MARKERS.items())
            row.update(dict.fromkeys(turns))
            row.update((name, message.text) for name, message in zip(names, messages, strict=True))
            yield row | beside(record, row)


def fields_of(messages: Sequence[Message], names: Sequence[str]) -> str:
    """How Koala writes which turns are trained on: questions in brackets, with the markers around them, and an end behind answers."""
    fields = []
    for message, name in zip(messages, names, strict=True):
        if message.role == "user":
            fields.append(f"[marker_user+{name}+marker_gpt]")
        else:
            fields += [name if message.weight else f"[{name}]", _END]
    return ",".join(fields)


def _trained(fields: str | None, names: Sequence[str]) -> set[str]:
    """The answers that the loss is taken of, and all questions: their weight says nothing, and 1 is what a message has."""
    trained = {name for name in names if name.startswith("human") or not fields}
    for field in (fields or "").split(","):
        if not field.startswith("["):
            trained.update(field.split("+"))
    return trained


def _turn_names(values: Mapping[str, Any]) -> list[str]:
    """The columns of turns, by their number. Nothing stands in those that only longer conversations of the file have; a table
    has an empty text there, which is a turn only where `fields` does not say otherwise."""
    found = []
    fields = values.get("fields")
    named = _NAMED.findall(fields) if isinstance(fields, str) else []
    for name, value in values.items():
        who, _, place = name.partition("_")
        there = value is not None and (value != "" or not named or name in named)
        if who in _ROLES and place.isdecimal() and there:
            found.append((int(place), name))
    return [name for _, name in sorted(found)]


def _is_empty_turn(name: str, value: Any) -> bool:
    who, _, place = name.partition("_")
    return not value and who in _ROLES and place.isdecimal()


def _names_of(messages: Sequence[Message]) -> list[str]:
    """The columns for these messages. They begin with the person, as every row does that a reader of this format knows."""
    return [f"{'human' if message.role == 'user' else 'gpt'}_{place}" for place, message in enumerate(messages)]
