"""An evaluation that only writes down what a student answers, so that runs can be shown to people side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
import seodang
from seodang_alpaca_eval.answering import answers_of
from seodang_alpaca_eval.questions import read_questions


class BlindAnswers(seodang.Evaluation):
    """The answers to the first turn of every question, as items."""

    name = "bench-answers"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        questions: Annotated[str, msgspec.Meta(description="The questions.", extra=seodang.FILES)]
        max_tokens: Annotated[int, msgspec.Meta(ge=1, description="The longest answer, in tokens.")] = 512

    async def evaluate(self, student: seodang.Student, context: seodang.Context) -> AsyncIterator[seodang.Score | seodang.Item]:
        questions = read_questions(context.files("questions"), context)
        first = [msgspec.structs.replace(question, turns=question.turns[:1]) for question in questions]
        said = await answers_of(student, first, self.options.max_tokens)
        for number, question in enumerate(first):
            values = {"id": question.id, "question": question.turns[0], "answer": said[question.id][0]}
            yield seodang.Item(task=self.name, index=number, values=values)
        yield seodang.Score(name="answered", value=float(sum(bool(said[one.id][0]) for one in first)), count=len(first))


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(BlindAnswers)
