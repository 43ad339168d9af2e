"""A translator that got stuck: phrases again and again, signs without end, a word twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from operator import eq

from seodang.translation.checks.pairs import Finding, Pair

WORDS = 4
MOST = 4
LEAST_EQUAL = 7
"""Words that another one equals, where four words stand five times: each of two words has four equals, and one alone has seven."""
TIMES = 10
_STUCK = re.compile(r"([^\W\d_]{1,12}?[ ,.]?)\1{9,}")
_TWICE = re.compile(r"(?<![^\s\"'(])([^\W\d_]{2,}[:,]?) \1(?![^\W\d_])")


def repetition(pair: Pair) -> Finding | None:
    """The same four words more than four times, or a few letters ten times in a row, although not in the source."""
    words = pair.target.split()
    equal = len(words) - len({*words})
    if equal >= LEAST_EQUAL:
        phrase, times = _most(words)
        if times > MOST and _most(pair.source.split())[1] <= MOST:
            return Finding("repetition", f"{phrase} × {times}")
    if max(map(len, words), default=0) < TIMES and not (equal >= TIMES - 2 and any(map(eq, words, words[1:]))):
        return None  # a few letters ten times make a long word, or equal ones in a row
    stuck = _STUCK.search(pair.target)
    return Finding("repetition", stuck[0][:40]) if stuck and not _STUCK.search(pair.source) else None


def doubled(pair: Pair) -> Finding | None:
    """A word twice in a row where the source has none: a warning, because some languages double words."""
    target = pair.target
    if not ('"' in target or "'" in target or "(" in target):
        words = target.split()
        if not any(map(str.startswith, words[1:], words)):
            return None  # where nothing may stand before the first of the two, the second begins as the first is
    twice = _TWICE.search(target)
    return Finding("doubled", twice[0], "warn") if twice and not _TWICE.search(pair.source) else None


def _most(words: Sequence[str]) -> tuple[str, int]:
    phrases = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    if len(phrases) - len(set(phrases)) < MOST:
        return "", 0  # nothing can stand there often enough, and counting costs more than asking that
    counts = Counter(phrases)
    phrase, times = counts.most_common(1)[0]
    return " ".join(phrase), times
