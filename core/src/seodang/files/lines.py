"""Reading lines that somebody else wrote: every one ends as a row or as a bad line with its place and reason.

`.jsonl` and whatever else is one object a line; `.json` when it is an array of objects. None crashes, none is lost in silence,
and no file is in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from seodang.errors import DataError
from seodang.files.arrays import Held, TooLong, elements
from seodang.files.flaws import UNREADABLE, Flaw, decode, flaw_in, flaw_of, flawless
from seodang.wording.printable import one_line

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


def line_lists(stream: BinaryIO, name: str, suffix: str, most: int) -> Iterator[Sequence[Row | BadLine]]:
    """The rows and bad lines of a stream of UTF-8, in its order, many at a time.

    Rows and bad lines and blank lines are together all the lines there are. A mark of byte order is passed over wherever a
    line begins with it, as files that were joined have it in their middle.
    """
    if suffix == ".json":
        first = _first_sign(stream)
        if first == b"[":
            for row in _array_rows(stream, name, most):
                yield (row,)
            return
        if first == b"{" and stream.peek()[:_BLOCK_BYTES].split(b"\n", 1)[0].strip(_BLANK) == b"{":  # type: ignore[attr-defined]
            yield (_lone_object(stream, name, most),)
            return
    yield from _line_lists(stream, name, most)


def _lone_object(stream: BinaryIO, name: str, most: int) -> Row | BadLine:
    """An object over several lines, as people write a single example: the one row of its file."""
    content = stream.read(most + 1)
    if len(content) > most:
        raise DataError("files.one-object", path=name)
    found = _examined(content, f"{name}:1", unfinished=False)
    assert found is not None, "the first sign was a brace"
    return found


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


def _line_lists(stream: BinaryIO, name: str, most: int) -> Iterator[Sequence[Row | BadLine]]:
    number = 0
    for block in _blocks(stream, most):
        if isinstance(block, TooLong):
            number += 1
            yield (_too_long(f"{name}:{number}", block),)
            continue
        lines = block.split(b"\n")
        unfinished = lines[-1] != b""
        if not unfinished:
            lines.pop()
        try:
            values = list(map(decode, lines))
        except UNREADABLE:
            values = []
        first = number + 1
        number += len(lines)
        places = list(map(f"{name}:".__add__, map(str, range(first, number + 1))))
        if values and flawless(block, values):
            yield list(map(Row, values, places))
            continue
        found = [
            _examined(line, place, unfinished=unfinished and line is lines[-1]) for line, place in zip(lines, places, strict=True)
        ]
        yield [row for row in found if row is not None]


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
        return bad_line(where, flaw_of(line, unfinished=unfinished), line)
    flaw = flaw_in(line, value)
    return bad_line(where, flaw, line) if flaw else Row(value, where)


def _array_rows(stream: BinaryIO, name: str, most: int) -> Iterator[Row | BadLine]:
    for number, element in enumerate(elements(stream, most)):
        where = f"{name}[{number}]"
        if isinstance(element.content, TooLong):
            yield _too_long(where, element.content)
        elif element.outside:
            yield bad_line(where, Flaw("malformed", "this stands behind the end of the array"), element.content.strip(_BLANK))
        else:
            found = _examined(element.content, where, unfinished=not element.ended)
            if found is not None:
                yield found
            if found is None and element.ended:
                yield bad_line(where, Flaw("malformed", "a comma with nothing before or after it"), b"")
            elif not element.ended and not isinstance(found, BadLine):
                # What was read is whole, but the array is not: more may have followed.
                yield bad_line(f"{name}[{number + (found is not None)}]", Flaw("torn", "the array has no end"), b"")


def _too_long(where: str, line: TooLong) -> BadLine:
    return bad_line(where, Flaw("too-long", f"{line.size} bytes"), line.head)


def bad_line(where: str, flaw: Flaw, line: bytes) -> BadLine:
    """The line as a person is shown it: its place with the column, its beginning fit to be printed."""
    place = f"{where}:{flaw.column}" if flaw.column else where
    text = one_line(line[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace"), _SHOWN_CHARACTERS)
    return BadLine(place, flaw.code, one_line(flaw.detail, _SHOWN_CHARACTERS), text)
