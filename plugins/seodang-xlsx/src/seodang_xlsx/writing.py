"""Writes a workbook of one sheet, row by row into the ZIP file: no row is in memory longer than it takes.

Texts are written as texts, never as formulas, whatever they begin with.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_xlsx.cells import MOST_CHARACTERS, MOST_COLUMNS, MOST_ROWS, escaped, letters

_BUFFER_CHARACTERS = 1 << 18
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="rows" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_WIDE = re.compile("[\U00010000-\U0010ffff]")


def write_xlsx(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """The same rows are the same file: no time stands in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(_entry(name), _HEAD + content)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            buffer: list[str] = []
            size = 0
            for line in _lines(rows):
                buffer.append(line)
                size += len(line)
                if size >= _BUFFER_CHARACTERS:
                    sheet.write("".join(buffer).encode())
                    buffer, size = [], 0
            sheet.write("".join([*buffer, "</sheetData></worksheet>"]).encode())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    columns: tuple[str, ...] | None = None
    number = 1
    places: list[str] = []
    for row in rows:
        if columns is None:
            columns = tuple(row)
            if len(columns) > MOST_COLUMNS:
                raise seodang.DataError("seodang_xlsx:too-many-columns", columns=len(columns), most=MOST_COLUMNS)
            places = [letters(column) for column in range(len(columns))]
            yield _line(number, places, columns)
        elif row.keys() != set(columns):
            raise seodang.DataError("seodang_xlsx:uneven-rows", first=columns, other=tuple(row))
        number += 1
        if number > MOST_ROWS:
            raise seodang.DataError("seodang_xlsx:too-many-rows", most=MOST_ROWS - 1)
        yield _line(number, places, [row[name] for name in columns])


def _line(number: int, places: Iterable[str], values: Iterable[Any]) -> str:
    cells = [_cell(f"{place}{number}", value) for place, value in zip(places, values, strict=True) if value is not None]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: Any) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'


def is_too_long(value: Any) -> bool:
    """Whether Excel would cut the value, or call the file damaged. It counts characters beyond the first plane twice."""
    if value is None or isinstance(value, (bool, int, float)):
        return False
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return len(text) > MOST_CHARACTERS or (
        2 * len(text) > MOST_CHARACTERS and len(text) + len(_WIDE.findall(text)) > MOST_CHARACTERS
    )
