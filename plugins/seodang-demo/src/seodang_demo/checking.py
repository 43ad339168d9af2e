"""A verifier: it computes the truth itself. Where truth cannot be computed, `agreement` is the filter to use."""

from __future__ import annotations

from collections.abc import Sequence

import seodang

from seodang_demo.tasks import TASKS


class ProgramCheck(seodang.Filter):
    """Drops answers that are wrong by computation. A verifier of the program teacher's subjects: other questions are dropped too."""

    name = "program-check"
    revision = 1

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        return [self._verdict(record, context) for record in records]

    def _verdict(self, record: seodang.Record, context: seodang.Context) -> seodang.Keep | seodang.Drop:
        for task in TASKS:
            fact = task.read(record.question)
            if fact is None:
                continue
            truth = task.truth(fact, context.locale.particle)
            return seodang.Keep() if task.given(record.answer) == truth else seodang.Drop("wrong-answer", truth)
        return seodang.Drop("not-checkable")
