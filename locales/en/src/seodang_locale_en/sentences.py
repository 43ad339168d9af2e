"""Splits English text after sentences by rule, losing nothing."""

from __future__ import annotations

import re

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
_END = re.compile(r"[.!?。！？…]+[\"'”’)\]]*\s+|\n+\s*")
_NO_END = re.compile(
    r"(^|[\s(\"'“])(Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Fig|vs|etc|cf|e\.g|i\.e|approx|Inc|Ltd|Co|[A-Z]|\d{1,3})\.[\"'”’)\]]*\s*$"
)
_GOES_ON = re.compile(r"[a-z]|(?<=No\. )\d")


def split(text: str) -> list[str]:
    """The sentences with the white space behind them; code fences are left whole. Joined, they are the text."""
    parts: list[str] = []
    for number, piece in enumerate(_FENCE.split(text)):
        if piece:
            parts += [piece] if number % 2 else _split_prose(piece)
    return parts


def _split_prose(text: str) -> list[str]:
    parts: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        sentence = text[begin : end.end()]
        if "\n" not in end.group() and (_NO_END.search(sentence) or _GOES_ON.match(text, end.end())):
            continue
        parts.append(sentence)
        begin = end.end()
    return [*parts, text[begin:]] if begin < len(text) else parts
