"""Data in a text: JSON that parses, YAML and tables of separated values. A value in them may be what a program looks for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

MOST_TRIES = 24
"""So often a bracket is taken for the beginning of JSON in one text: each try may read the rest of it."""
LONGEST_CELL = 5
"""Words in most cells of a table, at the most."""

_decode = json.JSONDecoder().raw_decode
_KEY = re.compile(r"\s*(?:-\s+)?[\"']?[a-z_][\w./-]*[\"']?:(?:\s+\S.*|\s*)")
_ITEM = re.compile(r"\s*-\s+\S.*")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_PARENT = re.compile(r"\s*(?:-\s+)?[\"']?[a-z_][\w./-]*[\"']?:\s*")


def json_end(text: str, start: int) -> int:
    """Where the object or list ends that begins here, or `start` where none does."""
    try:
        value, end = _decode(text, start)
    except (ValueError, RecursionError):  # no JSON, or nested deeper than anybody writes
        return start
    return end if isinstance(value, (dict, list)) and value else start


class Payloads:
    """Looks for data in one text. What was looked at in vain is not looked at again."""

    def __init__(self) -> None:
        self._tries = 0
        self._known: dict[int, tuple[int, str]] = {}
        self._no_yaml_before = 0

    def lines(self, lines: Sequence[str], at: int) -> tuple[int, str]:
        """How many lines of data begin here, and of which kind; 0 for none."""
        if at not in self._known:
            self._known[at] = self._look(lines, at)
        return self._known[at]

    def _look(self, lines: Sequence[str], at: int) -> tuple[int, str]:
        for look, kind in ((self._json, "json"), (self._yaml, "yaml"), (_separated, "csv")):
            found = look(lines, at)
            if found:
                return found, kind
        return 0, ""

    def _json(self, lines: Sequence[str], at: int) -> int:
        start = lines[at].lstrip()
        if start[:1] not in ("{", "[") or self._tries >= MOST_TRIES:
            return 0
        # Over several lines where it does not end on this one: joined as far as brackets may still be open.
        is_open = len(start.strip()) == 1 or start.rstrip()[-1] not in "}]"
        text = "".join(lines[at:]) if is_open else lines[at]
        self._tries += 1
        begin = len(text) - len(text.lstrip())
        end = json_end(text, begin)
        if end == begin and len(text) == len(lines[at]) and at + 1 < len(lines):
            text = "".join(lines[at:])
            end = json_end(text, begin)
        if end == begin or text[end:].partition("\n")[0].strip(" \t\r,;"):
            return 0
        return text.count("\n", 0, end) + 1

    def _yaml(self, lines: Sequence[str], at: int) -> int:
        """Lines of `key: value` with lower-case keys, one of them with something indented under it, or between `---`."""
        fenced = lines[at].strip() == "---"
        if at < self._no_yaml_before or not (fenced or _KEY.fullmatch(lines[at].rstrip())):
            return 0
        end, nested = at + 1, False
        while end < len(lines) and (line := lines[end].rstrip()) and (_KEY.fullmatch(line) or _ITEM.fullmatch(line)):
            if _PARENT.fullmatch(lines[end - 1].rstrip()):
                deeper = _indent(line) - _indent(lines[end - 1])
                nested = nested or deeper > 0 or (deeper == 0 and line.lstrip().startswith("- "))
            end += 1
        closed = fenced and end < len(lines) and lines[end].strip() == "---" and end > at + 1
        if closed:
            return end + 1 - at
        if nested and end - at >= 3:
            return end - at
        self._no_yaml_before = end
        return 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _separated(lines: Sequence[str], at: int) -> int:
    """Three lines or more with equally many separators and no blank behind one; two are enough for tabs."""
    for separator, least in (("\t", 2), (",", 3), (";", 3), ("|", 3)):
        count = _separators(lines[at], separator)
        if not count:
            continue
        end = at + 1
        while end < len(lines) and _separators(lines[end], separator) == count:
            end += 1
        if end - at >= least:
            return end - at
    return 0


def _separators(line: str, separator: str) -> int:
    """How many separators the line has, 0 where it reads as a line of words: a verse ends with a comma, a list has blanks."""
    line = line.strip(" \r\n")
    if (
        separator not in line
        or f"{separator} " in line
        or line.endswith(separator)
        or line.startswith(separator)
        or _NUMBERED.match(line)
    ):
        return 0
    cells = line.split(separator)
    return len(cells) - 1 if sum(len(cell.split()) > LONGEST_CELL for cell in cells) * 2 <= len(cells) else 0
