"""How far a measured figure can be trusted: intervals of 95 %, and the test of two students over the same items."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

RESAMPLES = 1_000
Z = 1.96
_SEED = 20260101
_Item = TypeVar("_Item")


class Interval(msgspec.Struct, frozen=True):
    """What a figure lies between, in 95 of 100 measurements."""

    low: float
    high: float


def wilson(hits: float, count: int) -> Interval:
    """Of a share, by Wilson: honest for few items and for shares near 0 and 1. A tie may count as half a hit."""
    share = hits / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    reach = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / (1 + Z * Z / count)
    # At the ends the bound is the share itself, which rounding would miss by a hair.
    return Interval(0.0 if not share else max(0.0, middle - reach), 1.0 if share == 1 else min(1.0, middle + reach))


def resampled(
    items: Sequence[_Item], once: Callable[[_Item, random.Random], float], *, seed: int = _SEED, resamples: int = RESAMPLES
) -> Interval:
    """Of a mean, by drawing the items anew. `once` gives an item's value; what would be another value another time, such as a judge's
    verdict, is drawn there, so that the interval has both in it."""
    chance = random.Random(seed)
    means = sorted(
        math.fsum(once(item, chance) for item in chance.choices(items, k=len(items))) / len(items) for _ in range(resamples)
    )
    return Interval(means[int(0.025 * resamples)], means[math.ceil(0.975 * resamples) - 1])


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact and of both sides: of the items that one of two students alone gets right, how likely is so uneven a division between equals."""
    count = only_first + only_second
    tail = sum(math.comb(count, few) for few in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / (1 << count))
