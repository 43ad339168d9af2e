"""Rows in files of cells: CSV as spreadsheets write it, TSV as data sets are published in.

The first line names the columns. Every value is a text, as it stands; what a number or an empty cell means is the format's to say.
Not by the csv module: a quotation mark that is never closed makes it swallow the rest of the file, and its limit on the length of a
cell is one for the whole process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import msgspec

from seodang.errors import DataError
from seodang.files.encodings import looks_like_cp949
from seodang.files.flaws import Flaw
from seodang.files.lines import BadLine, Row, bad_line

MOST_LINES = 1_000
"""A quotation mark that is never closed would make one cell of the rest of the file; so many lines no cell has."""

_MARK = "\ufeff"


class _Line(msgspec.Struct, frozen=True):
    number: int
    content: bytes
    text: str
    flaw: Flaw | None = None


class _Record(msgspec.Struct, frozen=True):
    """The cells that begin in this line; with a flaw instead, only this line is spent."""

    line: _Line
    cells: Sequence[str] = ()
    flaw: Flaw | None = None


def cell_rows(stream: BinaryIO, name: str, suffix: str, most: int) -> Iterator[Row | BadLine]:
    """The rows and bad lines of a stream of UTF-8. Raises DataError where the first line cannot name the columns."""
    records = (_tab_records if suffix == ".tsv" else _comma_records)(_lines(stream, most), most)
    columns: list[str] | None = None
    for record in records:
        where = f"{name}:{record.line.number}"
        if columns is None:
            columns = _header(record, name)
        elif record.flaw:
            yield bad_line(where, record.flaw, record.line.content)
        elif len(record.cells) != len(columns):
            yield bad_line(where, Flaw("cells", f"{len(record.cells)}/{len(columns)}"), record.line.content)
        else:
            yield Row(dict(zip(columns, record.cells, strict=True)), where)


def _header(record: _Record, name: str) -> list[str]:
    if record.flaw:
        if record.flaw.detail == "CP949":
            raise DataError("files.wrong-encoding", path=name, found="cp949")
        raise DataError("files.no-header", path=name)
    columns = [cell.strip() for cell in record.cells]
    repeated = [column for place, column in enumerate(columns) if column in columns[:place]]
    if repeated:
        raise DataError("files.column-twice", path=name, column=repeated[0])
    return columns


def _lines(stream: BinaryIO, most: int) -> Iterator[_Line]:
    number = 0
    while content := stream.readline(most + 1):
        number += 1
        if len(content) > most:
            size = len(content)
            head = content
            while not content.endswith(b"\n") and (content := stream.readline(most)):
                size += len(content)
            yield _Line(number, head[:1024], "", Flaw("too-long", f"{size} bytes"))
            continue
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            found = "CP949" if looks_like_cp949(content) else f"0x{content[error.start]:02x}"
            yield _Line(number, content, "", Flaw("encoding", found))
            continue
        if number == 1:
            text = text.removeprefix(_MARK)
        flaw = Flaw("nul", column=text.index("\0") + 1) if "\0" in text else None
        yield _Line(number, content, text, flaw)


class _Waiting:
    """Lines that can be put back, because a quotation that began there was none."""

    def __init__(self, lines: Iterator[_Line]) -> None:
        self._lines = lines
        self._back: list[_Line] = []

    def take(self) -> _Line | None:
        return self._back.pop() if self._back else next(self._lines, None)

    def put_back(self, lines: Sequence[_Line]) -> None:
        self._back += reversed(lines)


def _comma_records(lines: Iterator[_Line], most: int) -> Iterator[_Record]:
    waiting = _Waiting(lines)
    delimiter = ""
    while (line := waiting.take()) is not None:
        if line.flaw:
            yield _Record(line, flaw=line.flaw)
        elif line.text.strip():
            delimiter = delimiter or _delimiter(line.text)
            cells, used = _quoted_cells(line, waiting, delimiter, most)
            if cells is None:
                waiting.put_back(used)
                yield _Record(line, flaw=Flaw("open-quotation"))
            else:
                yield _Record(line, cells)


def _delimiter(header: str) -> str:
    """A comma; where the header has none, the semicolon or the tab that spreadsheets of other countries write."""
    bare = re.sub(r'"[^"]*"', "", header)
    return next((sign for sign in (",", ";", "\t") if sign in bare), ",")


def _tab_records(lines: Iterator[_Line], most: int) -> Iterator[_Record]:
    """Published TSV has no quoting: a mark at the beginning of a cell is somebody's speech. Spreadsheets quote every cell, or those
    that hold a tab, a line end or a mark; what such a writer would not have quoted is left as it stands."""
    waiting = _Waiting(lines)
    columns, all_quoted = 0, False
    while (line := waiting.take()) is not None:
        if line.flaw:
            yield _Record(line, flaw=line.flaw)
            continue
        plain = _ended(line.text).split("\t")
        if plain == [""]:
            continue
        if not columns:
            columns = len(plain)
            all_quoted = all(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in plain)
        if not any(cell.startswith('"') for cell in plain):
            yield _Record(line, plain)
            continue
        cells, used = _quoted_cells(line, waiting, "\t", most)
        needed = cells is not None and any(sign in cell for cell in cells for sign in '\t\n"')
        fits = cells is not None and len(cells) == columns and (len(plain) != columns or not used)
        if cells is not None and (all_quoted or (needed and fits)):
            yield _Record(line, cells)
        else:
            waiting.put_back(used)
            yield _Record(line, plain)


def _quoted_cells(line: _Line, waiting: _Waiting, delimiter: str, most: int) -> tuple[list[str] | None, list[_Line]]:
    """The cells that begin in this line, or None where a quotation stays open; and the lines that were taken beside it."""
    cells = _Cells(delimiter)
    used: list[_Line] = []
    size = len(line.content)
    cells.feed(line.text)
    while cells.open:
        following = waiting.take()
        if following is None:
            return None, used
        used.append(following)
        size += len(following.content)
        if following.flaw or len(used) > MOST_LINES or size > most:
            return None, used
        cells.feed(following.text)
    return cells.found, used


class _Cells:
    """The cells of a text that comes line by line. A quotation mark in the middle of a cell is an ordinary sign."""

    def __init__(self, delimiter: str) -> None:
        self.found: list[str] = []
        self.open = False
        self._delimiter = delimiter
        self._quoted: list[str] = []

    def feed(self, text: str) -> None:
        place = 0
        while True:
            if self.open or text.startswith('"', place):
                place = self._quotation(text, place if self.open else place + 1)
                if self.open:
                    return
                # What stands between the closing mark and the end of the cell belongs to it.
                cell, place = self._rest(text, place)
                self.found.append("".join((*self._quoted, cell)))
                self._quoted = []
            else:
                cell, place = self._rest(text, place)
                self.found.append(cell)
            if place < 0:
                return

    def _rest(self, text: str, place: int) -> tuple[str, int]:
        """What is left of the cell, and where the next one begins: -1 where there is none."""
        end = text.find(self._delimiter, place)
        return (text[place:end], end + 1) if end >= 0 else (_ended(text[place:]), -1)

    def _quotation(self, text: str, place: int) -> int:
        self.open = True
        while (mark := text.find('"', place)) >= 0:
            self._quoted.append(text[place:mark])
            place = mark + 1
            if not text.startswith('"', place):
                self.open = False
                return place
            self._quoted.append('"')
            place += 1
        self._quoted.append(text[place:])
        return place


def _ended(text: str) -> str:
    """Without the end of the line, of which a cell may hold others."""
    return text.removesuffix("\n").removesuffix("\r")
