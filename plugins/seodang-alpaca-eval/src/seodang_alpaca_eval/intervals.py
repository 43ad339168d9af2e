"""Intervals of 95 %: over the items, and over what the judge said of each, since another time it would say other things."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

DRAWS = 1_000
Z = 1.96
Each = TypeVar("Each")


def resampled(
    items: Sequence[Each], once: Callable[[Each, random.Random], float], seed: int = 20260101, draws: int = DRAWS
) -> tuple[float, float]:
    """The middle 95 % of the mean over items drawn with replacement. `once` gives an item's value; where the judge was asked
    several times it draws from what the judge said, too."""
    chance = random.Random(seed)
    means = sorted(
        math.fsum(once(each, chance) for each in chance.choices(items, k=len(items))) / len(items) for _ in range(draws)
    )
    return means[int(0.025 * draws)], means[math.ceil(0.975 * draws) - 1]


def wilson(hits: float, count: int) -> tuple[float, float]:
    """Of a share; honest for few items and for shares near 0 and 1."""
    share = hits / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    reach = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / (1 + Z * Z / count)
    # At the ends the bound is the share itself, which rounding would miss by a hair.
    return (0.0 if not share else middle - reach), (1.0 if share == 1 else middle + reach)
