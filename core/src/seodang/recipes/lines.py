"""On which line of a TOML text a key stands. The text has been read by `tomllib` before: what is here only counts lines."""

from __future__ import annotations

import re

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


def key_lines(text: str) -> dict[Path, int]:
    """The first line of every table and every key that is written outside an inline table."""
    text = text.replace("\r\n", "\n")
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    place, line = 0, 1
    while place < len(text):
        if header := _HEADER.match(text, place):
            table = _table(header, counts)
            lines.setdefault(table, line)
            end = header.end()
        elif assignment := _ASSIGNMENT.match(text, place):
            keys = _keys(assignment.group(1))
            for depth in range(1, len(keys) + 1):
                lines.setdefault((*table, *keys[:depth]), line)
            end = assignment.end()
        else:
            end = place
        begun, place = place, _end_of_value(text, end)
        line += text.count("\n", begun, place)
    return lines


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
