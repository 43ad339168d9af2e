"""Splits Chinese text after sentences by rule, losing nothing.

The full-width marks 。！？； end a sentence, with the closing quotation marks and brackets behind them; …… does where nothing goes on
that belongs to it. Marks of Latin writing end one only before white space, so that 3.14 and example.com stay whole.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(^```.*?(?:^```[^\n]*(?:\n|\Z)|\Z))", re.DOTALL | re.MULTILINE)
_CLOSING = r"[”’」』》〉）】〕\"')\]]*"
_END = re.compile(rf"(?:[。！？；!?…]*[。！？；][。！？；!?…]*|…+|[.!?]+(?={_CLOSING}\s)){_CLOSING}\s*|\n+\s*")
_LIST_NUMBER = re.compile(r"\s*[（(]?(?:\d{1,3}|[A-Za-z])\.\s*")
# “走吧！”他笑着说。 is one sentence: what somebody says, and that he says it. A comma or the next mark ends the search.
_SAYS = re.compile(
    r"[^，。！？；：、\n“”「」…]{0,10}[说說道问問答喊叫嚷骂罵叹嘆想念写寫](?:道|着|了)?[，。！？；：\n]|的[^“”\n]|这|等"
)
_QUOTED = re.compile(r"[”’」』》〉\"']")
_GOES_ON = re.compile(r"[，、：,:]")


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
        if "\n" not in end.group() and _goes_on(text[begin : end.end()], end.group(), text, end.end()):
            continue
        parts.append(text[begin : end.end()])
        begin = end.end()
    return [*parts, text[begin:]] if begin < len(text) else parts


def _goes_on(sentence: str, mark: str, text: str, place: int) -> bool:
    """Whether the sentence goes on behind this mark: a list number, a comma, or the words that belong to a quotation."""
    if _LIST_NUMBER.fullmatch(sentence) or _GOES_ON.match(text, place):
        return True
    return bool(_QUOTED.search(mark) and not mark[-1].isspace() and _SAYS.match(text, place))
