"""Writes Parquet: the rows once to a file beside, to see every value's shape, then in row groups."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
import seodang

from seodang_parquet.shapes import JSON, NULL, Shape, arrow_type, join, settled, shape_of

MARK = b"seodang"
"""The key in a field's metadata that says what its text is."""

_GROUP_ROWS = 10_000
_GROUP_BYTES = 32 * 1024 * 1024


def write_parquet(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Never all rows in memory: a row group is at most 10,000 rows or 32 MB of them."""
    # Python's type checkers do not know pyarrow; imported here because no other command needs it.
    import pyarrow
    import pyarrow.parquet

    # Beside the file, where there is room for it, and not where temporary files may be memory.
    with tempfile.TemporaryFile(dir=path.parent) as spill:
        shapes = _spilt(rows, spill)
        fields = [
            pyarrow.field(name, arrow_type(shape), metadata={MARK: b"json"} if shape is JSON else None)
            for name, shape in shapes.items()
        ]
        schema = pyarrow.schema(fields)
        texts = [name for name, shape in shapes.items() if shape is JSON]
        spill.seek(0)
        with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            for group in _groups(spill):
                for row in group:
                    for name in texts:
                        row[name] = msgspec.json.encode(row[name]).decode()
                writer.write_table(pyarrow.Table.from_pylist(group, schema=schema))


def _spilt(rows: Iterable[Mapping[str, Any]], spill: IO[bytes]) -> dict[str, Shape]:
    """Writes the rows as JSON Lines and returns the shape of each column. A column that is not in every row is not null there."""
    shapes: dict[str, Shape] = {}
    encode = msgspec.json.Encoder().encode
    columns: tuple[str, ...] | None = None
    for row in rows:
        if columns is None:
            columns = tuple(row)
            shapes = dict.fromkeys(columns, NULL)
        elif tuple(row) != columns and set(row) != set(columns):
            raise seodang.DataError("seodang_parquet:uneven-rows", first=columns, other=tuple(row))
        for name, value in row.items():
            known = shapes[name]
            if known is not JSON:
                shapes[name] = join(known, shape_of(value))
        spill.write(encode(row))
        spill.write(b"\n")
    return {name: settled(shape) for name, shape in shapes.items()}


def _groups(spill: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    size = 0
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for line in spill:
        group.append(decode(line))
        size += len(line)
        if len(group) >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
