"""On which line of a TOML text a key stands. The text has been read by `tomllib` before: what is here only counts lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way to a value: `("step", 2, "threshold")`, `("teachers", "gpt")`."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_VALUE = re.compile(
    r'''"""(?:\\.|(?!""").)*"{3,5}|\'\'\'(?:(?!\'\'\').)*\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[{]|[\]}]|\n|[^"'\#\[\]{}\n]+|.''',
    re.DOTALL,
)


class Span(NamedTuple):
    """Where a value stands in the text, from behind its `=` to its end or, where there is one, to the comment behind it."""

    start: int
    end: int
    comment: bool


class _Statement(NamedTuple):
    """A header (`value` is -1) or an assignment, whose value begins there; the statement ends with its line break."""

    path: Path
    table: Path
    line: int
    value: int
    end: int


def key_lines(text: str) -> dict[Path, int]:
    """The first line of every table and every key that is written outside an inline table."""
    lines: dict[Path, int] = {}
    for statement in _statements(text.replace("\r\n", "\n")):
        if statement.value < 0:
            lines.setdefault(statement.path, statement.line)
        else:
            for depth in range(len(statement.table) + 1, len(statement.path) + 1):
                lines.setdefault(statement.path[:depth], statement.line)
    return lines


def value_spans(text: str) -> dict[Path, Span]:
    """Where the value of every key stands that is written outside an inline table. Line breaks are `\\n` alone."""
    found: dict[Path, Span] = {}
    for statement in _statements(text):
        if statement.value < 0:
            continue
        depth, end, comment = 0, statement.value, False
        for token in _VALUE.finditer(text, statement.value, statement.end):
            piece = token.group()
            depth += (piece in ("[", "{")) - (piece in ("]", "}"))
            comment = piece.startswith("#") and depth <= 0
            if comment or (piece == "\n" and depth <= 0):
                break
            if piece.strip():
                end = token.start() + len(piece.rstrip())
        found[statement.path] = Span(statement.value, token.start() if comment else end, comment)
    return found


def headers(text: str) -> dict[Path, int]:
    """Behind the line of each table's header. Line breaks are `\\n` alone."""
    return {statement.path: statement.end for statement in _statements(text) if statement.value < 0}


def _statements(text: str) -> Iterator[_Statement]:
    counts: dict[Path, int] = {}
    table: Path = ()
    place, line = 0, 1
    while place < len(text):
        path, value = table, -1
        header = _HEADER.match(text, place)
        assignment = None if header else _ASSIGNMENT.match(text, place)
        if header:
            path = table = _table(header, counts)
            end = header.end()
        elif assignment:
            path = (*table, *_keys(assignment.group(1)))
            end = value = assignment.end()
        else:
            end = place
        begun, place = place, _end_of_value(text, end)
        if header or assignment:
            yield _Statement(path, table, line, value, place)
        line += text.count("\n", begun, place)


def _keys(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in re.findall(_KEY, dotted))


def _table(header: re.Match[str], counts: dict[Path, int]) -> Path:
    """The path of a header; under `[[step]]` stands the number of the step that was opened last."""
    keys = _keys(header.group(2))
    path: Path = ()
    for depth, key in enumerate(keys, 1):
        path = (*path, key)
        last = depth == len(keys)
        if last and header.group(1) == "[[":
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _end_of_value(text: str, place: int) -> int:
    """Behind the line break that ends a statement: one outside strings and brackets."""
    depth = 0
    for token in _VALUE.finditer(text, place):
        piece = token.group()
        if piece in ("[", "{"):
            depth += 1
        elif piece in ("]", "}"):
            depth -= 1
        elif piece == "\n" and depth <= 0:
            return token.end()
    return len(text)
