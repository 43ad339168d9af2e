"""What people said of the same pairs, and how often the judge says the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import seodang

from seodang_alpaca_eval.questions import key_of
from seodang_alpaca_eval.verdicts import side

if TYPE_CHECKING:
    from seodang_alpaca_eval.pairwise import Judged

MEANS = {"student": 1.0, "model": 1.0, "baseline": 0.0, "tie": 0.5}


class Labels:
    """Verdicts by question. Several people's on one are taken together: the mean decides."""

    def __init__(self) -> None:
        self._said: dict[str, list[float]] = defaultdict(list)

    def add(self, row: Mapping[str, Any], where: str) -> None:
        better, preference = row.get("better"), row.get("preference")
        if better in MEANS:
            value = MEANS[str(better)]
        elif isinstance(preference, int | float) and 1 <= preference <= 2:
            value = float(preference) - 1
        else:
            raise seodang.DataError("seodang_alpaca_eval:no-label", where=where, known=sorted(MEANS))
        for column in ("id", "question_id"):
            if row.get(column) not in (None, ""):
                self._said[str(row[column])].append(value)
                return
        self._said[key_of(str(row.get("instruction", "")))].append(value)

    def agreement(self, judged: Sequence[Judged]) -> Iterator[seodang.Score]:
        same = [
            side(sum(said) / len(said)) == side(one.value)
            for one in judged
            if (said := self._said.get(one.met.question.id) or self._said.get(one.met.question.key))
        ]
        if not same:
            raise seodang.DataError("seodang_alpaca_eval:no-common-items")
        bounds = seodang.wilson(sum(same), len(same))
        yield seodang.Score(
            name="agrees with people", value=sum(same) / len(same), count=len(same), low=bounds.low, high=bounds.high
        )


def labels_of(paths: Sequence[Path], context: seodang.Context) -> Labels:
    labels = Labels()
    for path in paths:
        for row in context.rows(path):
            labels.add(row.values, str(row.where))
    return labels
