"""Seeds: questions of the program teacher's subjects, each fact asked in several ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec
import seodang

from seodang_demo.tasks import TASKS, key

PATIENCE = 60
"""So many draws for each fact that is wanted: a small subject runs out before."""


class Questions(seodang.Seeds):
    """Questions about numbers, particles, sums, units, days and opposites. A fifth of all facts is kept for the exam."""

    name = "program"
    revision = 1
    deterministic = False
    terms = ("Apache-2.0",)

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        facts: Annotated[dict[str, int], msgspec.Meta(description="So many facts of each subject: numbers, josa, sums …")] = (
            msgspec.field(default_factory=lambda: {"numbers": 100, "josa": 100, "sums": 20})
        )

    def read(self, context: seodang.Context) -> Iterator[seodang.Record]:
        subjects = {task.name: task for task in TASKS}
        unknown = sorted(set(self.options.facts) - set(subjects))
        if unknown:
            raise seodang.DataError("seodang_demo:no-such-subject", subject=unknown[0], subjects=", ".join(subjects))
        for name, wanted in self.options.facts.items():
            task, met = subjects[name], set()
            for _ in range(wanted * PATIENCE):
                if len(met) >= wanted:
                    break
                fact = task.draw(context.random)
                fact_key = key(name, fact)
                if task.held_out(fact) or fact_key in met:
                    continue
                met.add(fact_key)
                ways = task.ways(fact, held_out=False)
                for way in context.random.sample(ways, min(task.askings, len(ways))):
                    question = way.fill(fact, context.locale.particle)
                    yield seodang.single_turn(question, tags={"subject": name, "fact": fact_key})
