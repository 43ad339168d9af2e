"""Every answer graded from 1 to 10, turn by turn, as MT-bench, KoMT-Bench and LogicKor do."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
import seodang

from seodang_alpaca_eval.answering import answers_of
from seodang_alpaca_eval.asked import JudgeOptions, asked_by, is_in_language
from seodang_alpaca_eval.judging import Control, believed, judge
from seodang_alpaca_eval.prompts import Prompts, Shown, controls, prompts_of, texts_of
from seodang_alpaca_eval.questions import Question

POINTS = "points"


class Grade(NamedTuple):
    """What one answer is worth, as often as the judge was asked: what it `said`, and what is `given` after the rule on languages."""

    question: Question
    answers: tuple[str, ...]
    said: tuple[float, ...]
    given: tuple[float, ...]
    in_language: bool

    @property
    def value(self) -> float:
        return sum(self.given) / len(self.given)

    def again(self, chance: random.Random) -> float:
        return chance.choice(self.given)


class Graded(seodang.Evaluation):
    """Has the step's `judge` grade every answer of the student, and gives the mean: over all, by turn and by category.

    A grade that cannot be read is counted and is in no mean. The references of the questions are shown where there are any.
    """

    name = "mt-bench"
    revision = 1

    class Options(JudgeOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        penalty: Annotated[
            Literal["none", "lowest", "root"],
            msgspec.Meta(
                description="What an answer gets that is not in the recipe's language: its grade, the lowest (LogicKor), or the root (KoMT-Bench)."
            ),
        ] = "none"

    def texts(self, context: seodang.Context) -> Iterator[str]:
        # The held-out rows are none of a benchmark's: the core keeps them out of the training by itself.
        if self.options.questions:
            yield from texts_of(asked_by(self.options, context))

    async def evaluate(self, student: seodang.Student, context: seodang.Context) -> AsyncIterator[seodang.Score | seodang.Item]:
        questions = asked_by(self.options, context)
        prompts = prompts_of(self.options, context)
        said = await answers_of(student, questions, self.options.max_tokens)
        shown = [
            Shown(question, (said[question.id][:turn],)) for question in questions for turn in range(1, len(question.turns) + 1)
        ]
        grades = await self._grade(shown, prompts, context)
        taken_in = await self._controls(grades, prompts, context)
        protocol = f"grades 1 to 10; judge {context.ask.model or context.ask.teacher_id}; {prompts.name}"
        protocol += f"; not in {context.language}: {self.options.penalty}" if self.options.penalty != "none" else ""
        protocol = believed(protocol, taken_in, context)
        for number, (one, grade) in enumerate(zip(shown, grades, strict=True)):
            values = {"id": one.question.id, "turn": one.turns, "question": one.question.turns[one.turns - 1]}
            values |= {"answer": one.sides[0][-1], "grade": grade.value if grade else None}
            yield seodang.Item(task=one.question.category or self.name, index=number, values=values)
        for score in self._scores(grades, taken_in, context):
            yield msgspec.structs.replace(score, protocol=protocol)

    async def _grade(self, shown: Sequence[Shown], prompts: Prompts, context: seodang.Context) -> list[Grade | None]:
        given: dict[int, list[float]] = defaultdict(list)
        for sample in range(self.options.samples):
            heard = await judge(shown, prompts, context, sample=sample)
            for number, grade in enumerate(heard.or_stop(context)):
                if grade is not None:
                    given[number].append(grade)
        found: list[Grade | None] = []
        for number, one in enumerate(shown):
            in_language = is_in_language(one.sides[0], context)
            said = tuple(given[number])
            worth = said if in_language else tuple(map(self._punished, said))
            found.append(Grade(one.question, one.sides[0], said, worth, in_language) if said else None)
        return found

    def _punished(self, grade: float) -> float:
        return {"none": grade, "lowest": 1.0, "root": math.sqrt(grade)}[self.options.penalty]

    async def _controls(self, grades: Sequence[Grade | None], prompts: Prompts, context: seodang.Context) -> list[Control]:
        """The mean grade of each answer that answers nothing, and whether it stays below the student's on the same questions."""
        asked = [grade for grade in grades if grade and len(grade.answers) == 1][: self.options.controls]
        if not asked:
            return []
        # Before the rule on languages, and in the language of the answers: it is the judge that is tried.
        own = sum(sum(grade.said) / len(grade.said) for grade in asked) / len(asked)
        found = []
        for name, text in controls(context.language).items():
            heard = await judge([Shown(grade.question, ((text,),)) for grade in asked], prompts, context)
            values = [grade for grade in heard.verdicts if grade is not None]
            mean = sum(values) / len(values) if values else 1.0
            found.append(Control(name, mean, len(values), mean < own or mean == own == 1))
        return found

    def _scores(
        self, grades: Sequence[Grade | None], taken_in: Sequence[Control], context: seodang.Context
    ) -> Iterator[seodang.Score]:
        known = [grade for grade in grades if grade]
        yield seodang.Score(name="no-verdict", value=float(len(grades) - len(known)), count=len(grades), facts={"unit": "items"})
        if not known:
            return
        yield _mean("grade", known)
        turns = sorted({len(grade.answers) for grade in known})
        if len(turns) > 1:
            for turn in turns:
                yield _mean(f"grade turn {turn}", [grade for grade in known if len(grade.answers) == turn])
        categories = dict.fromkeys(grade.question.category for grade in known)
        if len(categories) > 1:
            for category in categories:
                yield _mean(f"grade {category or '-'}", [grade for grade in known if grade.question.category == category])
        spoken = sum(grade.in_language for grade in known)
        bounds = seodang.wilson(spoken, len(known))
        yield seodang.Score(
            name=f"answers in {context.language}", value=spoken / len(known), count=len(known), low=bounds.low, high=bounds.high
        )
        for control in taken_in:
            yield seodang.Score(name=f"control {control.name}", value=control.value, count=control.count, facts={"unit": POINTS})


def _mean(name: str, grades: Sequence[Grade]) -> seodang.Score:
    value, bounds = sum(grade.value for grade in grades) / len(grades), seodang.resampled(grades, Grade.again)
    low, high = min(value, bounds.low), max(value, bounds.high)
    return seodang.Score(name=name, value=value, count=len(grades), low=low, high=high, facts={"unit": POINTS})
