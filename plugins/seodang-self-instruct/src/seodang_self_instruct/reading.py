"""Reading what chat models write: numbered lists, and fields after their markers, with the ornaments that they add."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

_NUMBERED = re.compile(r"[ \t]*(?:\*\*|__)?(\d{1,3})[ \t]*[.)．、。:：](?:\*\*|__)?[ \t]*(.*)")
_BULLETED = re.compile(r"[ \t]*[-*•·][ \t]+(.*)")
_RULE = re.compile(r"[ \t]*(?:-{3,}|#{3,}|\*{3,}|={3,})[ \t]*")
_PAIRS = (("**", "**"), ("__", "__"), ('"', '"'), ("“", "”"), ("‘", "’"), ("「", "」"), ("《", "》"))


def listed(text: str) -> list[str]:
    """The items of a numbered list, a continued line put to its item; of a list with bullets where nothing is numbered.

    What stands before the first item and after an empty line is talk.
    """
    lines = text.splitlines()
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if any(numbered):
        return list(_items(lines, [found and found[2] for found in numbered]))
    return list(_items(lines, [found and found[1] for found in map(_BULLETED.fullmatch, lines)]))


def _items(lines: Sequence[str], starts: Sequence[str | None]) -> Iterator[str]:
    item: list[str] | None = None
    for line, start in zip(lines, starts, strict=True):
        if start is not None:
            if item:
                yield " ".join(item)
            item = [start]
        elif not line.strip() or _RULE.fullmatch(line):
            if item:
                yield " ".join(item)
            item = None
        elif item is not None:
            item.append(line.strip())
    if item:
        yield " ".join(item)


def bare(text: str, markers: Collection[str]) -> str:
    """An instruction in one line, without the marker that a model puts before it and the marks it puts around it."""
    text = " ".join(text.split())
    for before, after in _PAIRS:
        if text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after):
            inner = text[len(before) : -len(after)]
            if before not in inner and after not in inner:
                text = inner.strip()
    if found := _fields(tuple(markers)).match(text):
        text = text[found.end() :].strip()
    return text


@cache
def _fields(words: tuple[str, ...]) -> re.Pattern[str]:
    said = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"^[ \t>#*_]*(?:\d{{1,3}}[.)][ \t]*)?({said})[ \t]*\d{{0,3}}[ \t]*(?:\*\*|__)?[ \t]*[:：][ \t]*(?:\*\*|__)?", re.M
    )


def parts(text: str, markers: Mapping[str, Sequence[str]], examples: Sequence[str]) -> list[tuple[str, str]]:
    """The text as fields: the name of each marker and what stands after it; before the first marker the name is empty."""
    name_of = {word: name for name, words in markers.items() for word in words}
    pattern = _fields(tuple(name_of))
    found: list[tuple[str, str]] = []
    name, start = "", 0
    for match in pattern.finditer(text):
        found.append((name, _trimmed(text[start : match.start()], examples)))
        name, start = name_of[match[1]], match.end()
    found.append((name, _trimmed(text[start:], examples)))
    return found


@cache
def _headings(examples: tuple[str, ...]) -> re.Pattern[str]:
    said = "|".join(map(re.escape, examples))
    return re.compile(rf"[ \t#*>_\[(（【]*(?:{said})[ \t]*\d{{1,3}}[ \t]*[\])）】]?[ \t]*[:：.]?[ \t*_]*")


def _trimmed(text: str, examples: Sequence[str]) -> str:
    """Without the lines at its end that only lead to the next example: 예 2, ---."""
    lines = text.strip().splitlines()
    heading = _headings(tuple(examples))
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1]) or heading.fullmatch(lines[-1])):
        lines.pop()
    return "\n".join(lines).strip()


def says(text: str, yes: Sequence[str], no: Sequence[str], markers: Collection[str]) -> bool | None:
    """Yes or no, as a model says it in the first line of its answer; None where it says neither."""
    lines = text.strip().splitlines()
    line = bare(lines[0], markers).strip(" \t'\"‘’“”「」*.。!") if lines else ""
    choices = [(word, False) for word in no] + [(word, True) for word in yes]
    for word, meaning in sorted(choices, key=lambda choice: -len(choice[0])):
        rest = line[len(word) :]
        if line.casefold().startswith(word.casefold()) and not rest[:1].isalpha():
            return meaning
    return None
