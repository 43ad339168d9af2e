"""The kinds of plugins by which records come from other tools and go to them: formats, tables, layouts.

A format is the shape of a row, a table a type of file with rows in it, a layout a directory in which another tool looks for such
files. The three are independent: any format goes into any table, and any layout takes both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from seodang.capability import Capability
from seodang.records import Record

if TYPE_CHECKING:
    from seodang.context import Context
    from seodang.files.lines import BadLine, Row


class LeftOut(msgspec.Struct, frozen=True):
    """A record that a format cannot carry without changing what it says, and why. `reason` is counted and shown."""

    reason: str


class Format(Capability):
    """The shape of a row: `alpaca`, `messages`. Reads rows as records and writes records as rows, losing nothing in between.

    Columns that the format does not know go into a record's `columns` when it is read, and come back out of them when it is
    written: `write` gives them beside its own, and the export decides which of them go into the file.
    """

    kind = "format"
    needs: ClassVar[Sequence[str]] = ()
    """The columns that every row of the format has; what it is recognised by where `recognises` says nothing else."""
    columns: ClassVar[Sequence[str]] = ()
    """Every column that is the format's own, in the order in which they are written; all others are somebody else's."""
    extras: ClassVar[Sequence[str]] = ()
    """Parts of a record (`seodang.parts_of`) that are written in every row as soon as one record needs them: readers take the first
    row's columns for those of all."""
    cannot_carry: ClassVar[Sequence[str]] = ()
    """The parts of a record that are lost in this format, as `seodang.parts_of` names them; an export says so."""
    example: ClassVar[Mapping[str, Any]] = {}
    """One row, for the documentation and for the contract."""

    def recognises(self, values: Mapping[str, Any]) -> bool:
        """Whether a row can be of this format. Asked of the first rows of a file; when two formats agree, neither is guessed."""
        return bool(self.needs) and all(name in values for name in self.needs)

    def read(self, rows: Iterator[Row], context: Context) -> Iterator[Record]:
        """The records in the rows, in their order. A row that is of the format but unusable is quarantined with its place."""
        raise NotImplementedError

    def extras_of(self, record: Record) -> frozenset[str]:
        """The extra columns that this record needs: for the parts it holds, and for its tags and columns of these names."""
        return frozenset(self.extras) & {*parts_of(record), *record.tags, *record.columns}

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        """The rows of the records; `LeftOut` for each record that the format cannot carry."""
        raise NotImplementedError


class Table(Capability):
    """A type of file with rows in it, named by the end of its name: `name = "parquet"` is asked for `rows.parquet`."""

    kind = "table"
    flat: ClassVar[bool] = False
    """Whether a cell holds no list and no object, so that `write` makes JSON text of them. An export says which columns those are."""

    def read(self, path: Path, encoding: str | None) -> Iterator[Row | BadLine]:
        """The rows of the file in its order, and what is no row, each with its place. Never the whole file in memory."""
        raise NotImplementedError

    def write(self, rows: Iterable[Mapping[str, Any]], path: Path) -> None:
        """Writes the rows to a new file. All rows have the same columns."""
        raise NotImplementedError

    def refuses(self, row: Mapping[str, Any]) -> str:
        """Why a file of this type cannot hold the row, as a reason that is counted and shown; nothing where it can."""
        return ""


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """What an export hands to a layout.

    `write_rows(path)` writes the rows to a file, whose type is in its name, and counts them; with `most=1000` only so many, and
    the next call goes on with those that are left. Each row is written once. `extras` are the parts of records that the rows
    have beside roles and texts, as `seodang.parts_of` names them.
    """

    name: str
    format: Format
    columns: tuple[str, ...]
    language: str
    terms: tuple[str, ...]
    card: str
    write_rows: Callable[..., int]
    extras: frozenset[str] = frozenset()
    license: str = ""
    """What the recipe wanted to publish under, where the run kept it; else `terms` is all that is known."""


class StudentFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What an export hands to a layout that takes a student.

    `path` holds safetensors and a tokenizer, `template` writes its conversations. `adapter` and `base` are there where adapters were
    trained beside a base. `card` is the whole page about the student, in Markdown with the hub's front matter.
    """

    name: str
    path: Path
    template: Any
    language: str
    terms: tuple[str, ...]
    card: str
    adapter: Path | None = None
    base: Path | None = None


class Layout(Capability):
    """A directory in which another tool finds data: the files, and the settings that name them. With `takes_students` it is made of a
    student instead (`seodang export RUN --to gguf OUT`)."""

    kind = "layout"
    takes_students: ClassVar[bool] = False
    publishes: ClassVar[bool] = False
    """Whether the directory is made to be given to others. Data whose terms are unknown or personal is then refused unless allowed."""

    def write(self, dataset: Dataset, place: Path) -> None:
        """Fills an empty directory. Raises DataError for a format that the tool does not read."""
        raise NotImplementedError

    def write_student(self, student: StudentFiles, place: Path) -> None:
        """Fills an empty directory. Raises DataError for a student that the tool could not run as it was trained."""
        raise NotImplementedError

    def refuses(self, record: Record, format: Format) -> str:
        """Why the tool would skip or misread the record in this format, as a reason that is counted and shown; else nothing."""
        return ""

    def ignores(self, format: Format) -> Sequence[str]:
        """The parts of a record that this format carries and the tool does not read; an export says so."""
        return ()


def parts_of(record: Record) -> frozenset[str]:
    """What a record holds beside roles and texts: `thinking`, `weight`, `tool_calls`, `tool_call_id`, `tools`, `candidates`."""
    found = set()
    for message in record.messages:
        if message.thinking:
            found.add("thinking")
        if message.weight != 1.0:
            found.add("weight")
        if message.calls:
            found.add("tool_calls")
        if message.call_id:
            found.add("tool_call_id")
    if record.tools:
        found.add("tools")
    if record.candidates:
        found.add("candidates")
    return frozenset(found)


__all__ = ["Dataset", "Format", "Layout", "LeftOut", "StudentFiles", "Table", "parts_of"]
