"""How much of a text stands in another: the signs that are covered by runs of letters which both have.

Compared are letters and digits without blanks and, where the locale knows them, without the particles at the end of words: a copy in
which 배추는 became 배추를 is a copy. Answers of two people to one question have up to a quarter in common in this way (names, fixed
phrases), a copy whose sentences changed places at least a half.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import seodang

RUN: Mapping[str, int] = {"characters": 12, "words": 30}
"""So many letters in a row are no accident, by the unit of the locale: some five words."""
SHOWN = 60

_NO_LETTER = re.compile(r"[\W_]+")


class Copied(msgspec.Struct, frozen=True):
    share: float
    longest: str = ""
    """The longest run, as it is compared."""


class Copying:
    """Compares texts of one language."""

    def __init__(self, locale: seodang.Locale) -> None:
        self._locale = locale
        self._run = RUN[locale.unit]
        ending = locale.patterns.get("word-ending", "")
        self._ending = re.compile(ending) if ending else None

    def share(self, text: str, source: str) -> Copied:
        """The share of `text` that stands in `source`. A text shorter than a run stands there whole or not at all."""
        letters, known = self._bare(text), self._bare(source)
        run = min(self._run, len(letters))
        if not run:
            return Copied(0.0)
        grams = {known[place : place + run] for place in range(len(known) - run + 1)}
        covered = end = begin = 0
        longest = ""
        for place in range(len(letters) - run + 1):
            if letters[place : place + run] not in grams:
                continue
            if place > end:
                begin = place
            covered += place + run - max(place, end)
            end = place + run
            if end - begin > len(longest):
                longest = letters[begin:end]
        return Copied(covered / len(letters), longest[:SHOWN])

    def same(self, text: str, other: str) -> bool:
        """Whether the texts have the same letters, and any."""
        letters = self._bare(text)
        return bool(letters) and letters == self._bare(other)

    def _bare(self, text: str) -> str:
        words = (_NO_LETTER.sub("", word) for word in self._locale.normal(text).casefold().split())
        if self._ending is not None:
            words = (self._ending.sub("", word) for word in words)
        return "".join(words)
