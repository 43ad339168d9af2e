"""Parquet files with rows in them, read and written in row groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import seodang


class Parquet(seodang.Table):
    """A column whose values have one shape is a Parquet column of that shape; any other is JSON text, which is read back as it was.

    Dates and times become ISO 8601 texts when they are read. A value that JSON does not know is told with its column.
    """

    name = "parquet"
    revision = 1

    def read(self, path: Path, encoding: str | None) -> Iterator[seodang.Row | seodang.BadLine]:
        from seodang_parquet.reading import read_parquet

        return read_parquet(path)

    def write(self, rows: Iterable[Mapping[str, Any]], path: Path) -> None:
        from seodang_parquet.writing import write_parquet

        write_parquet(rows, path)


@seodang.hookimpl
def register_tables(register: seodang.Register) -> None:
    register(Parquet)
