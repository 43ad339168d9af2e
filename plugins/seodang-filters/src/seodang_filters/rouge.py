"""ROUGE-L between two lists of tokens: how long their longest common subsequence is, and whether that is too much.

F1 is 2 · common / (one length + the other), which is how `rouge_score` measures two texts and Self-Instruct two instructions. Where
F1 is the threshold exactly, `rouge_score` decides by the last bit of its floating point: of 337 pairs of lengths up to 119 for which
F1 is 0.7, 162 come out above it. `Rule` does the same arithmetic, or decides by whole numbers, where nothing at the threshold is
above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import Any, Literal

Ties = Literal["rouge_score", "integer"]

_TOLERANCE = 1e-6
"""Bounds leave this much room: what floating point may decide either way is measured, and never ruled out by a bound."""


def fmeasure(common: int, first: int, second: int) -> float:
    """F1 in the order of operations of rouge_score 0.1.2, so that ties come out as they do there."""
    if not common:
        return 0.0
    precision, recall = common / first, common / second
    return 2 * precision * recall / (precision + recall)


def fmeasures(common: Any, first: Any, second: int) -> Any:
    """The same of many, in the same order of operations and so with the same last bits."""
    import numpy

    precision, recall = common / first, common / second
    return numpy.divide(2 * precision * recall, precision + recall, out=numpy.zeros(len(common)), where=common > 0)


class Rule:
    """From which likeness on two texts are too similar, and what follows from it before they are compared."""

    def __init__(self, threshold: float, ties: Ties = "rouge_score") -> None:
        self.threshold = threshold
        self._exact = Fraction(repr(threshold)) if ties == "integer" else None
        self._least: dict[int, int] = {}

    def too_similar(self, common: int, first: int, second: int) -> bool:
        if self._exact is not None:
            return 2 * common > self._exact * (first + second)
        return fmeasure(common, first, second) > self.threshold

    def least_common(self, length: int) -> int:
        """So many of its tokens a text of this length shares with any that is too similar: such a text is not shorter than that."""
        if (known := self._least.get(length)) is None:
            known = self._least[length] = max(1, ceil(self.threshold * length / (2 - self.threshold) - _TOLERANCE))
        return known

    def may_be_similar(self, length: int, shortest: int, longest: int) -> bool:
        """Whether a text of this length can be too similar to one between the shortest and the longest."""
        return self.least_common(length) <= longest and self.least_common(shortest) <= length

    def room(self, length: int) -> float:
        """What this length adds to the number of tokens in which two texts may differ; a little more, for it is kept as a float32."""
        return (1 - self.threshold) * length * (1 + _TOLERANCE) + _TOLERANCE


class Places:
    """Where each token stands in a text, as bits, for comparing it with others (Hyyrö 2004: a row of the table is one number)."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._length = len(tokens)
        self._places: dict[int, int] = {}
        bit = 1
        for token in tokens:
            self._places[token] = self._places.get(token, 0) | bit
            bit <<= 1

    def common(self, tokens: Iterable[int]) -> int:
        """The length of the longest common subsequence with these tokens."""
        places = self._places
        row = full = (1 << self._length) - 1
        for token in tokens:
            if token in places:
                matches = row & places[token]
                row = (row + matches) | (row - matches)
        return self._length - (row & full).bit_count()
