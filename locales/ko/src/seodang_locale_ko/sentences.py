"""Splits Korean text after sentences by rule, losing nothing.

For edited text: chats without full stops need a morphological splitter.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
# An end mark with closing quotes and brackets behind it, then white space; or a line break.
# Behind 다, 요, 죠 and 까 the white space may be missing: 갔다.그리고
_END = re.compile(r"[.!?。！？…]+[\"'”’」』》)\]]*\s+|\n+\s*|(?<=[가-힣][다요죠까])[.!?]+(?=[가-힣])")
_END_SIGN = re.compile(r"[.!?。！？…\n]")
_CLOSING = re.compile(r"[\"'”’」』》)\]]")
# What goes on after a quotation belongs to its sentence: "가자." 라고 말했다.
_GOES_ON = re.compile(r"(이?라고|이?라며|이?라는|하고|하며|고|며|라면서|는|은|을|를|이|가|의)(?![가-힣])|(이?라고|이?라며)")
_NO_END = re.compile(r"(^|\s)(\d{1,3}|[가-하]|[A-Za-z])\.$")
_DATE = re.compile(r"\d\.[ \t]+(?=\d)")  # 2024. 5. 1.
# A quotation, an addition or code within a line. What ends in it ends no sentence of the text around it.
_WITHIN = re.compile(
    r"“[^“”\n]{1,300}”|‘[^‘’\n]{1,300}’|「[^「」\n]{1,300}」|『[^『』\n]{1,300}』|\"[^\"\n]{1,300}\"|\([^()\n]{1,300}\)|`[^`\n]{1,300}`"
)

_OPENING = ("“", "‘", "「", "『", '"', "(", "`")


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
    within = [found.span() for found in _WITHIN.finditer(text)] if any(map(text.__contains__, _OPENING)) else []
    for end in _ends(text):
        if not within and _is_plain(text, begin, end):
            parts.append(text[begin : end.end()])
            begin = end.end()
            continue
        mark = text[max(begin, end.start() - 4) : end.start() + 1]
        if "\n" not in end.group() and (
            _NO_END.search(mark)
            or _DATE.match(text, end.start() - 1)
            or _stands_in(within, end.start(), end.end())
            or (_quoted(end.group()) and _GOES_ON.match(text, end.end()))
        ):
            continue
        parts.append(text[begin : end.end()])
        begin = end.end()
    return [*parts, text[begin:]] if begin < len(text) else parts


def _is_plain(text: str, begin: int, end: re.Match[str]) -> bool:
    """One mark and a blank behind a word of Hangul that has two syllables or more: an end, whatever stands around it."""
    at = end.start()
    return end.end() == at + 2 and at > begin + 1 and "가" <= text[at - 1] <= "힣" and "가" <= text[at - 2] <= "힣"


def _ends(text: str) -> Iterator[re.Match[str]]:
    """The matches of `_END`; looking for its first sign alone passes over the rest of the text several times as fast."""
    place = 0
    while (sign := _END_SIGN.search(text, place)) is not None:
        end = _END.match(text, sign.start())
        if end is not None:
            yield end
        place = end.end() if end is not None else sign.end()


def _stands_in(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the places, which are in order and apart, begins before and ends behind."""
    place = bisect_left(places, (start, 0)) - 1
    return place >= 0 and end < places[place][1]


def _quoted(end: str) -> bool:
    return bool(_CLOSING.search(end))
