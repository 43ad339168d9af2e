"""Reading files that somebody else wrote: every line ends as a row or as a bad line with its place and reason.

`.jsonl` and whatever else is one object a line; `.json` when it is an array of objects. None crashes, none is lost in silence,
and no file is in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from seodang.errors import DataError
from seodang.files.arrays import Held, TooLong, elements
from seodang.files.durable import explained
from seodang.files.encodings import open_utf8
from seodang.files.flaws import UNREADABLE, Flaw, decode, flaw_in, flaw_of, flawless
from seodang.wording.printable import one_line

MOST_LINE_BYTES = 8 * 1024 * 1024

_BLOCK_BYTES = 1 << 16
_SHOWN_CHARACTERS = 200
_BLANK = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"


class Row(msgspec.Struct, frozen=True, gc=False):
    """A JSON object and its place: `rows.jsonl:17` is a line, counted from 1; `rows.json[16]` an element, counted from 0."""

    values: dict[str, Any]
    where: str


class BadLine(msgspec.Struct, frozen=True):
    """A line that is no row. `where` has the column too, where one is known; `text` is its beginning, fit to be printed."""

    where: str
    code: str
    detail: str
    text: str


def read_rows(path: Path, *, encoding: str | None = None, max_line_bytes: int = MOST_LINE_BYTES) -> Iterator[Row | BadLine]:
    """The rows and bad lines of a file, in its order.

    Rows and bad lines and blank lines are together all the lines there are. A mark of byte order is passed over wherever a
    line begins with it, as files that were joined have it in their middle. Raises DataError for a file none of which can be
    read: it is missing, compressed, or in an encoding that was not given.
    """
    path = Path(path)
    with open_utf8(path, encoding) as stream, explained(path):
        if path.suffix.lower() == ".json":
            first = _first_sign(stream)
            if first == b"[":
                yield from _array_rows(stream, path.name, max_line_bytes)
                return
            if first == b"{" and stream.peek()[:_BLOCK_BYTES].split(b"\n", 1)[0].strip(_BLANK) == b"{":  # type: ignore[attr-defined]
                raise DataError("files.one-object", path=str(path))
        yield from _line_rows(stream, path.name, max_line_bytes)


def _first_sign(stream: BinaryIO) -> bytes:
    """Passes over blanks and a mark of byte order, and says what comes then without taking it."""
    while True:
        ready: bytes = stream.peek()  # type: ignore[attr-defined]
        if ready.startswith(_MARK):
            stream.read(len(_MARK))
        elif ready and ready[:1] in (b" ", b"\t", b"\r", b"\n"):
            stream.read(len(ready) - len(ready.lstrip(_BLANK)))
        else:
            return ready[:1]


def _line_rows(stream: BinaryIO, name: str, most: int) -> Iterator[Row | BadLine]:
    number = 0
    for block in _blocks(stream, most):
        if isinstance(block, TooLong):
            number += 1
            yield _too_long(f"{name}:{number}", block)
            continue
        lines = block.split(b"\n")
        unfinished = lines[-1] != b""
        if not unfinished:
            lines.pop()
        try:
            values = list(map(decode, lines))
        except UNREADABLE:
            values = []
        if values and flawless(block, values):
            for number, value in enumerate(values, number + 1):  # noqa: B020
                yield Row(value, f"{name}:{number}")
            continue
        for line in lines:
            number += 1
            if (found := _examined(line, f"{name}:{number}", unfinished=unfinished and line is lines[-1])) is not None:
                yield found


def _blocks(stream: BinaryIO, most: int) -> Iterator[bytes | TooLong]:
    """Whole lines, many at a time; only the last one of the file may lack its line end."""
    held = Held(most)
    while chunk := stream.read(min(_BLOCK_BYTES, most)):
        if held.size:
            end = chunk.find(b"\n") + 1
            held.add(chunk[:end] if end else chunk)
            if not end:
                continue
            yield held.take()
            chunk = chunk[end:]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield chunk[:cut]
        if cut < len(chunk):
            held.add(chunk[cut:])
    if held.size:
        yield held.take()


def _examined(line: bytes, where: str, *, unfinished: bool) -> Row | BadLine | None:
    """One line on its own; None for a blank one."""
    if line.startswith(_MARK):
        line = line[len(_MARK) :]
    line = line.strip(_BLANK)
    if not line:
        return None
    try:
        value = decode(line)
    except UNREADABLE:
        return _bad(where, flaw_of(line, unfinished=unfinished), line)
    flaw = flaw_in(line, value)
    return _bad(where, flaw, line) if flaw else Row(value, where)


def _array_rows(stream: BinaryIO, name: str, most: int) -> Iterator[Row | BadLine]:
    for number, element in enumerate(elements(stream, most)):
        where = f"{name}[{number}]"
        if isinstance(element.content, TooLong):
            yield _too_long(where, element.content)
        elif element.outside:
            yield _bad(where, Flaw("malformed", "this stands behind the end of the array"), element.content.strip(_BLANK))
        else:
            found = _examined(element.content, where, unfinished=not element.ended)
            if found is not None:
                yield found
            if found is None and element.ended:
                yield _bad(where, Flaw("malformed", "a comma with nothing before or after it"), b"")
            elif not element.ended and not isinstance(found, BadLine):
                # What was read is whole, but the array is not: more may have followed.
                yield _bad(f"{name}[{number + (found is not None)}]", Flaw("torn", "the array has no end"), b"")


def _too_long(where: str, line: TooLong) -> BadLine:
    return _bad(where, Flaw("too-long", f"{line.size} bytes"), line.head)


def _bad(where: str, flaw: Flaw, line: bytes) -> BadLine:
    place = f"{where}:{flaw.column}" if flaw.column else where
    text = one_line(line[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace"), _SHOWN_CHARACTERS)
    return BadLine(place, flaw.code, one_line(flaw.detail, _SHOWN_CHARACTERS), text)
