"""What must not be in the training data: the texts of evaluations, of files and of rows that were held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_filters.bare import plain_length
from seodang_filters.overlap import SENTENCE

HELD_OUT = "held-out"
OFTEN = 5
"""A text that stands in more rows of a file is a label or a prompt, and no item of its own."""


class ExamText(msgspec.Struct, frozen=True):
    """One text of an item: in which task it is asked, and which it is there."""

    task: str
    name: str
    text: str


class Exam:
    """Gathers texts. `left_out` counts, by task, those that say too little to be told from a text that somebody else wrote."""

    def __init__(self, shortest: int) -> None:
        self.texts: list[ExamText] = []
        self.left_out: Counter[str] = Counter()
        self._shortest = shortest
        self._known: set[tuple[str, str]] = set()

    def add(self, task: str, name: str, text: str) -> None:
        if (task, text) in self._known:
            return
        self._known.add((task, text))
        signs = plain_length(text)
        if signs < self._shortest or (signs < SENTENCE and len(text.split()) < 2):
            self.left_out[task] += 1
        else:
            self.texts.append(ExamText(task, name, text))

    def add_evaluations(self, context: seodang.Context) -> None:
        counts: Counter[str] = Counter()
        for step, text in context.evaluation_texts():
            counts[step] += 1
            self.add(step, f"{step} {counts[step]}", text)

    def add_held_out(self, context: seodang.Context) -> None:
        """What is asked in them. Answers are not looked for: short ones are everybody's, and the long ones of one teacher alike."""
        for record in context.held_out:
            asked = [message.text for message in record.messages if message.role == "user"]
            for text in (*asked, record.input):
                self.add(HELD_OUT, f"{HELD_OUT} {record.id}", text)

    def add_file(self, path: Path, context: seodang.Context, columns: Sequence[str], encoding: str) -> None:
        """The texts in these columns, or in all where none are named. Addresses and what has no letter are no texts."""
        task = "/".join(path.parts[-2:])
        before = len(self.texts) + self.left_out[task]
        often = _often(_cells(path, context, columns, encoding))
        for where, column, text in _cells(path, context, columns, encoding):
            if (column, text) in often:
                self.left_out[task] += (task, text) not in self._known
                self._known.add((task, text))
            else:
                self.add(task, f"{task}:{where.rpartition(':')[2] or where} {column}", text)
        if len(self.texts) + self.left_out[task] == before:
            raise seodang.SeodangError("seodang_filters:exam-without-texts", path=str(path))


def _often(cells: Iterator[tuple[str, str, str]]) -> set[tuple[str, str]]:
    counts = Counter((column, text) for _, column, text in cells)
    return {cell for cell, count in counts.items() if count > OFTEN}


def _cells(path: Path, context: seodang.Context, columns: Sequence[str], encoding: str) -> Iterator[tuple[str, str, str]]:
    """Place, column and text of each cell."""
    met: set[str] = set()
    for row in context.rows(path, encoding=encoding or None):
        met |= row.values.keys()
        for column in columns or row.values:
            for text in _texts(row.values.get(column)):
                yield row.where, column, text
    if missing := [column for column in columns if column not in met]:
        raise seodang.SeodangError("seodang_filters:no-such-column", path=str(path), columns=missing, known=sorted(met))


def _texts(value: Any) -> Iterator[str]:
    """The texts in a cell, which may be a list of choices or a dialogue."""
    if isinstance(value, str):
        text = value.strip()
        if any(map(str.isalpha, text)) and not text.startswith(("http://", "https://")):
            yield text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, Sequence):
        for part in value:
            yield from _texts(part)
