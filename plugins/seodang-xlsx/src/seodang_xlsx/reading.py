"""Reads a sheet row by row: the first line that is not empty names the columns, every other line is a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_xlsx.cells import day_text, letters, place_of
from seodang_xlsx.package import Damaged, Sheet, Workbook, fed, new_parser, opened
from seodang_xlsx.sheets import Cell, Line, SheetParser

_MOST_MERGED = 100_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


def read_xlsx(path: Path, wanted: str) -> Iterator[seodang.Row | seodang.BadLine]:
    """The rows of one sheet, and a bad line for each row that is no row and for each sheet that was not asked for and is not empty."""
    with opened(path) as workbook:
        sheet = _chosen(workbook, wanted)
        merged = _merged(workbook, sheet)
        columns: list[str] | None = None
        for line in _lines(workbook, sheet):
            covering = merged.over(line.number)
            if all(cell.is_empty for cell in line.cells.values()):
                continue
            if columns is None:
                columns = _columns(workbook, line, covering)
                continue
            yield _row(workbook, line, columns, covering)
        if not wanted:
            for other in workbook.sheets:
                if other is not sheet and _has_content(workbook, other):
                    detail = f"the sheet {other.name!r} is not read: only the first one is, or the one that the option names"
                    yield seodang.BadLine(f"{path.name}[{other.name}]", "other-sheet", detail, "")


def _chosen(workbook: Workbook, wanted: str) -> Sheet:
    if not workbook.sheets:
        raise Damaged("it has no sheet of cells")
    for sheet in workbook.sheets:
        if not wanted or sheet.name == wanted:
            return sheet
    names = [sheet.name for sheet in workbook.sheets]
    raise seodang.DataError("seodang_xlsx:no-such-sheet", path=str(workbook.path), sheet=wanted, sheets=names)


def _lines(workbook: Workbook, sheet: Sheet) -> Iterator[Line]:
    reader = SheetParser()
    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    with workbook.part(sheet.part) as stream:
        for _ in fed(parser, stream):
            yield from reader.ready
            reader.ready.clear()


def _has_content(workbook: Workbook, sheet: Sheet) -> bool:
    return any(not cell.is_empty for line in _lines(workbook, sheet) for cell in line.cells.values())


class _Range(msgspec.Struct, frozen=True):
    first: int
    last: int
    wide: bool
    name: str


class _Merged:
    """The merged ranges of a sheet, asked for line by line downwards."""

    def __init__(self, ranges: list[_Range]) -> None:
        self._coming = sorted(ranges, key=lambda merged: merged.first, reverse=True)
        self._open: list[_Range] = []

    def over(self, number: int) -> str:
        """The range that hides a cell in this line, as in `A2:A5`; nothing where no cell is hidden."""
        while self._coming and self._coming[-1].first <= number:
            self._open.append(self._coming.pop())
        self._open = [merged for merged in self._open if merged.last >= number]
        return next((merged.name for merged in self._open if merged.wide or number > merged.first), "")


def _merged(workbook: Workbook, sheet: Sheet) -> _Merged:
    """They stand behind the cells, so the part is looked through once before; in texts the brackets are escaped."""
    ranges: list[_Range] = []
    held = b""
    with workbook.part(sheet.part) as stream:
        while chunk := stream.read(1 << 20):
            held += chunk
            end = 0
            for match in _MERGED.finditer(held):
                first, last = (place_of(place) for place in match[1].decode().split(":"))
                if first and last:
                    ranges.append(_Range(first[0], last[0], last[1] > first[1], match[1].decode()))
                end = match.end()
                if len(ranges) > _MOST_MERGED:
                    raise Damaged(f"more than {_MOST_MERGED} merged ranges")
            held = held[max(end, len(held) - 256) :]
    return _Merged(ranges)


def _columns(workbook: Workbook, line: Line, covering: str) -> list[str]:
    path = str(workbook.path)
    if covering:
        raise seodang.DataError("seodang_xlsx:merged-names", path=path, row=line.number, range=covering)
    names: list[str] = []
    for column in range(max(line.cells) + 1):
        value = _value(workbook, line.cells.get(column))
        if isinstance(value, _Wrong):
            raise seodang.DataError(
                "seodang_xlsx:bad-name", path=path, place=f"{letters(column)}{line.number}", detail=value.detail
            )
        names.append("" if value is None else str(value).strip())
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise seodang.DataError("seodang_xlsx:same-columns", path=path, row=line.number, columns=twice)
    return names


def _row(workbook: Workbook, line: Line, columns: Sequence[str], covering: str) -> seodang.Row | seodang.BadLine:
    where = f"{workbook.path.name}:{line.number}"
    if covering:
        return seodang.BadLine(where, "merged", f"{covering} is merged, so that this row lacks a value: split the cells", "")
    if line.too_long:
        return seodang.BadLine(where, "too-long", f"{line.too_long} bytes", "")
    values: dict[str, Any] = {name: None for name in columns if name}
    for column, cell in line.cells.items():
        value = _value(workbook, cell)
        if value is None:
            continue
        place = f"{letters(column)}{line.number}"
        if isinstance(value, _Wrong):
            return seodang.BadLine(where, value.code, f"{place} {value.detail}", cell.text[:200])
        if column >= len(columns) or not columns[column]:
            return seodang.BadLine(where, "no-column-name", f"{place} has a value and its column has no name", cell.text[:200])
        values[columns[column]] = value
    return seodang.Row(values, where)


class _Wrong(msgspec.Struct, frozen=True):
    code: str
    detail: str


def _value(workbook: Workbook, cell: Cell | None) -> Any:
    """The value of a cell, None where it is empty, or what is wrong with it."""
    if cell is None or cell.is_empty:
        return None
    if cell.formula and not cell.has_value:
        return _Wrong("not-calculated", "holds a formula that was never calculated: open and save the file in a spreadsheet")
    if cell.kind == "e":
        return _Wrong("cell-error", f"holds the error {cell.text[:40]}")
    try:
        return _typed(workbook, cell)
    except (ValueError, OverflowError, IndexError) as error:
        return _Wrong("bad-cell", f"cannot be read: {error}")


def _typed(workbook: Workbook, cell: Cell) -> Any:
    if cell.kind == "n":
        text = cell.text.strip()
        number: int | float = int(text) if text.lstrip("-").isdecimal() else float(text)
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is no number")
        shown = workbook.shown(cell.style)
        return day_text(number, shown, since_1904=workbook.since_1904) if shown else number
    if cell.kind == "b":
        return cell.text.strip() in ("1", "true")
    if cell.kind != "s":
        text = cell.text
    else:
        place = int(cell.text)
        if place < 0:
            raise IndexError("no such shared text")
        text = workbook.texts[place]
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    return text
