"""Records to rows of token ids: encoded by the template, measured, and left out only by a rule that is counted."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import seodang


class Row(NamedTuple):
    """Token ids, and for each whether it carries loss. The first token of a row is never predicted, so it never does."""

    ids: array[int]
    trained: bytes


class Rows(NamedTuple):
    """What is trained on, and how many records were left out, cut or split, and why."""

    rows: Sequence[Row]
    counts: dict[str, int]

    @property
    def lengths(self) -> list[int]:
        return [len(row.ids) for row in self.rows]

    @property
    def trained(self) -> list[int]:
        return [sum(row.trained) for row in self.rows]

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for row in self.rows:
            digest.update(row.ids.tobytes())
            digest.update(row.trained)
        return digest.hexdigest()


def encode_rows(dataset: Iterable[seodang.Record], template: seodang.Template, tokenizer: Any, options: Any) -> Rows:
    """A record of weight 2 in its last answer counts twice, as exports and mixtures write repetition."""
    rows: list[Row] = []
    counts = {"too_long": 0, "nothing_trained": 0, "cut": 0, "split": 0, "rounds_too_long": 0}
    for record in dataset:
        row = _row(record, template, tokenizer, options)
        if len(row.ids) <= options.max_length:
            parts = [row]
        elif options.over_long == "cut":
            parts = [_cut(row, options.max_length, tokenizer.eos_token_id)]
            counts["cut"] += 1
        elif options.over_long == "split":
            parts, left_out = _split(record, template, tokenizer, options)
            counts["split"] += bool(parts)
            counts["too_long"] += not parts
            counts["rounds_too_long"] += left_out if parts else 0
        else:
            parts = []
            counts["too_long"] += 1
        for part in parts:
            if any(part.trained):
                rows += [part] * _times(record)
            else:
                counts["nothing_trained"] += 1
    return Rows(rows, counts)


def _times(record: seodang.Record) -> int:
    return max(1, int(record.messages[-1].weight)) if record.messages else 1


def _row(record: seodang.Record, template: seodang.Template, tokenizer: Any, options: Any) -> Row:
    segments = template.segments(record)
    if options.loss == "everything" and record.answered:
        segments = [msgspec.structs.replace(segment, trained=True) for segment in segments]
    encoded = seodang.encode(segments, tokenizer)
    trained = bytes(encoded.trained)
    return Row(array("i", encoded.ids), b"\0" + trained[1:])


def _cut(row: Row, length: int, end: int) -> Row:
    """The beginning, closed with the end token, which is trained where the text before it is: the student still learns to stop."""
    return Row(row.ids[: length - 1] + array("i", [end]), row.trained[: length - 1] + row.trained[length - 2 : length - 1])


def _split(record: seodang.Record, template: seodang.Template, tokenizer: Any, options: Any) -> tuple[list[Row], int]:
    """A dialogue as several, each of as many whole rounds as fit, each with the system turn; and how many rounds fit nowhere.

    No part goes on behind a round that was left out: nothing is answered that nobody asked. A separate input belongs to the last round.
    """
    system = [turn for turn in record.messages if turn.role == "system"]
    rounds: list[list[seodang.Message]] = []
    for turn in record.messages:
        if turn.role == "user" or not rounds:
            rounds.append([])
        if turn.role != "system":
            rounds[-1].append(turn)
    rounds = [each for each in rounds if each]

    def row_of(some: Sequence[Sequence[seodang.Message]]) -> Row:
        given = record.input if some[-1] is rounds[-1] else ""
        messages = (*system, *(turn for turns in some for turn in turns))
        return _row(msgspec.structs.replace(record, messages=messages, input=given), template, tokenizer, options)

    found: list[Row] = []
    gathered: list[list[seodang.Message]] = []
    best: Row | None = None
    left_out = 0
    for turns in rounds:
        row = row_of([*gathered, turns])
        if len(row.ids) > options.max_length and best is not None:
            found.append(best)
            gathered, best = [], None
            row = row_of([turns])
        if len(row.ids) <= options.max_length:
            gathered, best = [*gathered, turns], row
        else:
            left_out += 1
    return [*found, best] if best is not None else found, left_out
