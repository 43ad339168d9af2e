"""Writes records in a format that others read, and tells what that format could not carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.exports.formats import FORMATS, Extras, Format, LeftOut, has
from seodang.files.durable import DurableFile
from seodang.records import Record

_BUFFER_BYTES = 1 << 20


class ExportReport(msgspec.Struct, frozen=True):
    """`left_out`: rows that are not in the file, by reason. `lost`: rows that are, without this part of theirs."""

    rows: int
    left_out: dict[str, int] = {}
    lost: dict[str, int] = {}


def export(
    stream: Iterable[Record], format: str, out: Path, language: str | None = None, *, keep_columns: Sequence[str] = ()
) -> ExportReport:
    """Writes the records to `out` as JSON Lines; the file appears whole or not at all.

    `language` takes only the records in that language. `keep_columns` names columns or tags that are written beside the
    format's own keys, null where a record lacks one. The stream is read twice (a RecordStream, a list): what any record
    needs, every row has, so that a reader finds the same columns from the first row to the last.
    """
    if iter(stream) is stream:
        raise TypeError("export reads its records twice; give it a RecordStream or a list, not an iterator")
    target = _format(format, keep_columns)
    extras = _extras(stream, target, language, keep_columns)
    rows, left_out, lost = 0, Counter[str](), Counter[str]()
    encoder, buffer = msgspec.json.Encoder(), bytearray()
    with DurableFile(out) as file:
        for record in stream:
            row = LeftOut("language") if language and record.language != language else target.row(record, extras)
            if isinstance(row, LeftOut):
                left_out[row.reason] += 1
                continue
            row.update(_columns(record, keep_columns))
            lost.update(has(record).intersection(target.cannot_carry))
            rows += 1
            buffer += encoder.encode(row)
            buffer += b"\n"
            if len(buffer) >= _BUFFER_BYTES:
                file.write(buffer)
                buffer.clear()
        file.write(buffer)
    return ExportReport(rows, dict(sorted(left_out.items())), dict(sorted(lost.items())))


def _format(name: str, keep_columns: Sequence[str]) -> Format:
    target = FORMATS.get(name)
    if target is None:
        raise DataError("exports.unknown-format", format=name, known=", ".join(FORMATS))
    for column in keep_columns:
        if column in (*target.keys, *target.extras):
            raise DataError("exports.column-in-the-way", column=column, format=name)
    return target


def _extras(stream: Iterable[Record], target: Format, language: str | None, keep_columns: Sequence[str]) -> Extras:
    """The optional keys that the rows need. A column that no record has is a mistake in its name, told at once."""
    needed: set[str] = set()
    known: dict[str, None] = {}
    for record in stream:
        if language and record.language != language:
            continue
        needed |= has(record)
        if keep_columns:
            known.update(dict.fromkeys((*record.columns, *record.tags)))
    for column in keep_columns:
        if column not in known:
            raise DataError("exports.no-such-column", column=column, known=", ".join(known))
    return frozenset(needed.intersection(target.extras))


def _columns(record: Record, names: Sequence[str]) -> dict[str, Any]:
    return {name: record.columns[name] if name in record.columns else record.tags.get(name) for name in names}
