"""A cell of the table: one task with so many shots, measured for one student. What is finished can be kept and found again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_kobest.asking import Asked
from seodang_kobest.figures import Scored
from seodang_kobest.tasks import Protocol, Task

AT_ONCE = 256
"""So many items are handed to the student at once: enough to sort by length, and few enough to tell how far it is."""
_encode = msgspec.json.Encoder(order="deterministic").encode


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """`cut` pairs were longer than the model reads, `merged` have a token across the border; None where the student does not tell."""

    task: str
    shots: int
    protocol: Protocol
    dtype: str
    items: tuple[Scored, ...]
    cut: int | None = None
    merged: int | None = None


def key_of(student: seodang.Student, protocol: Protocol, asked: Sequence[Asked]) -> str:
    """What a cell depends on: the model, how it computes, and everything that it is asked. Empty where the model is not known."""
    if not student.identity:
        return ""
    questions = hashlib.sha256(_encode([(one.document.index, one.document.label, one.context, one.choices) for one in asked]))
    ingredients = (type(student).__qualname__, student.revision, student.identity, student.figures.get("dtype"), protocol)
    return hashlib.sha256(_encode((ingredients, questions.hexdigest()))).hexdigest()


def found(folder: Path | None, key: str) -> Cell | None:
    """The finished cell. A torn file is none."""
    place = folder / f"{key}.json" if folder and key else None
    if place is None or not place.is_file():
        return None
    try:
        return msgspec.json.decode(place.read_bytes(), type=Cell)
    except msgspec.MsgspecError:  # written by another version: measured anew
        return None


def keep(folder: Path | None, key: str, cell: Cell) -> None:
    """Written whole or not at all."""
    if folder is None or not key:
        return
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{key}.partial"
    partial.write_bytes(_encode(cell))
    partial.replace(folder / f"{key}.json")


def measure(
    student: seodang.Student,
    task: Task,
    protocol: Protocol,
    shots: int,
    asked: Sequence[Asked],
    go_on: Callable[[int], None],
) -> Cell:
    """Scores every choice of every item. `go_on` is told how many items are done, and may raise to end it."""
    before = dict(student.figures)
    items: list[Scored] = []
    for start in range(0, len(asked), AT_ONCE):
        go_on(start)
        some = asked[start : start + AT_ONCE]
        likely = list(student.loglikelihoods([pair for one in some for pair in one.pairs]))
        for place, one in enumerate(some):
            own = tuple(float(value) for value in likely[place * task.size : (place + 1) * task.size])
            if not all(map(math.isfinite, own)):
                raise seodang.DataError(
                    "seodang_kobest:not-finite", task=task.name, shots=shots, index=one.document.index, values=list(map(str, own))
                )
            lengths = tuple(map(len, one.choices))
            items.append(Scored(one.document.index, one.document.label, own, lengths))
    go_on(len(asked))
    after = student.figures
    return Cell(
        task=task.name,
        shots=shots,
        protocol=protocol,
        dtype=str(after.get("dtype", "")),
        items=tuple(items),
        cut=_more("cut", before, after),
        merged=_more("merged", before, after),
    )


def _more(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> int | None:
    return int(after[name]) - int(before.get(name, 0)) if name in after else None
