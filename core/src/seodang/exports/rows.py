"""The rows of an export, one after the other, and what became of every record and of every part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.exchange import Format, Layout, LeftOut, parts_of
from seodang.exports.people import guarded
from seodang.records import Record

EVERY_COLUMN = "*"
_MOST_NAMES = 1_000
"""Columns that are told apart when those that stay behind are counted: somebody's rows may each have columns of their own."""

Row = Mapping[str, Any]


class Choice(msgspec.Struct, frozen=True):
    """What of the records is wanted.

    `language` takes only the records in that language. `keep_columns` names columns or tags that are written beside the format's
    own, null where a record lacks one; `*` stands for all columns. `for_people` defuses what a spreadsheet would run as a formula.
    """

    language: str | None = None
    keep_columns: Sequence[str] = ()
    for_people: bool = False


EVERYTHING = Choice()


class Rows:
    """Reads the records twice: what any record needs, every row has, so that a reader finds the same columns in all of them."""

    def __init__(self, stream: Iterable[Record], format: Format, choice: Choice, layout: Layout | None = None) -> None:
        if iter(stream) is stream:
            raise TypeError("export reads its records twice; give it a RecordStream or a list, not an iterator")
        self._stream = stream
        self._format = format
        self._choice = choice
        self._layout = layout
        self._own = frozenset((*format.columns, *format.needs, *format.extras))
        self._ignored = frozenset(layout.ignores(format)) if layout else frozenset[str]()
        self._pending: Record | None = None
        self.written = 0
        self.left_out = Counter[str]()
        self.lost = Counter[str]()
        self.ignored = Counter[str]()
        self.left_columns = Counter[str]()
        self.as_json = Counter[str]()
        self._kept: tuple[str, ...] = ()
        self.extras = self._survey()
        self._made = self._make()
        self._first = next(self._made, None)
        self.columns = tuple(self._first[0]) if self._first is not None else (*format.needs, *self._kept)

    @property
    def ended(self) -> bool:
        """Whether every row has been taken. Known one row ahead."""
        return self._first is None

    def take(self, refuses: Callable[[Row], str], most: int | None = None, *, flat: bool = False) -> Iterator[Row]:
        """The rows that are left, or so many of them.

        `refuses` says why the file cannot hold a row, or nothing. In a `flat` file lists and objects are JSON text, and are counted.
        """
        taken = 0
        while self._first is not None and (most is None or taken < most):
            row, left = self._first
            if reason := refuses(row):
                self.left_out[reason] += 1
                self._pending = None
            else:
                self._count_columns(left)
                if flat:
                    self.as_json.update(name for name, value in row.items() if isinstance(value, (list, dict)))
                self.written += 1
                taken += 1
                yield row
            self._first = next(self._made, None)

    def _survey(self) -> frozenset[str]:
        """The format's optional columns that the rows need; what is kept is settled on the way.

        A column that no record has is a mistake in its name, told at once.
        """
        needed: set[str] = set()
        known: dict[str, None] = {}
        for record in self._stream:
            if self._choice.language and record.language != self._choice.language:
                continue
            needed |= self._format.extras_of(record)
            if self._choice.keep_columns:
                known.update(dict.fromkeys((*record.columns, *record.tags)))
        extras = frozenset(needed.intersection(self._format.extras))
        kept: dict[str, None] = {}
        for column in self._choice.keep_columns:
            if column == EVERY_COLUMN:
                for row in self._format.write(self._wanted(Counter()), extras):
                    if not isinstance(row, LeftOut):
                        kept.update((name, None) for name in row if name not in self._own)
            elif column in self._own and column not in self._format.extras:
                raise DataError("exports.column-in-the-way", column=column, format=self._format.name)
            elif column not in known:
                raise DataError("exports.no-such-column", column=column, known=", ".join(known))
            elif column not in self._own:
                kept[column] = None
        self._kept = tuple(kept)
        return extras

    def _make(self) -> Iterator[tuple[dict[str, Any], list[str]]]:
        """Each row, and the names of the columns that it had to leave."""
        for row in self._format.write(self._followed(), self.extras):
            if isinstance(row, LeftOut):
                self.left_out[row.reason] += 1
                self._pending = None
                continue
            whole = {name: value for name, value in row.items() if name in self._own}
            left = [] if len(whole) == len(row) else [name for name in row if name not in whole and name not in self._kept]
            for name in self._kept:
                whole[name] = row.get(name)
            yield (guarded(whole) if self._choice.for_people else whole), left

    def _followed(self) -> Iterator[Record]:
        """The records as the format gets them. What each lost is counted when the next one is asked for: by then it has become
        rows, or part of one, or was left out."""
        for record in self._wanted(self.left_out):
            self._count_parts()
            self._pending = record
            yield record
        self._count_parts()

    def _wanted(self, left_out: Counter[str]) -> Iterator[Record]:
        for record in self._stream:
            if self._choice.language and record.language != self._choice.language:
                left_out["language"] += 1
            elif self._layout and (reason := self._layout.refuses(record, self._format)):
                left_out[reason] += 1
            elif tags := {name: record.tags[name] for name in self._kept if name in record.tags and name not in record.columns}:
                # A tag that is kept goes the way of a column, through the format, which alone knows the record's row.
                yield msgspec.structs.replace(record, columns={**record.columns, **tags})
            else:
                yield record

    def _count_parts(self) -> None:
        if self._pending is not None and (parts := parts_of(self._pending)):
            self.lost.update(parts.intersection(self._format.cannot_carry))
            self.ignored.update(parts.intersection(self._ignored).difference(self._format.cannot_carry))

    def _count_columns(self, left: Sequence[str]) -> None:
        for name in left:
            known = name in self.left_columns or len(self.left_columns) < _MOST_NAMES
            self.left_columns[name if known else "…"] += 1
