"""Exact search for the most similar of many lists of tokens, by ROUGE-L, without comparing with most of them.

Texts lie on shelves by length. Each has a bitmap in which every token flips one bit, a second occurrence another one; so two bitmaps
differ in at most as many bits as the texts differ in tokens, and one pass of numpy over a shelf leaves a handful of texts to compare.
From `INDEXED` texts on a shelf is asked for rare tokens first: where a text has to share c of its tokens with another, one of its
rarest (length - c + 1) is shared, and one of the other's. Whatever is ruled out cannot be too similar, so the search is exact.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import reduce
from operator import xor
from typing import Any

import msgspec
import numpy

from seodang_filters.rouge import Places, Rule, fmeasure, fmeasures
from seodang_filters.together import Together, place_table

INDEXED = 16_384
"""Fewer texts of a shelf are looked through one and all in the time in which an index of them is asked."""
WORTH_ASKING = 0.25
"""Where the index names a larger share of the shelf, as with texts of one template, all of it is looked through: one after the other
is faster than here and there."""
REMADE = 4
"""An index is made anew when there are so many times the texts: which tokens are rare is known better then."""
SHORTEST_SHELF = 64
"""The first shelf has texts of up to so many tokens, each further one of up to twice as many as the one before."""
BITS_PER_TOKEN = 2
"""Of the longest text of a shelf. With one the bitmaps of long texts look alike; with four a pass takes longer than it saves."""
MOST_BITS = 1 << 16
_WORD = 64


class Near(msgspec.Struct, frozen=True):
    """A text that was added, by its number in the order of adding, and its F1 with the one that was asked about."""

    number: int
    score: float


class Likeness:
    """Lists of tokens, to be added one by one and searched at any time. Tokens are small numbers, the first of them used first."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._tokens = array("I")
        self._ends = array("Q", [0])
        self._shelves: dict[int, _Shelf] = {}
        self._largest = 0
        self._asked = _Text(())

    def __len__(self) -> int:
        return len(self._ends) - 1

    def tokens(self, number: int) -> array[int]:
        return self._tokens[self._ends[number] : self._ends[number + 1]]

    def add(self, tokens: Sequence[int]) -> None:
        """A text without tokens is counted and never found: it is like no other."""
        number = len(self)
        self._tokens.extend(tokens)
        self._ends.append(len(self._tokens))
        if not tokens:
            return
        self._largest = max(self._largest, *tokens)
        size = max(SHORTEST_SHELF, 1 << (len(tokens) - 1).bit_length())
        if size not in self._shelves:
            self._shelves[size] = _Shelf(size, self._rule, self)
        self._shelves[size].add(number, self._text(tokens))

    def frequencies(self) -> Any:
        """How often each token occurs."""
        return numpy.bincount(numpy.frombuffer(self._tokens, dtype=numpy.uint32))

    def _text(self, tokens: Sequence[int]) -> _Text:
        """What was asked about is what is added next, as a rule: its bitmaps are made already."""
        if self._asked.tokens is not tokens:
            self._asked = _Text(tokens)
        return self._asked

    def scores(self, tokens: Sequence[int]) -> Any:
        """F1 with every text, in the order of adding; nothing is ruled out, so this takes as long as there are texts."""
        scores = numpy.zeros(len(self))
        if tokens:
            table = place_table(tokens, 1 + max(self._largest, *tokens))
            for shelf in self._shelves.values():
                numbers, lengths, common = shelf.common(table, len(tokens))
                scores[numbers] = fmeasures(common, lengths, len(tokens))
        return scores

    def nearest(self, tokens: Sequence[int]) -> Near | None:
        """The most similar text of those that are too similar, the earliest where several are equally so; None where none is."""
        if not tokens:
            return None
        rule, length, ends = self._rule, len(tokens), self._ends
        text, places = self._text(tokens), None
        best, score = -1, 0.0
        for size, shelf in self._shelves.items():
            if not rule.may_be_similar(length, 1 if size == SHORTEST_SHELF else size // 2 + 1, size):
                continue
            for number, different in shelf.likely(text):
                other = ends[number + 1] - ends[number]
                # F1 is at most that. A little more, for what may be exactly as similar as the best is compared, whatever is rounded.
                most = 1 - max(different, abs(length - other)) / (length + other) + 1e-9
                if most < score or most < rule.threshold:
                    continue
                if places is None:
                    places = Places(tokens)
                common = places.common(self.tokens(number))
                found = fmeasure(common, length, other)
                if (found > score or (found == score and number < best)) and rule.too_similar(common, length, other):
                    best, score = number, found
        return None if best < 0 else Near(best, score)


class _Text:
    """A text as shelves look for it: its tokens, and the second and further occurrences of a token as numbers of their own."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tokens
        self.length = len(tokens)
        self.different: Sequence[int] = tokens
        self.again: list[int] = []
        self.bitmaps: dict[int, Any] = {}
        self.rarest: dict[int, set[int]] = {}
        if len(set(tokens)) < len(tokens):
            seen: dict[int, int] = {}
            for token in tokens:
                times = seen[token] = seen.get(token, 0) + 1
                if times > 1:
                    self.again.append(token + times * 0x51ED)
            self.different = [*seen]


def _spot(number: int) -> int:
    """One of `MOST_BITS` bits, scattered, and for a number the same one in every run."""
    return (number * 0x9E3779B1 & 0xFFFFFFFF) >> 16


class _Shelf:
    """Texts of similar lengths: their bitmaps and, from so many on, an index of their rare tokens."""

    def __init__(self, size: int, rule: Rule, all_texts: Likeness) -> None:
        self._size = size
        bits = min(size * BITS_PER_TOKEN, MOST_BITS)
        self._bytes = bits // 8
        self._flips = [1 << bit for bit in range(bits)]
        self._flip_of: list[int] = []
        self._rule = rule
        self._all = all_texts
        self._numbers = array("I")
        self._bitmaps = numpy.zeros((bits // _WORD, 64), dtype=numpy.uint64)
        self._rooms = numpy.zeros(64, dtype=numpy.uint8 if bits < 256 else numpy.uint32)
        self._ranks: list[int] = []
        self._index: dict[int, array[int]] = {}
        self._remake_at = INDEXED
        self._together: Together | None = None

    def add(self, number: int, text: _Text) -> None:
        place = len(self._numbers)
        if place == len(self._rooms):
            self._bitmaps = numpy.concatenate((self._bitmaps, numpy.zeros_like(self._bitmaps)), axis=1)
            self._rooms = numpy.concatenate((self._rooms, numpy.zeros_like(self._rooms)))
        self._numbers.append(number)
        self._bitmaps[:, place] = self._bitmap(text)
        self._rooms[place] = int(self._rule.room(text.length))
        if place + 1 == self._remake_at:
            self._make_index()
        elif self._index:
            self._enter(place, text)

    def common(self, table: Any, length: int) -> tuple[Any, Any, Any]:
        """The numbers of all its texts, their lengths, and what each has in common with the one that the table is of."""
        if self._together is None:
            self._together = Together()
        for number in self._numbers[len(self._together) :]:
            self._together.add(self._all.tokens(number))
        numbers = numpy.array(self._numbers, dtype=numpy.intp)
        return numbers, self._together.lengths(), self._together.common(table, length)

    def likely(self, text: _Text) -> list[tuple[int, int]]:
        """Texts that may be too similar, the likeliest first, and in how many tokens each differs at least."""
        bitmap, places = self._bitmap(text), self._named(text)
        different, rooms = None, self._rooms[: len(self._numbers)] if places is None else self._rooms.take(places)
        for word, bits in zip(self._bitmaps, bitmap, strict=True):
            mine = word[: len(self._numbers)] if places is None else word.take(places)
            counts = numpy.bitwise_count(mine ^ bits).astype(rooms.dtype, copy=False)
            different = counts if different is None else different + counts
        # Whole numbers are compared fastest: one text's room is rounded down, so the other's is rounded up.
        hits = (different <= rooms + rooms.dtype.type(self._rule.room(text.length) + 1)).nonzero()[0]
        if not len(hits):
            return []
        found = {*zip(different[hits].tolist(), (hits if places is None else places[hits]).tolist(), strict=True)}
        return [(self._numbers[place], count) for count, place in sorted(found)]

    def _named(self, text: _Text) -> Any:
        """The places of all texts that the index names for this one; None where all are to be looked through."""
        if not self._index:
            return None
        index = self._index
        lists = [index[token] for token in self._rarest(text) if token in index]
        if sum(map(len, lists)) > WORTH_ASKING * len(self._numbers):
            return None
        return numpy.frombuffer(b"".join(lists), dtype=numpy.uint32).astype(numpy.intp)

    def _bitmap(self, text: _Text) -> Any:
        if (known := text.bitmaps.get(self._size)) is not None:
            return known
        flips, flip_of = self._flips, self._flip_of
        most = len(flips) - 1
        try:
            bits = reduce(xor, map(flip_of.__getitem__, text.different))
        except IndexError:
            flip_of.extend(flips[_spot(token) & most] for token in range(len(flip_of), max(text.different) + 1))
            bits = reduce(xor, map(flip_of.__getitem__, text.different))
        for number in text.again:
            bits ^= flips[_spot(number) & most]
        bitmap = text.bitmaps[self._size] = numpy.frombuffer(bits.to_bytes(self._bytes, "little"), dtype="<u8")
        return bitmap

    def _make_index(self) -> None:
        frequencies = self._all.frequencies()
        self._ranks = numpy.argsort(numpy.argsort(frequencies, kind="stable"), kind="stable").tolist()
        self._index = {}
        self._remake_at *= REMADE
        for place, number in enumerate(self._numbers):
            self._enter(place, _Text(self._all.tokens(number)))

    def _enter(self, place: int, text: _Text) -> None:
        for token in self._rarest(text):
            if token in self._index:
                self._index[token].append(place)
            else:
                self._index[token] = array("I", (place,))

    def _rarest(self, text: _Text) -> set[int]:
        """Those of which a text that is too similar has one. Tokens that are newer than the ranks are the rarest of all."""
        if (known := text.rarest.get(self._size)) is not None:
            return known
        ranks = self._ranks
        if (newest := max(text.tokens)) >= len(ranks):
            ranks.extend(range(-len(ranks), -newest - 2, -1))
        rarest = sorted(text.tokens, key=ranks.__getitem__)
        found = text.rarest[self._size] = set(rarest[: text.length - self._rule.least_common(text.length) + 1])
        return found
