"""Which of many sets are nearly the same as a better one that is kept: by bands, in the order of preference, in bounded memory.

Texts whose signatures agree in one band lie in one bucket. Taken in the order of preference, a text is compared with those in its
buckets that were kept before it, and is either one of theirs or lies there itself. So everything that is left out is nearly the same
as something that is kept, and a thousand copies of one text are a thousand comparisons and not half a million.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy

from seodang_filters.minhash import Sets, can_be_alike, likeness, spread

Array = numpy.ndarray[Any, Any]

CROWDED = 64
"""With so many of a bucket, those that were kept last, a text is compared. The texts of a larger one lie in a smaller one as well, made
by further places of the signature. Only data of one template with other words in it keep so many of a bucket; they are counted."""
DIVISIONS = 6
BLOCK = 2048
"""So many texts are compared at once with what was kept before them, and what is left of them with each other."""
STAYS = -1
ALONE = -1


class Found(msgspec.Struct, frozen=True):
    """For each set the number of the one that it is nearly the same as, or -1 where it is kept, and how alike the two are.

    `partly` of those that are kept were not compared with everything in their buckets.
    """

    kept: Array
    likeness: Array
    partly: int


def find(sets: Sets, order: Array, threshold: float, on_block: Callable[[], None] = lambda: None) -> Found:
    """Goes through the sets of `order`, the preferred ones first. Numbers are those of `sets`, also in the answer."""
    return _Search(sets, order, threshold).run(on_block)


class _Search:
    def __init__(self, sets: Sets, order: Array, threshold: float) -> None:
        self._sets = sets
        self._order = order
        self._threshold = threshold
        self._buckets, sizes = _buckets(sets, order)
        self._starts = numpy.cumsum(sizes) - sizes
        self._filled = numpy.zeros(len(sizes), dtype=numpy.int64)
        self._members = numpy.zeros(int(sizes.sum()), dtype=numpy.int32)
        self._kept = numpy.full(len(order), STAYS, dtype=numpy.int64)
        self._likeness = numpy.zeros(len(order))
        self._in_part = numpy.zeros(len(order), dtype=bool)

    def run(self, on_block: Callable[[], None]) -> Found:
        """Places in the order are what is counted in; numbers of sets are looked up where sets are compared."""
        busy = numpy.flatnonzero((self._buckets != ALONE).any(axis=1))
        for start in range(0, len(busy), BLOCK):
            on_block()
            block = busy[start : start + BLOCK]
            self._compare_with_kept(block)
            self._settle(block)
        size = len(self._sets.sizes)
        kept, alike = numpy.full(size, STAYS, dtype=numpy.int64), numpy.zeros(size)
        kept[self._order] = numpy.where(self._kept == STAYS, STAYS, self._order[self._kept])
        alike[self._order] = self._likeness
        return Found(kept, alike, int((self._in_part & (self._kept == STAYS)).sum()))

    def _settle(self, block: Array) -> None:
        """Compares what is left of the block with each other, in halves where too many of it lie in one bucket to compare all."""
        left = block[self._kept[block] == STAYS]
        rows, _, places = self._lying_together(left)
        if len(left) > CROWDED and places.max(initial=0) > CROWDED:
            half = len(left) // 2
            self._settle(left[:half])
            self._compare_with_kept(left[half:])
            self._settle(left[half:])
            return
        self._compare_within(rows, places)
        self._put(left[self._kept[left] == STAYS])

    def _compare_with_kept(self, block: Array) -> None:
        rows, buckets = self._lying(block)
        filled = self._filled[buckets]
        counts = numpy.minimum(filled, CROWDED)
        self._in_part[rows[filled > CROWDED]] = True
        others = self._members[spread(self._starts[buckets] + filled - counts, counts)]
        rows, others, alike = self._alike(numpy.repeat(rows, counts), others.astype(numpy.int64))
        likest = numpy.flatnonzero(numpy.diff(rows, prepend=STAYS))
        self._kept[rows[likest]] = others[likest]
        self._likeness[rows[likest]] = alike[likest]

    def _compare_within(self, rows: Array, places: Array) -> None:
        """Each with those before it in its buckets. Among these, in order: only what is kept itself can stand for another."""
        others = rows[spread(numpy.arange(len(rows)) - places, places)]
        for row, other, alike in zip(*map(numpy.ndarray.tolist, self._alike(numpy.repeat(rows, places), others)), strict=True):
            if self._kept[row] == STAYS and self._kept[other] == STAYS:
                self._kept[row] = other
                self._likeness[row] = alike

    def _put(self, block: Array) -> None:
        rows, buckets, places = self._lying_together(block)
        self._members[self._starts[buckets] + self._filled[buckets] + places] = rows
        numpy.add.at(self._filled, buckets, 1)

    def _lying_together(self, block: Array) -> tuple[Array, Array, Array]:
        """As `_lying`, bucket by bucket, with how many rows of the block lie before each in its bucket."""
        rows, buckets = self._lying(block)
        order = numpy.lexsort((rows, buckets))
        rows, buckets = rows[order], buckets[order]
        places = numpy.arange(len(buckets))
        begins = numpy.ones(len(buckets), dtype=bool)
        begins[1:] = buckets[1:] != buckets[:-1]
        return rows, buckets, places - numpy.maximum.accumulate(numpy.where(begins, places, 0))

    def _lying(self, block: Array) -> tuple[Array, Array]:
        """The rows of the block and their buckets, one entry for each bucket that a row lies in."""
        buckets = self._buckets[block]
        lying = buckets != ALONE
        return numpy.repeat(block, lying.sum(axis=1)), buckets[lying].astype(numpy.int64)

    def _alike(self, rows: Array, others: Array) -> tuple[Array, Array, Array]:
        """The pairs that are alike enough, row by row in order, the others of one row with the likest first."""
        keys = rows.astype(numpy.uint64) << numpy.uint64(32) | others.astype(numpy.uint64)
        keys.sort()
        keys = keys[numpy.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
        rows, others = (keys >> numpy.uint64(32)).astype(numpy.int64), (keys & numpy.uint64(0xFFFFFFFF)).astype(numpy.int64)
        first, second = self._order[rows], self._order[others]
        likely = can_be_alike(self._sets, first, second, self._threshold)
        rows, others = rows[likely], others[likely]
        alike = likeness(self._sets, first[likely], second[likely])
        enough = alike >= self._threshold
        rows, others, alike = rows[enough], others[enough], alike[enough]
        order = numpy.lexsort((others, -alike, rows))
        return rows[order], others[order], alike[order]


def _buckets(sets: Sets, order: Array) -> tuple[Array, Array]:
    """The buckets of each row, two columns a band, -1 where it lies alone; and the sizes of all buckets.

    The second column is for rows of a crowded bucket, and has the smaller one in which they lie as well.
    """
    columns = numpy.full((len(order), 2 * len(sets.keys)), ALONE, dtype=numpy.int32)
    sizes = [numpy.zeros(0, dtype=numpy.int64)]
    made = 0
    for band, keys in enumerate(sets.keys):
        rows, numbers, counts = _together(numpy.arange(len(order)), keys[order])
        for column in (2 * band, 2 * band + 1):
            columns[rows, column] = numbers + made
            sizes.append(counts)
            made += len(counts)
            rows, numbers, counts = _divided(sets, order, band, rows, numbers, counts)
    return columns, numpy.concatenate(sizes)


def _divided(sets: Sets, order: Array, band: int, rows: Array, numbers: Array, counts: Array) -> tuple[Array, Array, Array]:
    """The crowded buckets divided by places of other bands' signatures, until they are small or there are no more places."""
    done = []
    made = 0
    for step in range(1, min(DIVISIONS, len(sets.places) - 1) + 1):
        crowded = counts[numbers] > CROWDED
        if step > 1:
            done.append((rows[~crowded], numbers[~crowded] + made))
            made += len(counts)
        place = sets.places[(band + step) % len(sets.places)]
        keys = numbers[crowded].astype(numpy.uint64) << numpy.uint64(32) | place[order[rows[crowded]]]
        rows, numbers, counts = _together(rows[crowded], keys)
    rows, numbers = (numpy.concatenate(parts) for parts in zip(*done, (rows, numbers + made), strict=True))
    used, numbers = numpy.unique(numbers, return_inverse=True)
    return rows, numbers, numpy.bincount(numbers, minlength=len(used))


def _together(rows: Array, keys: Array) -> tuple[Array, Array, Array]:
    """Of the rows those that share their key with another, the number of the bucket of each, and how many lie in each bucket."""
    order = numpy.argsort(keys)
    ordered = keys[order]
    again = numpy.zeros(len(keys) + 1, dtype=bool)
    again[1:-1] = ordered[1:] == ordered[:-1]
    shared = again[1:] | again[:-1]
    numbers = numpy.cumsum(~again[:-1][shared]) - 1
    return rows[order[shared]], numbers, numpy.bincount(numbers)
