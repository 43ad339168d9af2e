"""The elements of a JSON array in a file, one at a time: the whole is never in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

HEAD_BYTES = 1024
"""What is kept of a row that is too long to be kept, so that a person can recognise it."""

_BLOCK_BYTES = 1 << 16
_BLANK = b" \t\r\n"
_OUTSIDE = re.compile(rb'["\[\]{},]')
_INSIDE = re.compile(rb'["\[\]{}]')
_BACKSLASH = 0x5C


class TooLong(msgspec.Struct, frozen=True):
    """A row that was passed over: how many bytes it had, and its beginning."""

    size: int
    head: bytes


class Element(msgspec.Struct, frozen=True):
    """`ended`: a comma or the closing bracket came after it. `outside`: it stands behind the array."""

    content: bytes | TooLong
    ended: bool = True
    outside: bool = False


class Held:
    """The bytes of one row as they come, up to `most`; of a longer one only its beginning and its size."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[bytes] = []
        self._head = b""
        self.size = 0

    def add(self, part: bytes) -> None:
        self.size += len(part)
        self._parts.append(part)
        if self.size > self._most:
            self._head = self._head or b"".join(self._parts[:2])[:HEAD_BYTES]
            self._parts.clear()

    def take(self) -> bytes | TooLong:
        content = TooLong(self.size, self._head) if self.size > self._most else b"".join(self._parts)
        self._parts, self._head, self.size = [], b"", 0
        return content


def elements(stream: BinaryIO, most: int) -> Iterator[Element]:
    """The elements of the array that the stream begins with.

    They are cut apart by brackets and commas alone and not yet decoded, so that a wrong one spoils no other. A quotation
    mark that is missing does: then everything up to the next one belongs to the same element.
    """
    held = Held(most)
    depth, in_string, count = 0, False, 0
    rest = b""
    while chunk := stream.read(_BLOCK_BYTES):
        block = rest + chunk
        place = start = 0
        while True:
            if in_string:
                place, in_string = _string_end(block, place)
                if in_string:
                    break
            match = (_OUTSIDE if depth <= 1 else _INSIDE).search(block, place)
            if match is None:
                place = len(block)
                break
            place, sign = match.end(), match[0]
            if sign == b'"':
                in_string = True
            elif sign in (b"[", b"{"):
                depth += 1
                if depth == 1:
                    start = place
            elif sign != b",":
                depth -= 1
            if depth == 0 or (depth == 1 and sign == b","):
                held.add(block[start : place - 1])
                start = place
                content = held.take()
                if depth or count or not _is_blank(content):
                    yield Element(content)
                    count += 1
            if depth == 0:
                yield from _behind(block[place:], stream, most)
                return
        held.add(block[start:place])
        rest = block[place:]  # a lone backslash at most
    held.add(rest)
    yield Element(held.take(), ended=False)


def _string_end(block: bytes, place: int) -> tuple[int, bool]:
    """Where the string that is open at `place` ends. True when it goes on in the next block: then a backslash at the very end
    is left for that one, because what it escapes is there."""
    while (mark := block.find(b'"', place)) >= 0:
        if not _escaped(block, place, mark):
            return mark + 1, False
        place = mark + 1
    return len(block) - _escaped(block, place, len(block)), True


def _escaped(block: bytes, start: int, place: int) -> bool:
    """Whether an odd number of backslashes stands before the place."""
    first = place
    while first > start and block[first - 1] == _BACKSLASH:
        first -= 1
    return (place - first) % 2 == 1


def _behind(rest: bytes, stream: BinaryIO, most: int) -> Iterator[Element]:
    """What stands behind the array, as one piece, if it is more than blanks."""
    held = Held(most)
    while rest:
        if held.size or rest.strip(_BLANK):
            held.add(rest)
        rest = stream.read(_BLOCK_BYTES)
    if held.size:
        yield Element(held.take(), outside=True)


def _is_blank(content: bytes | TooLong) -> bool:
    return isinstance(content, bytes) and not content.strip(_BLANK)
