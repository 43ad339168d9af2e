"""What can be wrong with a line of JSON, decided exactly: nothing is guessed, and nothing wrong passes.

The usual decoders accept a key that occurs twice (the last one wins), NUL characters and any nesting. Looking for these in
every line would cost more than decoding it, so a whole block of lines is acquitted at once by counting, and only a block that
is not is looked at line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, NoReturn

import msgspec

from seodang.files.encodings import looks_like_cp949
from seodang.wording import render

MOST_NESTED = 64
CODES = (
    "too-long", "encoding", "nul", "surrogate", "not-a-number", "number-too-large", "too-deep", "duplicate-key", "not-an-object",
    "malformed", "torn", "cells", "open-quotation", "not-rows",
)  # fmt: skip
"""Why a line is set aside. Each has its sentence, `files.bad-<code>`."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises for a line that it cannot read."""

decode = msgspec.json.Decoder().decode

# In valid JSON a backslash stands only in a string and escapes what follows; a pair of them is taken together, so that the
# second one is not believed to escape the mark behind it.
_ESCAPE = re.compile(rb'\\(?:["\\]|u0000)')
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class Flaw(msgspec.Struct, frozen=True):
    """`column` counts characters from 1; 0 where no single place is wrong."""

    code: str
    detail: str = ""
    column: int = 0


def flawless(block: bytes, values: Sequence[Any]) -> bool:
    """Whether the lines of the block, which decode to these values, are certainly all in order.

    The number of strings in the text, keys among them, is half the number of its quotation marks. If it is the number of
    strings in what was decoded, then no key was dropped for an equal one.
    """
    if set(map(type, values)) != {dict}:
        return False
    marks = 2 * _strings(values)
    counted = block.count(b'"')
    if b"\\" not in block:
        return marks == counted
    if b"\\\\" not in block:
        # Every backslash begins an escape of its own then, and counting bytes is enough: a tenth of what the expression takes.
        return marks == counted - block.count(b'\\"') and b"\\u0000" not in block
    escapes = _ESCAPE.findall(block)
    return marks == counted - escapes.count(b'\\"') and b"\\u0000" not in escapes


def flaw_in(line: bytes, value: Any) -> Flaw | None:
    """What is wrong with a line that can be decoded, if anything."""
    if not isinstance(value, dict):
        return Flaw("not-an-object", _json_type(value))
    strings = _strings([value])
    if strings < 0:
        return Flaw("too-deep")
    escapes = _ESCAPE.findall(line)
    if 2 * strings != line.count(b'"') - escapes.count(b'\\"'):
        return Flaw("duplicate-key", _repeated_key(line))
    if b"\\u0000" in escapes:
        return Flaw("nul")
    return None


def flaw_of(line: bytes, *, unfinished: bool = False) -> Flaw:
    """What is wrong with a line that cannot be decoded. `unfinished`: it ends the file and has no line end."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return _undecodable(line, error, unfinished)
    if "\0" in text:
        return Flaw("nul", column=text.index("\0") + 1)
    if _too_deep(line):
        return Flaw("too-deep")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except _Constant as constant:
        return Flaw("not-a-number", str(constant))
    except json.JSONDecodeError as error:
        return Flaw("torn" if unfinished else "malformed", error.msg, error.pos + 1)
    except ValueError:  # more digits than Python turns into a number
        return Flaw("number-too-large")
    # The standard library is laxer than the fast decoder in two things only.
    if any(_has_surrogate(found) for found in _texts(value)):
        return Flaw("surrogate")
    return Flaw("number-too-large")


def reason(code: str, detail: str) -> str:
    """Why a line was set aside, as a sentence; the detail alone where the code is not one of ours."""
    return render(f"files.bad-{code}", {"detail": detail}) if code in CODES else detail


def _undecodable(line: bytes, error: UnicodeDecodeError, unfinished: bool) -> Flaw:
    column = len(line[: error.start].decode()) + 1
    if unfinished and error.reason == "unexpected end of data":
        return Flaw("torn", "a character is cut", column)
    try:
        line.decode("utf-8", "surrogatepass")
        return Flaw("surrogate", column=column)
    except UnicodeDecodeError:
        if looks_like_cp949(line):
            return Flaw("encoding", "CP949")
        return Flaw("encoding", f"0x{line[error.start]:02x}", column)


def _strings(values: Sequence[Any]) -> int:
    """How many strings the objects hold, keys included; -1 where they are nested too deeply.

    Goes level by level, because a level is counted at the speed of C and a value is not.
    """
    objects: Sequence[Any] = values
    arrays: Sequence[Any] = ()
    found = 0
    for _ in range(MOST_NESTED):
        found += sum(map(len, objects))
        inner = list(chain.from_iterable(map(dict.values, objects)))
        inner.extend(chain.from_iterable(arrays))
        kinds = set(map(type, inner))
        if kinds == {str}:
            return found + len(inner)
        types = list(map(type, inner))
        found += types.count(str)
        if dict not in kinds and list not in kinds:
            return found
        same = len(kinds) == 1
        objects = inner if same and dict in kinds else [value for value in inner if type(value) is dict] if dict in kinds else ()
        arrays = inner if same and list in kinds else [value for value in inner if type(value) is list] if list in kinds else ()
    return -1


def _too_deep(line: bytes) -> bool:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", line)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MOST_NESTED:
            return True
    return False


def _texts(value: Any) -> list[str]:
    texts, waiting = [], [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            texts.extend(part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return texts


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False


def _repeated_key(line: bytes) -> str:
    repeated: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        repeated.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]

    json.loads(line, object_pairs_hook=look)
    return repeated[0]


def _json_type(value: Any) -> str:
    names = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


class _Constant(Exception):
    """NaN or Infinity, which are JavaScript and not JSON."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Constant(name)
