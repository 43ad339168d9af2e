"""The longest common subsequences of one text with all of many at once: the rows of `rouge.Places`, a column of numpy for each token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

_WORD = 64


def place_table(tokens: Sequence[int], vocabulary: int) -> Any:
    """For each token of the vocabulary where it stands in the text, as 64-bit words; the first column is of no token."""
    table = numpy.zeros((-(-len(tokens) // _WORD), vocabulary + 1), dtype=numpy.uint64)
    for place, token in enumerate(tokens):
        table[place // _WORD, token + 1] |= numpy.uint64(1 << place % _WORD)
    return table


class Together:
    """Texts of similar lengths, side by side. A shorter one is filled up with no tokens, which match nothing."""

    def __init__(self) -> None:
        self._columns = numpy.zeros((1, 64), dtype=numpy.uint32)
        self._lengths = numpy.zeros(64, dtype=numpy.uint32)
        self._filled = 0

    def __len__(self) -> int:
        return self._filled

    def add(self, tokens: Sequence[int]) -> None:
        height, width = self._columns.shape
        if self._filled == width or len(tokens) > height:
            wider = 2 * width if self._filled == width else width
            columns = numpy.zeros((max(height, len(tokens)), wider), dtype=numpy.uint32)
            columns[:height, :width] = self._columns
            self._columns = columns
            self._lengths = numpy.concatenate((self._lengths, numpy.zeros(wider - width, dtype=numpy.uint32)))
        self._columns[: len(tokens), self._filled] = numpy.array(tokens, dtype=numpy.uint32) + 1
        self._lengths[self._filled] = len(tokens)
        self._filled += 1

    def lengths(self) -> Any:
        return self._lengths[: self._filled]

    def common(self, table: Any, length: int) -> Any:
        """The length of the longest common subsequence of each text with that of the table, which has so many tokens."""
        rows = numpy.full((len(table), self._filled), ~numpy.uint64(0))
        for column in self._columns:
            tokens, carried = column[: self._filled], None
            for word, places in enumerate(table):
                row = rows[word]
                matches = row & places[tokens]
                summed = row + matches
                if len(table) > 1:
                    # What one word of the sum cannot hold goes into the next.
                    carry = summed < row
                    if carried is not None:
                        summed += carried
                        carry |= summed < carried
                    carried = carry.astype(numpy.uint64)
                rows[word] = summed | (row - matches)
        open_places = numpy.zeros(self._filled, dtype=numpy.int64)
        for word in range(len(table)):
            used = min(_WORD, length - word * _WORD)
            open_places += numpy.bitwise_count(rows[word] & numpy.uint64((1 << used) - 1))
        return length - open_places
