"""Which of many texts are the same as another, or nearly: what is known of all of them, in some hundred bytes each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
import numpy

from seodang_filters import nearly
from seodang_filters.grams import Reading
from seodang_filters.minhash import Signer, bands_for
from seodang_filters.nearly import STAYS

Array = numpy.ndarray[Any, Any]


class Resembling(msgspec.Struct, frozen=True):
    """For each text the number of the one that stays for it, -1 where it stays itself, and how alike they are (1 where equal).

    `equal` says whether it is the same text and not nearly the same; `partly` of those that stay were not compared with all
    that could be like them.
    """

    kept: Array
    likeness: Array
    equal: Array
    partly: int


class Resemblance:
    """Texts, to be added in batches and then compared all with all."""

    def __init__(self, threshold: float, characters: int, ignore: Collection[str]) -> None:
        self._threshold = threshold
        self._reading = Reading(characters, ignore)
        self._signer = Signer(bands_for(threshold))
        self._digests: list[Array] = []
        self._empty: list[Array] = []

    def add(self, texts: Sequence[str]) -> None:
        """The texts in their normal form. One of which nothing is left is like no other."""
        grams = self._reading.grams(texts)
        self._digests.append(grams.digests)
        self._empty.append(grams.sizes == 0)
        if self._threshold < 1:
            self._signer.add(grams)

    def find(self, preference: Sequence[float], on_block: Callable[[], None] = lambda: None) -> Resembling:
        """`preference` says how much each text is wanted, NaN last; of equally wanted ones the first."""
        wanted = -numpy.nan_to_num(numpy.asarray(preference, dtype=numpy.float64), nan=-numpy.inf)
        rank = numpy.empty(len(wanted), dtype=numpy.int64)
        rank[numpy.argsort(wanted, kind="stable")] = numpy.arange(len(wanted))
        same = self._first_of_equals(rank)
        if self._threshold == 1:
            kept = numpy.where(same == numpy.arange(len(same)), STAYS, same)
            return Resembling(kept, numpy.ones(len(kept)), kept != STAYS, 0)
        filled = ~numpy.concatenate([*self._empty, numpy.zeros(0, dtype=bool)])
        firsts = numpy.flatnonzero(filled & (same == numpy.arange(len(same))))
        order = firsts[numpy.argsort(rank[firsts])]
        found = nearly.find(self._signer.sets(), order, self._threshold, on_block)
        near = found.kept[same]
        kept = numpy.where(near != STAYS, near, numpy.where(same == numpy.arange(len(same)), STAYS, same))
        return Resembling(
            kept, numpy.where(near != STAYS, found.likeness[same], 1.0), (kept != STAYS) & (near == STAYS), found.partly
        )

    def _first_of_equals(self, rank: Array) -> Array:
        """For each text the most wanted of those that are equal to it, itself where it is that."""
        digests = numpy.concatenate([*self._digests, numpy.zeros(0, dtype=numpy.uint64)])
        empty = numpy.concatenate([*self._empty, numpy.zeros(0, dtype=bool)])
        order = numpy.lexsort((rank, digests))
        ordered = digests[order]
        begins = numpy.ones(len(ordered), dtype=bool)
        numpy.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
        same = numpy.empty(len(ordered), dtype=numpy.int64)
        same[order] = order[numpy.maximum.accumulate(numpy.where(begins, numpy.arange(len(ordered)), 0))] if len(order) else order
        return numpy.where(empty, numpy.arange(len(same)), same)
