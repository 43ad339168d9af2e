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

INDEXED = 4_096
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
AHEAD_WORDS = 16
"""Bitmaps of so many words at most are compared with each other in a batch: of longer texts there are few."""
AHEAD_PLACES = 1 << 18
"""So many places are looked at together: some ten megabytes."""


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
        size = _size_of(len(tokens))
        self._shelf(size).add(number, self._text(tokens))

    def _shelf(self, size: int) -> _Shelf:
        if size not in self._shelves:
            self._shelves[size] = _Shelf(size, self._rule, self)
        return self._shelves[size]

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

    def look_ahead(self, texts: Sequence[Sequence[int]]) -> Ahead:
        """What `nearest` has to look for is found for some texts together, before they are asked about and added one by one.

        Most of the time for one text goes into calling numpy some twenty times for a few hundred numbers.
        """
        return Ahead(self, texts)

    def nearest(self, tokens: Sequence[int], ahead: Ahead | None = None) -> Near | None:
        """The most similar text of those that are too similar, the earliest where several are equally so; None where none is."""
        if not tokens:
            return None
        rule, length, ends = self._rule, len(tokens), self._ends
        if ahead is not None and (looked_at := ahead.text(tokens)) is not None:
            self._asked = looked_at
        text, places = self._text(tokens), None
        best, score = -1, 0.0
        for size, shelf in self._shelves.items():
            if not rule.may_be_similar(length, 1 if size == SHORTEST_SHELF else size // 2 + 1, size):
                continue
            likely = ahead.likely(tokens) if ahead is not None and size == _size_of(length) else None
            for number, different in shelf.likely(text) if likely is None else likely:
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


class Ahead:
    """What is likely for each of some texts, of those that were there when they were looked at together, and of one another.

    They are told apart by which list they are, and each has to be asked about before it is added.
    """

    def __init__(self, likeness: Likeness, texts: Sequence[Sequence[int]]) -> None:
        self._likely: dict[int, list[tuple[int, int]]] = {}
        """By the list that a text is: numbers of others with the number of tokens in which they differ at least."""
        self._later: dict[int, list[tuple[int, int]]] = {}
        """By the list, those that are like it and come later, told by their lists."""
        self._texts = {id(tokens): _Text(tokens) for tokens in texts if tokens}
        by_size: dict[int, list[int]] = {}
        for key, text in self._texts.items():
            by_size.setdefault(_size_of(text.length), []).append(key)
        for size, keys in by_size.items():
            if (shelf := likeness._shelf(size)).words <= AHEAD_WORDS:
                some = [self._texts[key] for key in keys]
                self._likely.update(zip(keys, shelf.likely_of(some), strict=True))
                for first, second, different in shelf.alike(some):
                    self._later.setdefault(keys[first], []).append((keys[second], different))

    def text(self, tokens: Sequence[int]) -> _Text | None:
        return self._texts.get(id(tokens))

    def likely(self, tokens: Sequence[int]) -> list[tuple[int, int]] | None:
        """None where nothing was found out ahead."""
        return self._likely.get(id(tokens))

    def added(self, tokens: Sequence[int], number: int) -> None:
        """From now on it is likely for those of the texts that are like it."""
        for key, different in self._later.get(id(tokens), ()):
            self._likely[key].append((number, different))


def _size_of(length: int) -> int:
    """The shelf of texts of so many tokens."""
    return max(SHORTEST_SHELF, 1 << (length - 1).bit_length())


class _Text:
    """A text as shelves look for it: its tokens, and the second and further occurrences of a token as numbers of their own."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tokens
        self.length = len(tokens)
        self.different: Sequence[int] = tokens
        self.again: list[int] = []
        self.bitmaps: dict[int, Any] = {}
        self.rarest: dict[tuple[int, int], set[int]] = {}
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

    @property
    def words(self) -> int:
        return len(self._bitmaps)

    def likely_of(self, texts: Sequence[_Text]) -> list[list[tuple[int, int]]]:
        """What is likely for each of the texts, as `likely` tells it of one, in no order."""
        found: list[list[tuple[int, int]]] = []
        named: dict[int, bytes] = {}
        waiting = 0
        for at, text in enumerate(texts):
            if not self._index or (lists := self._lists(text)) is None:
                found.append(self.likely(text))
                continue
            found.append([])
            named[at] = b"".join(lists)
            waiting += len(named[at])
            if waiting > 4 * AHEAD_PLACES:
                self._look_at(texts, named, found)
                named, waiting = {}, 0
        self._look_at(texts, named, found)
        return found

    def _look_at(self, texts: Sequence[_Text], named: dict[int, bytes], found: list[list[tuple[int, int]]]) -> None:
        """Enters what is likely among the places that the index names for some of the texts."""
        places = numpy.frombuffer(b"".join(named.values()), dtype=numpy.uint32).astype(numpy.intp)
        if not len(places):
            return
        asked = numpy.repeat(numpy.array([*named]), [len(each) // 4 for each in named.values()])
        bitmaps, rooms = self._bitmaps_of(texts)
        different = numpy.zeros(len(places), dtype=rooms.dtype)
        for word, bits in zip(self._bitmaps, bitmaps, strict=True):
            different += numpy.bitwise_count(word.take(places) ^ bits.take(asked)).astype(rooms.dtype, copy=False)
        hits = (different <= self._rooms.take(places) + rooms.take(asked)).nonzero()[0]
        # The same place may be named by several tokens.
        for at, place, count in {*zip(asked[hits].tolist(), places[hits].tolist(), different[hits].tolist(), strict=True)}:
            found[at].append((self._numbers[place], count))

    def alike(self, texts: Sequence[_Text]) -> list[tuple[int, int, int]]:
        """The pairs of these texts that may be too similar, the first one before the second, and in how many tokens they differ at
        least."""
        bitmaps, rooms = self._bitmaps_of(texts)
        different = numpy.zeros((len(texts), len(texts)), dtype=rooms.dtype)
        for bits in bitmaps:
            different += numpy.bitwise_count(bits[:, None] ^ bits).astype(rooms.dtype, copy=False)
        first, second = numpy.triu(different <= rooms[:, None] + rooms, 1).nonzero()
        return [*zip(first.tolist(), second.tolist(), different[first, second].tolist(), strict=True)]

    def _bitmaps_of(self, texts: Sequence[_Text]) -> tuple[Any, Any]:
        """As a shelf has them, with the rooms rounded up."""
        bitmaps = numpy.stack([self._bitmap(text) for text in texts], axis=1)
        rooms = numpy.array([int(self._rule.room(text.length) + 1) for text in texts], dtype=self._rooms.dtype)
        return bitmaps, rooms

    def _named(self, text: _Text) -> Any:
        """The places of all texts that the index names for this one; None where all are to be looked through."""
        if not self._index or (lists := self._lists(text)) is None:
            return None
        return numpy.frombuffer(b"".join(lists), dtype=numpy.uint32).astype(numpy.intp)

    def _lists(self, text: _Text) -> list[array[int]] | None:
        index = self._index
        lists = [index[token] for token in self._rarest(text) if token in index]
        return lists if sum(map(len, lists)) <= WORTH_ASKING * len(self._numbers) else None

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
        index = self._index
        for token in self._rarest(text):
            if (places := index.get(token)) is None:
                places = index[token] = array("I")
            places.append(place)

    def _rarest(self, text: _Text) -> set[int]:
        """Those of which a text that is too similar has one. Tokens that are newer than the ranks are the rarest of all."""
        # Which tokens are rare is another matter after the index was made anew.
        key = self._size, self._remake_at
        if (known := text.rarest.get(key)) is not None:
            return known
        ranks = self._ranks
        if (newest := max(text.tokens)) >= len(ranks):
            ranks.extend(range(-len(ranks), -newest - 2, -1))
        rarest = sorted(text.tokens, key=ranks.__getitem__)
        found = text.rarest[key] = set(rarest[: text.length - self._rule.least_common(text.length) + 1])
        return found
