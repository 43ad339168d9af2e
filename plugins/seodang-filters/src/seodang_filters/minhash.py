"""MinHash signatures, their bands, and how alike two sets are: exactly where they are small, else by their smallest numbers.

A signature has the smallest number of a set under several permutations; two sets agree in each with a probability of their Jaccard
likeness. Bands of several such places bring together what is worth comparing, and every pair is then compared by its n-grams.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import Any

import msgspec
import numpy

from seodang_filters.grams import Grams

Array = numpy.ndarray[Any, Any]

SKETCH = 256
"""So many of the smallest n-grams of a text are kept: all of most, and an estimate within 0.05 (19 times in 20) for longer ones."""
MISSED = 0.025
"""So many of the pairs that are exactly as alike as the threshold may meet in no band; of more alike ones there are far fewer."""
MOST_PLACES = 64
PARITY_WORDS = 2

_HALF = numpy.uint64(32)
_MIX = numpy.uint64(0x9E3779B97F4A7C15)


class Bands(msgspec.Struct, frozen=True):
    """`count` bands of `rows` places of the signature each."""

    rows: int
    count: int

    @property
    def places(self) -> int:
        return self.rows * self.count


def bands_for(threshold: float) -> Bands:
    """The longest bands with which at most MISSED of the pairs at the threshold meet in none: long ones bring fewer together in vain."""
    fitting = [Bands(rows, _bands(threshold**rows)) for rows in range(1, 17)]
    return [bands for bands in fitting if bands.places <= MOST_PLACES][-1]


def _bands(agreement: float) -> int:
    return 1 if agreement >= 1 else math.ceil(math.log(MISSED) / math.log(1 - agreement))


class Sets(msgspec.Struct, frozen=True):
    """What is known of many texts: `keys[band, text]` is equal where a band of the signature is, `places[band, text]` is the first
    place of the band, `parities[word, text]` bitmaps; the n-grams of a text are the first of its `sizes` from `starts` on."""

    keys: Array
    places: Array
    parities: Array
    sizes: Array
    starts: Array
    sketches: Array

    def sketched(self, texts: Array) -> Array:
        """How many n-grams of each of these are kept."""
        return numpy.minimum(self.sizes[texts], SKETCH).astype(numpy.int64)


class Signer:
    """Makes the signatures and collects what is kept of each text."""

    def __init__(self, bands: Bands) -> None:
        self._bands = bands
        self._factors = [(_constant(place, "factor") | 1, _constant(place, "addend")) for place in range(bands.places)]
        self._keys: list[Array] = []
        self._places: list[Array] = []
        self._parities: list[Array] = []
        self._sizes: list[Array] = []
        self._sketches: list[Array] = []

    def add(self, grams: Grams) -> None:
        filled = grams.sizes > 0
        starts = (numpy.cumsum(grams.sizes) - grams.sizes)[filled]
        signatures = self._signed(grams.numbers, starts)
        self._keys.append(_spread_out(_keys(signatures, self._bands), filled))
        self._places.append(_spread_out(signatures[:: self._bands.rows], filled))
        self._parities.append(_spread_out(_parities(grams.numbers, starts), filled))
        self._sizes.append(grams.sizes.astype(numpy.uint32))
        self._sketches.append(_sketches(grams))

    def _signed(self, numbers: Array, starts: Array) -> Array:
        signed = numpy.empty((len(self._factors), len(starts)), dtype=numpy.uint32)
        if not len(starts):
            return signed
        moved = numpy.empty_like(numbers)
        for place, (factor, addend) in enumerate(self._factors):
            numpy.multiply(numbers, numpy.uint32(factor), out=moved)
            numpy.add(moved, numpy.uint32(addend), out=moved)
            numpy.minimum.reduceat(moved, starts, out=signed[place])
        return signed

    def sets(self) -> Sets:
        """Everything that was added. The parts are let go of, so that nothing is held twice."""
        sizes = _joined(self._sizes, 0, numpy.uint32)
        kept = numpy.minimum(sizes, SKETCH).astype(numpy.int64)
        return Sets(
            keys=_joined(self._keys, 1, numpy.uint64, self._bands.count),
            places=_joined(self._places, 1, numpy.uint32, self._bands.count),
            parities=_joined(self._parities, 1, numpy.uint64, PARITY_WORDS),
            sizes=sizes,
            starts=numpy.cumsum(kept) - kept,
            sketches=_joined(self._sketches, 0, numpy.uint32),
        )


def _joined(parts: list[Array], axis: int, kind: Any, rows: int = 0) -> Array:
    joined = numpy.concatenate(parts, axis=axis) if parts else numpy.zeros((rows, 0) if axis else 0, dtype=kind)
    parts.clear()
    return joined


def _constant(place: int, what: str) -> int:
    # From a hash and not from a generator, whose numbers another release of numpy may change.
    return int.from_bytes(blake2b(f"{what} {place}".encode(), digest_size=4).digest(), "little")


def _keys(signatures: Array, bands: Bands) -> Array:
    """One number for each band of each text."""
    keys = numpy.zeros((bands.count, signatures.shape[1]), dtype=numpy.uint64)
    for row in range(bands.rows):
        keys ^= signatures[row :: bands.rows]
        keys *= _MIX
        keys ^= keys >> _HALF
    return keys


def _spread_out(values: Array, filled: Array) -> Array:
    """The columns put where the texts that have n-grams stand; zeros for the others."""
    if filled.all():
        return values
    columns = numpy.zeros((len(values), len(filled)), dtype=values.dtype)
    columns[:, filled] = values
    return columns


def _parities(numbers: Array, starts: Array) -> Array:
    """Bitmaps in which each n-gram flips one bit: two differ in at most as many bits as the sets differ in members."""
    words = numpy.zeros((PARITY_WORDS, len(starts)), dtype=numpy.uint64)
    if not len(starts):
        return words
    bits = numpy.uint64(1) << (numbers & numpy.uint32(63)).astype(numpy.uint64)
    which = numbers >> numpy.uint32(6) & numpy.uint32(PARITY_WORDS - 1)
    for word in range(PARITY_WORDS):
        numpy.bitwise_xor.reduceat(bits * (which == word), starts, out=words[word])
    return words


def _sketches(grams: Grams) -> Array:
    """The smallest SKETCH n-grams of each text. They are sorted, so these are its first ones."""
    if not len(grams.sizes) or grams.sizes.max() <= SKETCH:
        return grams.numbers
    starts = numpy.cumsum(grams.sizes) - grams.sizes
    return grams.numbers[spread(starts, numpy.minimum(grams.sizes, SKETCH))]


def spread(starts: Array, counts: Array) -> Array:
    """The numbers from each start on, as many as its count, one behind the other."""
    before = numpy.cumsum(counts) - counts
    return numpy.repeat(starts - before, counts) + numpy.arange(int(counts.sum()))


def can_be_alike(sets: Sets, first: Array, second: Array, threshold: float) -> Array:
    """Which pairs are not too different by size and bitmap; who is ruled out here is less alike than the threshold for certain."""
    mine, other = sets.sizes[first].astype(numpy.float64), sets.sizes[second].astype(numpy.float64)
    fits = numpy.minimum(mine, other) >= threshold * numpy.maximum(mine, other)
    most = (1 - threshold) / (1 + threshold) * (mine + other) + 1e-6
    different = numpy.zeros(len(first), dtype=numpy.uint16)
    for word in sets.parities:
        different += numpy.bitwise_count(word[first] ^ word[second])
    return fits & (different <= most)


def likeness(sets: Sets, first: Array, second: Array) -> Array:
    """The Jaccard likeness of pairs: exact where both texts have at most SKETCH n-grams, else that of the smallest of both."""
    found = numpy.zeros(len(first))
    sizes = sets.sketched(first) + sets.sketched(second)
    # So many pairs at once that their n-grams fill some megabytes and no more.
    for pairs in numpy.array_split(numpy.arange(len(first)), int(sizes.sum()) // 500_000 + 1):
        if len(pairs):
            found[pairs] = _likeness(sets, first[pairs], second[pairs])
    return found


def _likeness(sets: Sets, first: Array, second: Array) -> Array:
    pair = numpy.arange(len(first), dtype=numpy.uint64) << _HALF
    counts = (sets.sketched(first), sets.sketched(second))
    keys = numpy.concatenate(
        [
            numpy.repeat(pair, count) | sets.sketches[spread(sets.starts[texts], count)]
            for texts, count in zip((first, second), counts, strict=True)
        ]
    )
    keys.sort()
    shared = numpy.zeros(len(keys), dtype=bool)
    numpy.equal(keys[1:], keys[:-1], out=shared[1:])
    owners = (keys >> _HALF).astype(numpy.int64)
    both = counts[0] + counts[1]
    united = both - numpy.bincount(owners[shared], minlength=len(first))
    long = (sets.sizes[first] > SKETCH) | (sets.sizes[second] > SKETCH)
    if long.any():
        # The smallest n-grams of the union: nothing is known of what lies behind the last one that both sketches reach.
        before = numpy.cumsum(both) - both
        distinct = numpy.cumsum(~shared)
        rank = distinct - (distinct[before] - 1)[owners]
        limits = numpy.where(long, numpy.minimum(united, SKETCH), united)
        shared &= rank <= limits[owners]
        united = limits
    return numpy.bincount(owners[shared], minlength=len(first)) / united
