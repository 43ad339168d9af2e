"""Excel workbooks (.xlsx) with rows in them: the first line of a sheet names the columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import seodang


class Xlsx(seodang.Table):
    """Reads a sheet row by row and writes one sheet of texts, numbers and truth values; lists and objects as JSON text.

    Nothing is guessed: a formula that was never calculated, an error value, a value hidden by merged cells and a value without a
    column name are each told with their place, and so is every other sheet that has content.
    """

    name = "xlsx"
    revision = 1
    flat = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        sheet: Annotated[str, msgspec.Meta(description="The name of the sheet to read. Default: the first one.")] = ""

    def read(self, path: Path, encoding: str | None) -> Iterator[seodang.Row | seodang.BadLine]:
        from seodang_xlsx.reading import read_xlsx

        return read_xlsx(path, self.options.sheet)

    def write(self, rows: Iterable[Mapping[str, Any]], path: Path) -> None:
        from seodang_xlsx.writing import write_xlsx

        write_xlsx(rows, path)

    def refuses(self, row: Mapping[str, Any]) -> str:
        from seodang_xlsx.writing import is_too_long

        return "seodang_xlsx:cell-too-long" if any(is_too_long(value) for value in row.values()) else ""


@seodang.hookimpl
def register_tables(register: seodang.Register) -> None:
    register(Xlsx)
