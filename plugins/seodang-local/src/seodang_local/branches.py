"""Pairs that begin alike as one row for the model: what they share stands there once, and the rest of each is a branch of it.

A branch sees what is shared and itself, never another branch, and its positions go on from what is shared: the model computes for each
what it would compute for it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from seodang_local.borders import Bordered


class Row:
    """Tokens, their positions and branches (0 is what is shared), and what is to be foretold: (place, token, pair)."""

    __slots__ = ("branches", "ids", "is_straight", "positions", "wanted")

    def __init__(self, pairs: Sequence[tuple[int, Bordered]]) -> None:
        shared = _shared([pair.ids[:-1] for _, pair in pairs])
        self.ids = pairs[0][1].ids[:shared]
        self.positions = list(range(shared))
        self.branches = [0] * shared
        self.wanted: list[tuple[int, int, int]] = []
        for number, (place, pair) in enumerate(pairs, 1):
            begins = len(self.ids)
            own = pair.ids[shared:-1]
            self.ids += own
            self.positions += range(shared, shared + len(own))
            self.branches += [number] * len(own)
            for after in range(pair.start, len(pair.ids)):
                # Each token is foretold at the place of the one before it.
                before = after - 1
                self.wanted.append((before if before < shared else begins + before - shared, pair.ids[after], place))
        # Nothing branches off where only one goes on: then every token sees all those before it.
        self.is_straight = len({*self.branches} - {0}) <= 1

    def __len__(self) -> int:
        return len(self.ids)


def rows_of(pairs: Sequence[Bordered], *, together: bool) -> Iterator[Row]:
    """One for each run of pairs that begin alike, or for each pair. A pair without a scored token is in none."""
    placed = [(place, pair) for place, pair in enumerate(pairs) if pair.start < len(pair.ids)]
    if not together:
        yield from (Row([pair]) for pair in placed)
        return
    # Pairs that were cut differently begin differently: what is left of each stands at other positions.
    for _, group in groupby(placed, key=lambda pair: (pair[1].cut, pair[1].ids[: pair[1].start])):
        yield Row(list(group))


def _shared(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all of them begin with."""
    first, last = min(rows), max(rows)
    return next((place for place, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), min(map(len, rows)))
