"""What a search for an evaluation's items has found: in each row the worst, of each item the most, in all the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import seodang

from seodang_filters.collisions import shortened
from seodang_filters.exam import Exam, ExamText
from seodang_filters.overlap import Hit

LEVELS = (0.3, 0.5, 0.8, 1.0)
"""The shares at which the report counts, whatever the threshold: so the figures of two runs compare."""
ITEMS_TOLD = 200


class Findings:
    """What was found of each item in all rows."""

    def __init__(self, exam: Exam, threshold: float) -> None:
        self._exam = exam
        self._threshold = threshold
        self._best = numpy.zeros(len(exam.texts))
        self._rows = numpy.zeros(len(exam.texts), dtype=numpy.int64)
        self._dropped: dict[str, int] = {}

    def take(self, hits: Sequence[Hit]) -> dict[int, Hit]:
        """Notes them, and gives for each row that is to be dropped the item of which it holds most."""
        worst: dict[int, Hit] = {}
        for hit in hits:
            self._best[hit.item] = max(self._best[hit.item], hit.share)
            if hit.share < self._threshold:
                continue
            self._rows[hit.item] += 1
            if hit.row not in worst or hit.share > worst[hit.row].share:
                worst[hit.row] = hit
        return worst

    def drop(self, hit: Hit) -> seodang.Drop:
        found = self._exam.texts[hit.item]
        self._dropped[found.task] = self._dropped.get(found.task, 0) + 1
        return seodang.Drop("contaminated", f"{hit.share:.2f}", other=f"{found.name}: {shortened(found.text)}")

    def figures(self) -> Mapping[str, Any]:
        """By task: the items, those that are too short, the rows dropped, the items that reach each share; then the worst items."""
        places: dict[str, list[int]] = {}
        for place, each in enumerate(self._exam.texts):
            places.setdefault(each.task, []).append(place)
        levels = sorted({*LEVELS, self._threshold})
        return {
            "compared": {task: len(found) for task, found in places.items()},
            "too-short": dict(sorted(self._exam.left_out.items())),
            "contaminated": {task: self._dropped.get(task, 0) for task in places},
            "reached": {task: self._reached(self._best[found], levels) for task, found in places.items()},
            "items": self._worst(self._exam.texts),
        }

    def _reached(self, best: Any, levels: Sequence[float]) -> dict[str, int]:
        return {"any": int((best > 0).sum()), **{f"{level:g}": int((best >= level).sum()) for level in levels}}

    def _worst(self, texts: Sequence[ExamText]) -> dict[str, dict[str, Any]]:
        order = numpy.lexsort((numpy.arange(len(texts)), -self._best, -self._rows))[:ITEMS_TOLD]
        return {
            texts[place].name: {"rows": int(self._rows[place]), "share": round(float(self._best[place]), 3)}
            for place in order.tolist()
            if self._best[place] > 0
        }
