"""The XML of a sheet, turned into lines of cells as it comes."""

from __future__ import annotations

import msgspec

from seodang_xlsx.cells import MOST_COLUMNS, MOST_ROWS, place_of, unescaped
from seodang_xlsx.package import Damaged, local

MOST_LINE_BYTES = 8 * 1024 * 1024


class Cell(msgspec.Struct, gc=False):
    """`kind` is the type as the file says it: `n` number, `s` a shared text, `str` and `inlineStr` texts, `b`, `e` error, `d` day."""

    kind: str
    style: str | None
    text: str = ""
    formula: bool = False
    has_value: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it. A formula whose result is an empty text shows nothing; a text that is empty was put there."""
        if not self.has_value:
            return not self.formula
        return not self.text and self.kind != "inlineStr"


class Line(msgspec.Struct):
    """One line of a sheet, its cells by their columns. `too_long` counts the bytes of one that was not kept."""

    number: int
    cells: dict[int, Cell]
    too_long: int = 0


class SheetParser:
    """Handlers for a parser of XML. `ready` fills with the lines that are whole."""

    def __init__(self) -> None:
        self.ready: list[Line] = []
        self._line = Line(0, {})
        self._column = -1
        self._cell: Cell | None = None
        self._parts: list[str] = []
        self._in_text = False
        self._aside = 0
        self._size = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            given = attributes.get("r")
            number = int(given) if given else self._line.number + 1
            if not self._line.number < number <= MOST_ROWS:
                raise Damaged(f"row {number} stands after row {self._line.number}")
            self._line, self._column, self._size = Line(number, {}), -1, 0
        elif self._cell is not None:
            if name == "f":
                self._cell.formula = True
            elif name == "rPh":
                self._aside += 1
            elif name == "v" or (name == "t" and not self._aside):
                self._in_text = True
                self._cell.has_value = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        if given:
            place = place_of(given)
            if place is None or place[0] != self._line.number or place[1] in self._line.cells:
                raise Damaged(f"a cell {given[:20]} in row {self._line.number}")
            self._column = place[1]
        else:
            self._column += 1
            if self._column >= MOST_COLUMNS:
                raise Damaged(f"row {self._line.number} has more than {MOST_COLUMNS} cells")
        self._cell = Cell(attributes.get("t", "n"), attributes.get("s"))

    def end(self, name: str) -> None:
        name = local(name)
        if name == "c" and self._cell is not None:
            text = "".join(self._parts)
            self._parts.clear()
            self._cell.text = unescaped(text) if self._cell.kind in ("inlineStr", "str") else text
            self._line.cells[self._column] = self._cell
            self._cell = None
        elif name == "row":
            if self._size > MOST_LINE_BYTES:
                self._line.too_long = self._size
            self.ready.append(self._line)
        elif name == "rPh":
            self._aside -= 1
        elif name in ("v", "t"):
            self._in_text = False

    def characters(self, text: str) -> None:
        if self._in_text:
            self._size += len(text)
            if self._size <= MOST_LINE_BYTES:
                self._parts.append(text)
