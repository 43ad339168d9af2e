"""Writes records in a format that others read, and tells what did not get there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from seodang.errors import DataError
from seodang.exchange import Format
from seodang.exports.rows import EVERYTHING, Choice, Rows
from seodang.exports.tables import FindTable, target_of
from seodang.records import Record

__all__ = ["Choice", "ExportReport", "export"]


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`left_out`: rows that are not there, by reason. The others count rows that are there without something.

    `lost`: without this part, which the format cannot carry. `ignored`: with it, and the tool does not read it.
    `left_columns`: without this column, which nobody asked to keep. `as_json`: with this column as JSON text, because a cell
    of the file holds no list. `replaced`: an earlier file of this name is gone.
    """

    rows: int
    left_out: dict[str, int] = {}
    lost: dict[str, int] = {}
    ignored: dict[str, int] = {}
    left_columns: dict[str, int] = {}
    as_json: dict[str, int] = {}
    replaced: bool = False


def report_of(rows: Rows, *, replaced: bool = False) -> ExportReport:
    return ExportReport(
        rows=rows.written,
        left_out=_sorted(rows.left_out),
        lost=_sorted(rows.lost),
        ignored=_sorted(rows.ignored),
        left_columns=_sorted(rows.left_columns),
        as_json=_sorted(rows.as_json),
        replaced=replaced,
    )


def export(
    stream: Iterable[Record], format: Format, out: Path, *, find: FindTable, choice: Choice = EVERYTHING, run: Path | None = None
) -> ExportReport:
    """Writes the records to `out`, which appears whole or not at all. What stood there is replaced, and the report says so.

    `find` gives the table for a suffix that is not core's own. No file of `run`, whose records these are, is ever replaced.
    """
    target = target_of(out, find, for_people=choice.for_people)
    replaced = out.exists()
    if not replaced and not out.resolve().parent.is_dir():
        raise DataError("exports.no-folder", path=str(out), folder=str(out.parent))
    if replaced and run is not None and out.resolve().is_relative_to(run.resolve()):
        raise DataError("exports.file-of-the-run", path=str(out), run=str(run))
    rows = Rows(stream, format, choice)
    target.write(rows.take(target.refuses, flat=target.flat))
    return report_of(rows, replaced=replaced)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
