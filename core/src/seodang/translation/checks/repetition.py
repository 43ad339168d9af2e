"""A translator that got stuck: phrases again and again, signs without end, a word twice."""

from __future__ import annotations

import re
from collections import Counter

from seodang.translation.checks.pairs import Finding, Pair

WORDS = 4
MOST = 4
_STUCK = re.compile(r"([^\W\d_]{1,12}?[ ,.]?)\1{9,}")
_TWICE = re.compile(r"(?<![^\s\"'(])([^\W\d_]{2,}[:,]?) \1(?![^\W\d_])")


def repetition(pair: Pair) -> Finding | None:
    """The same four words more than four times, or a few letters ten times in a row, although not in the source."""
    again = _most(pair.target)
    if again[1] > MOST and _most(pair.source)[1] <= MOST:
        return Finding("repetition", f"{again[0]} × {again[1]}")
    stuck = _STUCK.search(pair.target)
    return Finding("repetition", stuck[0][:40]) if stuck and not _STUCK.search(pair.source) else None


def doubled(pair: Pair) -> Finding | None:
    """A word twice in a row where the source has none: a warning, because some languages double words."""
    twice = _TWICE.search(pair.target)
    return Finding("doubled", twice[0], "warn") if twice and not _TWICE.search(pair.source) else None


def _most(text: str) -> tuple[str, int]:
    words = text.split()
    if len(words) < WORDS + MOST:
        return "", 0
    counts = Counter(zip(*(words[start:] for start in range(WORDS)), strict=False))
    phrase, times = counts.most_common(1)[0]
    return " ".join(phrase), times
