"""The vectors of the rows that were kept, in one array that grows, and the nearest of them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy

Vector = numpy.ndarray[Any, Any]


class Near(msgspec.Struct, frozen=True):
    """The row that is most like another, and how much."""

    name: str
    cosine: float


class Pool:
    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._vectors: Vector = numpy.empty((0, 0), numpy.float32)
        self._names: list[str] = []

    def nearest(self, vector: Vector) -> Near | None:
        """The nearest row, if it is above the threshold; the earlier one of two that are as near."""
        if not self._names:
            return None
        cosines = self._vectors[: len(self._names)] @ vector
        place = int(cosines.argmax())
        cosine = float(cosines[place])
        return Near(self._names[place], cosine) if cosine > self._threshold else None

    def add(self, vector: Vector, name: str) -> None:
        if len(self._names) == len(self._vectors):
            grown = numpy.empty((max(1024, 2 * len(self._vectors)), len(vector)), numpy.float32)
            grown[: len(self._names)] = self._vectors[: len(self._names)] if self._names else 0
            self._vectors = grown
        self._vectors[len(self._names)] = vector
        self._names.append(name)
