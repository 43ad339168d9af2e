"""Reading files that somebody else wrote, whatever they are packed in: every row has its place, and every bad one its reason.

`.json` arrays and lines of JSON, `.csv` and `.tsv`; each may be compressed (gzip, bzip2, xz, zstd) or a part of a zip archive.
No file is in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from seodang.errors import DataError
from seodang.files.cells import cell_rows
from seodang.files.durable import explained
from seodang.files.encodings import as_utf8
from seodang.files.flaws import UNREADABLE, decode
from seodang.files.lines import BadLine, Row, line_lists
from seodang.files.packed import PACKED, Part, parts

MOST_LINE_BYTES = 8 * 1024 * 1024

LINES = (".jsonl", ".ndjson", ".json", ".txt", "")
CELLS = (".csv", ".tsv")
"""The ends of the names of files that are read here, packed or not; all others are read by the table of that name."""


def is_read_here(path: Path) -> bool:
    """Whether a file of this name is read without a plugin."""
    return path.suffix.lower() in (*LINES, *CELLS, *PACKED)


def is_flat(path: Path) -> bool:
    """Whether the cells of such a file hold nothing but texts."""
    suffix = path.suffix.lower()
    return (path.with_suffix("").suffix.lower() if suffix in PACKED else suffix) in CELLS


def unfolded(rows: Iterable[Row], lists: Collection[str]) -> Iterator[Row]:
    """The rows with the JSON in these columns read. Any other text, also the JSON of a number, stays a text."""
    for row in rows:
        found = {name: value for name in lists if (value := _unfolded(row.values.get(name))) is not None}
        yield Row({**row.values, **found}, row.where) if found else row


def _unfolded(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(("[", "{")):
        return None
    try:
        value = decode(cell)
    except UNREADABLE:
        return None
    whole = isinstance(value, dict) or (
        isinstance(value, list) and all(isinstance(part, dict | list | str | None) for part in value)
    )
    return value if whole else None


def read_rows(path: Path, *, encoding: str | None = None, max_line_bytes: int = MOST_LINE_BYTES) -> Iterator[Row | BadLine]:
    """The rows and bad lines of a file, in its order.

    Raises DataError for a file none of which can be read: it is missing, damaged, no text, or in an encoding that was not given.
    A part of an archive that holds no rows is told and passed over.
    """
    return chain.from_iterable(read_lists(path, encoding=encoding, max_line_bytes=max_line_bytes))


def read_lists(
    path: Path, *, encoding: str | None = None, max_line_bytes: int = MOST_LINE_BYTES
) -> Iterator[Sequence[Row | BadLine]]:
    """The same, as many at a time as were found together: handing on a million rows one by one takes as long as decoding them."""
    path = Path(path)
    for part in parts(path):
        if part.suffix in (*LINES, *CELLS):
            yield from _lists_of(part, path, encoding, max_line_bytes)
        elif part.name != path.name:
            yield (BadLine(part.name, "not-rows", part.suffix, ""),)
        else:
            raise DataError("files.no-rows", path=str(path), suffix=part.suffix, known=", ".join((*LINES[:3], *CELLS)))


def _lists_of(part: Part, path: Path, encoding: str | None, most: int) -> Iterator[Sequence[Row | BadLine]]:
    with explained(path), as_utf8(part.open(), path, encoding) as stream:
        if part.suffix in CELLS:
            for row in cell_rows(stream, part.name, part.suffix, most):
                yield (row,)
        else:
            yield from line_lists(stream, part.name, part.suffix, most)
