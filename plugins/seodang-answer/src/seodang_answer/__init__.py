"""The first lesson: ask the teacher, keep the answer; or the best of several, or ten at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
import seodang

from seodang_answer.asking import Questions
from seodang_answer.batches import Batches
from seodang_answer.samples import Samples

FIT = "answer-fit"
"""The filter that tells whether an answer of a batch is its own question's, unless the recipe names another."""


class OneAnswer(seodang.Lesson):
    """Puts every unanswered record to the teacher as it stands; the answer becomes its last turn.

    `samples` asks for several answers and keeps all as candidates; a `judge` grades them, and the best becomes the answer. `batch`
    puts several questions into one request, as KoAlpaca v1.0 was made; every answer is read strictly and has to fit its own
    question. What does not is asked again alone, once.
    """

    name = "answer"
    revision = 2

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        replace: Annotated[bool, msgspec.Meta(description="Ask answered records again and replace their last answer.")] = False
        locale_system: Annotated[
            bool, msgspec.Meta(description="Tell the teacher the locale's own words (`answer-system`), where `system` has none.")
        ] = False
        samples: Annotated[
            int, msgspec.Meta(ge=1, le=64, description="So many answers to every question; all are kept as candidates.")
        ] = 1
        judge_prompt: Annotated[
            str,
            msgspec.Meta(
                description="A file with your own words to the judge, with {question} and {answer}, instead of the locale's `grade`.",
                extra=seodang.FILES,
            ),
        ] = ""
        batch: Annotated[int, msgspec.Meta(ge=1, le=100, description="So many questions in one request.")] = 1
        fit: Annotated[
            str,
            msgspec.Meta(
                description=f"The filter that finds answers of a batch that belong to another question; `{FIT}` in every batch.",
                extra=seodang.names("filter"),
            ),
        ] = ""

        def __post_init__(self) -> None:
            if self.batch > 1 and self.samples > 1:
                raise ValueError("samples and batch exclude each other: a batch has one answer to every question")
            if self.batch == 1 and self.fit:
                raise ValueError("fit is asked in a batch; set batch = 10, say")
            if self.samples == 1 and self.judge_prompt:
                raise ValueError("judge_prompt is asked about several samples; set samples = 4, say")
            if self.batch > 1 and not self.fit:
                # Named, so that it is in the fingerprint, and a recipe without the plugin is told so before anything is paid.
                msgspec.structs.force_setattr(self, "fit", FIT)

    async def teach(self, records: AsyncIterator[seodang.Record], context: seodang.Context) -> AsyncIterator[seodang.Record]:
        questions = Questions(self, context)
        if self.options.batch > 1:
            taught = Batches(self, questions, context).teach(records)
        elif self.options.samples > 1:
            taught = Samples(self, questions, context).teach(records)
        else:
            taught = self._one_by_one(records, questions, context)
        async for record in taught:
            yield record

    async def _one_by_one(
        self, records: AsyncIterator[seodang.Record], questions: Questions, context: seodang.Context
    ) -> AsyncIterator[seodang.Record]:
        async for record, answer in context.ask.each(records, questions.of):
            if answer is None:
                yield record
                continue
            answered = questions.answered(record, answer.message)
            if answer.logprob is not None:  # the teacher was told to ask for it
                answered = msgspec.structs.replace(answered, tags={**answered.tags, "logprob": round(answer.logprob, 6)})
            yield answered


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(OneAnswer)
