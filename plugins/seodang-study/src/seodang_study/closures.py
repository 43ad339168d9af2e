"""Closure: how much of the way from the base to the ceiling a student has come, with what else the draws of the items might have given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy

DRAWS = 1_000
SEED = 20230524
ROOM = 0.05
"""Where base and ceiling lie nearer than this, there is no way to have come: the quotient would be noise."""
LEAST_ROOM = 0.01
KNOWN_DRAWS = 0.95
"""Fewer draws with room between base and ceiling give no interval."""


class Figure(NamedTuple):
    """A value with the values that other draws of the same items would have given."""

    value: float
    draws: numpy.ndarray

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """The middle 95 %, which holds the value itself. Unknown where the items are too few to tell."""
        import numpy as np

        known = self.draws[np.isfinite(self.draws)]
        if len(known) < KNOWN_DRAWS * len(self.draws):
            return None, None
        low, high = (float(bound) for bound in np.percentile(known, (2.5, 97.5)))
        return min(low, self.value), max(high, self.value)

    @property
    def is_positive(self) -> bool:
        """Whether all of its interval lies above nought."""
        low, _ = self.interval
        return low is not None and low > 0

    def minus(self, other: Figure) -> Figure:
        return Figure(self.value - other.value, self.draws - other.draws)


def drawn(items: int, seed: int = SEED) -> numpy.ndarray:
    """How often each item stands in each draw. The first row is all items once: the figure itself."""
    import numpy as np

    chance = np.random.default_rng(seed)
    draws = chance.multinomial(items, [1 / items] * items, size=DRAWS)
    return np.vstack([np.ones((1, items)), draws]).astype(float)


def figure(values: numpy.ndarray) -> Figure:
    """From what every row of the draws came to."""
    return Figure(float(values[0]), values[1:])


def closure(student: numpy.ndarray, base: numpy.ndarray, ceiling: numpy.ndarray) -> Figure | None:
    """None without room between base and ceiling. A draw without any says nothing and is left out."""
    import numpy as np

    room = ceiling - base
    if room[0] < ROOM:
        return None
    return figure(np.where(room > LEAST_ROOM, (student - base) / np.where(room > LEAST_ROOM, room, 1.0), np.nan))
