"""Splits Korean text after sentences by rule, losing nothing.

For edited text: chats without full stops need a morphological splitter.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
# An end mark with closing quotes and brackets behind it, then white space; or a line break.
_END = re.compile(r"[.!?。！？…]+[\"'”’」』》)\]]*\s+|\n+\s*")
# What goes on after a quotation belongs to its sentence: "가자." 라고 말했다.
_GOES_ON = re.compile(r"(이?라고|이?라며|이?라는|하고|하며|고|며|라면서|는|은|을|를|이|가|의)(?![가-힣])|(이?라고|이?라며)")
_NO_END = re.compile(r"(^|\s)(\d{1,3}|[가-하]|[A-Za-z])\.\s*$")


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
        if "\n" not in end.group() and (_NO_END.search(sentence) or (_quoted(end.group()) and _GOES_ON.match(text, end.end()))):
            continue
        parts.append(sentence)
        begin = end.end()
    return [*parts, text[begin:]] if begin < len(text) else parts


def _quoted(end: str) -> bool:
    return bool(re.search(r"[\"'”’」』》)\]]", end))
