"""Splits English text after sentences by rule, losing nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
_END = re.compile(r"[.!?。！？…]+[\"'”’)\]]*\s+|\n+\s*")
_END_SIGN = re.compile(r"[.!?。！？…\n]")
_NO_END = re.compile(
    r"(^|[\s(\"'“])(Mr|Mrs|Ms|Dr|Prof|Rev|Gen|Sen|Rep|Capt|Sgt|St|Mt|Sr|Jr|Fig|vs|cf|e\.g|i\.e|approx|ca|pp|vol|ed|No|Nos"
    r"|Jan|Feb|Aug|Sept?|Oct|Nov|Dec|[A-HJ-Z])\.[\"'”’)\]]*\s*$"
)
_LIST_NUMBER = re.compile(r"\s*\(?\d{1,3}\.\s*")
_LONGEST_BEFORE_END = 8
"""More characters than any of these has, with what stands before it: nothing else of a sentence needs to be looked at."""
# Behind "No." only a number goes on, or it is an answer; what begins in small letters goes on behind etc., Inc. and a.m.
_GOES_ON = re.compile(r"[a-z]")


def split(text: str) -> list[str]:
    """The sentences with the white space behind them; code fences are left whole. Joined, they are the text."""
    if "```" not in text:
        return _split_prose(text)
    parts: list[str] = []
    for number, piece in enumerate(_FENCE.split(text)):
        if piece:
            parts += [piece] if number % 2 else _split_prose(piece)
    return parts


def _split_prose(text: str) -> list[str]:
    parts: list[str] = []
    begin = 0
    for end in _ends(text):
        if "\n" not in end.group() and _is_no_end(text, begin, end.start(), end.end()):
            continue
        parts.append(text[begin : end.end()])
        begin = end.end()
    return [*parts, text[begin:]] if begin < len(text) else parts


def _ends(text: str) -> Iterator[re.Match[str]]:
    """The matches of `_END`; looking for its first sign alone passes over the rest of the text several times as fast."""
    place = 0
    while (sign := _END_SIGN.search(text, place)) is not None:
        end = _END.match(text, sign.start())
        if end is not None:
            yield end
        place = end.end() if end is not None else sign.end()


def _is_no_end(text: str, begin: int, mark: int, place: int) -> bool:
    """Whether the sentence goes on behind this mark: after an abbreviation, a list number, or because a small letter follows."""
    if _GOES_ON.match(text, place) or _LIST_NUMBER.fullmatch(text, begin, place):
        return True
    abbreviation = _NO_END.search(text[max(begin, mark - _LONGEST_BEFORE_END) : place])
    if abbreviation and abbreviation.group(2) in ("No", "Nos"):
        return text[place : place + 1].isdecimal()
    return bool(abbreviation)
