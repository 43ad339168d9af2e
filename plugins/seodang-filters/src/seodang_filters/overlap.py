"""Finds which of many texts stand in others, whole or for the most part: numpy over hashes of their n-grams.

A long text is found by the share of its n-grams that stand in another. The n-grams are at most half as long as the text, so that one
that lacks its end still has most of them. A short text has too few for that: it has to stand there whole, from the beginning of a
word to the end of one (a very short one from mark to mark), or as a clause of its own that lacks a third of it at most.
Texts are compared by hashes of 64 bits; that two different ones have the same is too rare to count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy

from seodang_filters.bare import Bare, Baring, folded, plain_length

SHORTEST_GRAM = 5
"""Four syllables of Korean stand in half of all long answers somewhere."""
SENTENCE = 8
"""A text of fewer signs is found only where nothing but marks stand around it: 〈배가 고프다〉 is no theft in the middle of a story."""
CLAUSE_LONGEST, CLAUSE_SHORTEST, CLAUSE_SHARE = 23, 5, 0.65
"""A clause of so many signs that is so much of a text is taken for the text with its end cut off."""
WHOLE = 1.0

Array = numpy.ndarray[Any, Any]

_STEP = numpy.uint64(0x9E3779B97F4A7C15)
_SPREADS = (numpy.uint64(0xFF51AFD7ED558CCD), numpy.uint64(0xC4CEB9FE1A85EC53))


class Hit(msgspec.Struct, frozen=True):
    """Text number `item` stands in row number `row` for this share of it."""

    row: int
    item: int
    share: float


class Overlap:
    """Texts to look for, made once; `find` looks for them in a batch of rows, in every form of the language.

    Without the endings of words a copy is found whose particles are others, with them one whose words are spaced in another way:
    where a word ends is then known no more.
    """

    def __init__(self, texts: Sequence[str], barings: Sequence[Baring], *, long: int) -> None:
        """From `long` signs a text is found by its n-grams, which are at most as long."""
        self._count = len(texts)
        # How long a text is told with its endings, so that the rule is the published one.
        lengths = numpy.fromiter(map(plain_length, texts), dtype=numpy.int64, count=len(texts))
        known = list(map(folded, texts))
        self._searches = [_Search(baring, baring.batch(known), lengths, long) for baring in barings]

    def find(self, rows: Sequence[Sequence[str]]) -> list[Hit]:
        """Every text of which anything stands in a row, by row and then by the order of the texts."""
        joined = [folded("\n".join(parts)) for parts in rows]
        found = [each for search in self._searches for each in search.find(joined)]
        if not found:
            return []
        pairs, which = numpy.unique(numpy.concatenate([places for places, _ in found]), return_inverse=True)
        most = numpy.zeros(len(pairs))
        numpy.maximum.at(most, which, numpy.concatenate([shares for _, shares in found]))
        rows_of, items = numpy.divmod(pairs, self._count)
        return [Hit(*hit) for hit in zip(rows_of.tolist(), items.tolist(), most.tolist(), strict=True)]


class _Search:
    """The search in one form."""

    def __init__(self, baring: Baring, bare: Bare, lengths: Array, long: int) -> None:
        self._baring = baring
        sizes = self._sizes = bare.sizes
        is_long = (lengths >= long) & (sizes >= SHORTEST_GRAM)
        gram = numpy.where(is_long, numpy.clip(sizes // 2, SHORTEST_GRAM, long), 0)
        self._counts = numpy.where(is_long, 0, 1)
        self._sentence = lengths < SENTENCE
        gram_lengths = {int(length) for length in numpy.unique(gram)} - {0}
        self._longest_gram = max(gram_lengths, default=0)
        wholes, clauses = _Entries(), _Entries()
        # One table for each length: most n-grams have the same, and the tables of the others are small enough to be quick.
        self._grams: dict[int, _Table] = {}
        longest = max(self._longest_gram, int(sizes[~is_long].max(initial=0)), CLAUSE_LONGEST)
        least = numpy.maximum(CLAUSE_SHORTEST, numpy.ceil(CLAUSE_SHARE * sizes))
        for length, hashes in _windows(bare, longest):
            owners = bare.text_of[: len(hashes)]
            inside = owners == bare.text_of[length - 1 :]
            if length in gram_lengths:
                grams = _Entries()
                grams.add(hashes, owners, inside & (gram[owners] == length))
                self._grams[length] = grams.table()
            wholes.add(hashes, owners, inside & ~is_long[owners] & (sizes[owners] == length))
            cut = inside & (sizes[owners] <= CLAUSE_LONGEST) & (length >= least[owners])
            clauses.add(hashes, owners, cut)
        self._wholes, self._clauses = wholes.table(), clauses.table()
        self._whole_lengths = {int(length) for length in numpy.unique(sizes[~is_long])} - {0}
        for table in self._grams.values():
            numpy.add.at(self._counts, table.items, 1)

    def find(self, rows: Sequence[str]) -> Iterator[tuple[Array, Array]]:
        """Pairs of row and text, each as one number, and what share of the text stands in the row."""
        bare = self._baring.batch(rows)
        yield from self._partly(bare)
        yield from self._whole(bare)
        yield from self._cut(bare)

    def _partly(self, bare: Bare) -> Iterator[tuple[Array, Array]]:
        """How many different n-grams of each long text stand in each row."""
        seen: list[Array] = []
        for length, hashes in _windows(bare, self._longest_gram):
            if length not in self._grams:
                continue
            table = self._grams[length]
            at = table.maybe(hashes)
            at = at[bare.text_of[at] == bare.text_of[at + length - 1]]
            # A gram counts once in a row, however often it stands there.
            order = numpy.lexsort((hashes[at], bare.text_of[at]))
            rows, values = bare.text_of[at][order], hashes[at][order]
            first = numpy.ones(len(order), dtype=bool)
            first[1:] = (rows[1:] != rows[:-1]) | (values[1:] != values[:-1])
            seen.append(self._pairs(rows[first], values[first], table)[0])
        if not seen:
            return
        pairs, counts = numpy.unique(numpy.concatenate(seen), return_counts=True)
        yield pairs, counts / self._counts[pairs % len(self._counts)]

    def _whole(self, bare: Bare) -> Iterator[tuple[Array, Array]]:
        for length, hashes in _windows(bare, max(self._whole_lengths, default=0)):
            if length not in self._whole_lengths:
                continue
            last = slice(length - 1, None)
            at = numpy.flatnonzero(bare.begins_word[: len(hashes)] & bare.ends_word[last])
            at = at[bare.text_of[at] == bare.text_of[at + length - 1]]
            at = at[self._wholes.maybe(hashes[at])]
            pairs, which = self._pairs(bare.text_of[at], hashes[at], self._wholes)
            alone = bare.begins_clause[at] & bare.ends_clause[at + length - 1]
            fits = ~self._sentence[pairs % len(self._counts)] | alone[which]
            yield pairs[fits], numpy.full(int(fits.sum()), WHOLE)

    def _cut(self, bare: Bare) -> Iterator[tuple[Array, Array]]:
        begins, ends = numpy.flatnonzero(bare.begins_clause), numpy.flatnonzero(bare.ends_clause)
        lengths = ends - begins + 1
        fits = (lengths >= CLAUSE_SHORTEST) & (lengths <= CLAUSE_LONGEST)
        begins, lengths = begins[fits], lengths[fits]
        hashes = numpy.zeros(len(begins), dtype=numpy.uint64)
        for place in range(int(lengths.max(initial=0))):
            more = lengths > place
            hashes[more] = _next(hashes[more], bare.signs[begins[more] + place])
        at = self._clauses.maybe(hashes)
        pairs, which = self._pairs(bare.text_of[begins[at]], hashes[at], self._clauses)
        yield pairs, lengths[at][which] / self._sizes[pairs % len(self._counts)]

    def _pairs(self, rows: Array, hashes: Array, table: _Table) -> tuple[Array, Array]:
        """Row and text as one number, for every text that has this hash; and which of the hashes it was."""
        first, last = table.span(hashes)
        counts = last - first
        which = numpy.repeat(numpy.arange(len(hashes)), counts)
        offsets = numpy.arange(len(which)) - numpy.repeat(numpy.cumsum(counts) - counts, counts)
        items = table.items[first[which] + offsets]
        return rows[which] * len(self._counts) + items, which


class _Entries:
    """Hashes and whose they are, while they are gathered."""

    def __init__(self) -> None:
        self._hashes: list[Array] = []
        self._items: list[Array] = []

    def add(self, hashes: Array, owners: Array, which: Array) -> None:
        self._hashes.append(hashes[which])
        self._items.append(owners[which].astype(numpy.uint32))

    def table(self) -> _Table:
        none = numpy.zeros(0, dtype=numpy.uint64)
        hashes = numpy.concatenate([*self._hashes, none])
        items = numpy.concatenate([*self._items, none.astype(numpy.uint32)])
        order = numpy.lexsort((items, hashes))
        hashes, items = hashes[order], items[order]
        first = numpy.ones(len(order), dtype=bool)
        first[1:] = (hashes[1:] != hashes[:-1]) | (items[1:] != items[:-1])
        return _Table(hashes[first], items[first])


class _Table:
    """Hashes in order, each with the text that has it."""

    def __init__(self, hashes: Array, items: Array) -> None:
        self.items = items
        self._hashes = hashes
        # Nearly every sign of a row is ruled out by one look at a table, and of the rest nearly every one by another look.
        self._bits = max(12, int(16 * len(hashes)).bit_length())
        self._taken = numpy.zeros(1 << self._bits, dtype=bool)
        for spread in _SPREADS:
            self._taken[self._slots(hashes, spread)] = True

    def _slots(self, hashes: Array, spread: numpy.uint64) -> Array:
        return (hashes * spread) >> numpy.uint64(64 - self._bits)

    def maybe(self, hashes: Array) -> Array:
        """The places of the hashes that are here, and of a few more, of which `span` finds nothing."""
        first, second = _SPREADS
        at = numpy.flatnonzero(self._taken[self._slots(hashes, first)])
        return at[self._taken[self._slots(hashes[at], second)]]

    def span(self, hashes: Array) -> tuple[Array, Array]:
        return numpy.searchsorted(self._hashes, hashes, "left"), numpy.searchsorted(self._hashes, hashes, "right")


def _windows(bare: Bare, longest: int) -> Iterator[tuple[int, Array]]:
    """The hashes of all runs of one sign, of two signs and so on; a run may go from one text into the next."""
    hashes = numpy.zeros(len(bare.signs), dtype=numpy.uint64)
    for length in range(1, min(longest, len(bare.signs)) + 1):
        hashes = _next(hashes[: len(bare.signs) - length + 1], bare.signs[length - 1 :])
        yield length, hashes


def _next(hashes: Array, signs: Array) -> Array:
    """The hash of what was hashed and one sign more. Unlike Python's it is the same in every process."""
    return hashes * _STEP + signs
