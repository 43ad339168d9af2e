"""The exam: facts that no seed asked for, drawn with a seed of its own; what is right and what only sounds right are counted apart."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec
import seodang

from seodang_demo.tasks import TASKS, Fact, Task, key

PROTOCOL = "program-exam: held-out facts, greedy answers"
DRAWS = 20_000


class Asked(NamedTuple):
    task: Task
    group: str
    fact: Fact
    question: str


class Exam(seodang.Evaluation):
    """For every subject the share of right answers, and the share of answers in the teacher's sentence, right or wrong (`… style`)."""

    name = "program-exam"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        subjects: Annotated[tuple[str, ...], msgspec.Meta(description="The subjects that are asked.")] = (
            "numbers",
            "josa",
            "sums",
        )
        items: Annotated[int, msgspec.Meta(ge=1, description="Questions of each subject, as far as there are so many.")] = 100
        seed: Annotated[int, msgspec.Meta(description="Another seed than that of the seeds.")] = 20260101

    def evaluate(self, student: seodang.Student, context: seodang.Context) -> Iterator[seodang.Score | seodang.Item]:
        particle = context.locale.particle
        asked = self.questions(context)
        answers = student.generate([seodang.single_turn(each.question) for each in asked], 40)
        count: Counter[str] = Counter()
        right: Counter[str] = Counter()
        sounding: Counter[str] = Counter()
        for index, (each, answer) in enumerate(zip(asked, answers, strict=True)):
            truth = each.task.truth(each.fact, particle)
            correct, in_form = each.task.given(answer) == truth, each.task.in_form(answer)
            count[each.group] += 1
            right[each.group] += correct
            sounding[each.group] += in_form
            values = {"question": each.question, "answer": answer, "truth": truth, "right": correct, "style": in_form}
            yield seodang.Item(task=each.group, index=index, values=values)
        for group in count:
            yield score(group, right[group], count[group])
            yield score(f"{group} style", sounding[group], count[group])

    def texts(self, context: seodang.Context) -> Iterator[str]:
        """The facts are held out by their hash, so there is no list of questions that could leak."""
        return iter(())

    def questions(self, context: seodang.Context) -> list[Asked]:
        chance = random.Random(self.options.seed)
        asked: list[Asked] = []
        for task in TASKS:
            if task.name not in self.options.subjects:
                continue
            met: set[str] = set()
            counts: Counter[str] = Counter()
            for _ in range(DRAWS):
                fact = task.draw(chance)
                group, name = task.group(fact), key(task.name, fact)
                held_out = task.held_out(fact) or task.ways(fact, held_out=False) != task.ways(fact, held_out=True)
                if not held_out or name in met or counts[group] >= self.options.items:
                    continue
                met.add(name)
                counts[group] += 1
                way = chance.choice(task.ways(fact, held_out=True))
                asked.append(Asked(task, group, fact, way.fill(fact, context.locale.particle)))
        return asked


def score(name: str, hits: int, count: int) -> seodang.Score:
    bounds = seodang.wilson(hits, count)
    return seodang.Score(name=name, value=hits / count, count=count, protocol=PROTOCOL, low=bounds.low, high=bounds.high)
