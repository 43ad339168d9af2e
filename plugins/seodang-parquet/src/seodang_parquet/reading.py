"""Reads Parquet that somebody else wrote: some rows at a time, every value as JSON has it."""

from __future__ import annotations

import base64
import datetime
import decimal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_parquet.writing import MARK

_ROWS_AT_ONCE = 256
_MOST_CHUNK_BYTES = 128 * 1024 * 1024
_MOST_RATIO = 1_000
"""A column of this many unpacked bytes per packed one is a bomb; texts that people write are under 100."""
_MOST_CELL_BYTES = 8 * 1024 * 1024


def read_parquet(path: Path) -> Iterator[seodang.Row | seodang.BadLine]:
    """The rows; one with a value that JSON does not know is a bad line. Raises DataError for what is no Parquet."""
    import pyarrow
    import pyarrow.parquet

    try:
        # Unbuffered and unprefetched: the memory is that of a few pages, however large the row groups are.
        with pyarrow.parquet.ParquetFile(path, memory_map=False, pre_buffer=False, buffer_size=1 << 20) as file:
            _refuse_bombs(path, file.metadata)
            names = file.schema_arrow.names
            if len({*names}) != len(names):
                raise seodang.DataError("seodang_parquet:same-columns", path=str(path), columns=sorted({*names}))
            texts = [field.name for field in file.schema_arrow if (field.metadata or {}).get(MARK) == b"json"]
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for values in batch.to_pylist():
                    number += 1
                    yield _row(values, texts, f"{path.name}:{number}")
    except FileNotFoundError:
        raise seodang.DataError("seodang_parquet:missing", path=str(path)) from None
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        detail = str(error).partition("\n")[0]
        raise seodang.DataError("seodang_parquet:unreadable", path=str(path), detail=detail) from error


def _refuse_bombs(path: Path, metadata: Any) -> None:
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            packed, whole = chunk.total_compressed_size, chunk.total_uncompressed_size
            if whole > _MOST_CHUNK_BYTES and whole > _MOST_RATIO * packed:
                raise seodang.DataError("seodang_parquet:bomb", path=str(path), packed=packed, whole=whole)


def _row(values: dict[str, Any], texts: list[str], where: str) -> seodang.Row | seodang.BadLine:
    for name, value in values.items():
        if type(value) is str:
            if len(value) > _MOST_CELL_BYTES:
                return seodang.BadLine(where, "too-long", f"{name}: {len(value)} characters", value[:200])
            if name in texts:
                try:
                    values[name] = msgspec.json.decode(value)
                except msgspec.DecodeError as error:
                    return seodang.BadLine(where, "malformed", f"{name}: {error}", value[:200])
        elif value is not None and type(value) not in _PLAIN:
            try:
                values[name] = _plain(value)
            except _NoJson as error:
                return seodang.BadLine(where, "no-json", f"{name}: {error}", "")
    return seodang.Row(values, where)


class _NoJson(Exception):
    """A value that JSON has no word for."""


_PLAIN = (str, int, bool)


def _plain(value: Any) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise _NoJson(f"{value} is no number")
        return value
    if isinstance(value, list):
        # A map is a list of pairs here; JSON keeps it so.
        return [_plain(inner) for inner in value]
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    for kind, turn in _TURNED.items():
        if isinstance(value, kind):
            return turn(value)
    raise _NoJson(f"a value of type {type(value).__name__}")


_TURNED: dict[type, Callable[[Any], Any]] = {
    datetime.datetime: lambda value: value.isoformat(),
    datetime.date: lambda value: value.isoformat(),
    datetime.time: lambda value: value.isoformat(),
    datetime.timedelta: lambda value: value.total_seconds(),
    decimal.Decimal: str,
    bytes: lambda value: base64.b64encode(value).decode(),
}
