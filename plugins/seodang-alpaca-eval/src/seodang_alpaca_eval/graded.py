"""Every answer graded from 1 to 10, turn by turn, as MT-bench, KoMT-Bench and LogicKor do."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

import msgspec
import seodang

from seodang_alpaca_eval.answering import answers_of
from seodang_alpaca_eval.asked import JudgeOptions, asked_by, is_in_language
from seodang_alpaca_eval.intervals import resampled
from seodang_alpaca_eval.judging import judge
from seodang_alpaca_eval.pairwise import INVALID
from seodang_alpaca_eval.prompts import Prompts, Shown, controls, prompts_of, texts_of
from seodang_alpaca_eval.questions import Question


class Grade(NamedTuple):
    """What the judge gave one answer, as often as it was asked, after the rule on languages."""

    question: Question
    answers: tuple[str, ...]
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
        if worst := [name for name, (_, valid) in taken_in.items() if not valid]:
            context.warn("seodang_alpaca_eval:invalid-judge", judge=context.ask.model or context.ask.teacher_id, controls=worst)
            protocol = f"{INVALID}: taken in by {', '.join(worst)}; {protocol}"
        for number, (one, grade) in enumerate(zip(shown, grades, strict=True)):
            values = {"id": one.question.id, "turn": one.turns, "question": one.question.turns[one.turns - 1]}
            values |= {"answer": one.sides[0][-1], "grade": grade.value if grade else None}
            yield seodang.Item(task=one.question.category or self.name, index=number, values=values)
        for score in self._scores(grades, taken_in, context):
            yield msgspec.structs.replace(score, protocol=protocol)

    async def _grade(self, shown: Sequence[Shown], prompts: Prompts, context: seodang.Context) -> list[Grade | None]:
        given: dict[int, list[float]] = defaultdict(list)
        for sample in range(self.options.samples):
            for number, grade in enumerate(await judge(shown, prompts, context, sample=sample)):
                if grade is not None:
                    given[number].append(grade)
        found: list[Grade | None] = []
        for number, one in enumerate(shown):
            in_language = is_in_language(one.sides[0], context)
            values = tuple(given[number] if in_language else map(self._punished, given[number]))
            found.append(Grade(one.question, one.sides[0], values, in_language) if values else None)
        return found

    def _punished(self, grade: float) -> float:
        return {"none": grade, "lowest": 1.0, "root": math.sqrt(grade)}[self.options.penalty]

    async def _controls(
        self, grades: Sequence[Grade | None], prompts: Prompts, context: seodang.Context
    ) -> Mapping[str, tuple[float, bool]]:
        """The mean grade of each answer that answers nothing, and whether it stays below the student's on the same questions."""
        asked = [grade for grade in grades if grade and len(grade.answers) == 1][: self.options.controls]
        if not asked:
            return {}
        own = sum(grade.value for grade in asked) / len(asked)
        found = {}
        for name, text in controls(self.options.judge_language or context.language).items():
            shown = [Shown(grade.question, ((text,),)) for grade in asked]
            values = [grade for grade in await judge(shown, prompts, context) if grade is not None]
            mean = sum(values) / len(values) if values else 1.0
            found[name] = mean, mean < own or mean == own == 1
        return found

    def _scores(
        self, grades: Sequence[Grade | None], taken_in: Mapping[str, tuple[float, bool]], context: seodang.Context
    ) -> Iterator[seodang.Score]:
        known = [grade for grade in grades if grade]
        yield seodang.Score(name="no-verdict", value=float(len(grades) - len(known)), count=len(grades))
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
        share = sum(grade.in_language for grade in known) / len(known)
        yield seodang.Score(name=f"answers in {context.language}", value=share, count=len(known))
        for name, (value, _) in taken_in.items():
            yield seodang.Score(name=f"control {name}", value=value, count=min(self.options.controls, len(known)))


def _mean(name: str, grades: Sequence[Grade]) -> seodang.Score:
    low, high = resampled(grades, Grade.again)
    value = sum(grade.value for grade in grades) / len(grades)
    return seodang.Score(name=name, value=value, count=len(grades), low=low, high=high)
