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
# A run of what decides nothing, whole strings among it, up to the next sign that does. A mark that is found as such a sign
# begins a string that goes on in the next block.
_OUTSIDE = re.compile(rb'(?:[^"\[\]{},]++|"(?:[^"\\]++|\\.)*+")*+(["\[\]{},])', re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+(["\[\]{}])', re.DOTALL)
_REST_OF_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)


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
            self._head = self._head or b"".join(self._parts)[:HEAD_BYTES]
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
                match = _REST_OF_STRING.match(block, place)
                assert match is not None
                place = match.end()
                if not match[1]:
                    break
                in_string = False
            match = (_OUTSIDE if depth <= 1 else _INSIDE).match(block, place)
            if match is None:
                place = len(block)
                break
            place, sign = match.end(), match[1]
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
