"""Several answers to one question, and a judge that says which is the best."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

from seodang_answer.asking import Questions, Unusable, asked, unanswered

if TYPE_CHECKING:
    from seodang_answer import OneAnswer

NO_VERDICT = "no-verdict"
LOWEST, HIGHEST = 1, 10


class Graded(msgspec.Struct, frozen=True):
    """One answer, and its grade where a judge gave one."""

    answer: seodang.Answer
    grade: float | None = None


class Samples:
    """Asks every question so often, and keeps all answers that can be used as candidates.

    Without a judge nobody knows which is better: the first is the answer, and no candidate has a rank. Equal grades are equal ranks;
    of these the first is the answer.
    """

    def __init__(self, lesson: OneAnswer, questions: Questions, context: seodang.Context) -> None:
        self._count = lesson.options.samples
        self._questions = questions
        self._context = context
        self._judging = Judging(lesson, context) if has_judge(context) else None
        if lesson.options.judge_prompt and self._judging is None:
            context.judge  # noqa: B018  # says what is missing

    async def teach(self, records: AsyncIterator[seodang.Record]) -> AsyncIterator[seodang.Record]:
        async for record, found in self._context.ask.each(records, self._ask):
            if found is None:
                yield record
            elif isinstance(found, Unusable):
                self._context.quarantine(record.id, found.code, found.detail)
            else:
                yield found

    def _ask(self, record: seodang.Record) -> Any:
        request = self._questions.of(record)
        return self._best(record, request) if request is not None else None

    async def _best(self, record: seodang.Record, request: seodang.Request) -> seodang.Record | Unusable:
        requests = [msgspec.structs.replace(request, sample=sample) for sample in range(self._count)]
        given = await asyncio.gather(*(asked(self._context.ask, each, record.id) for each in requests))
        usable = [each for each in given if isinstance(each, seodang.Answer)]
        flawed = [each for each in given if isinstance(each, Unusable)]
        if not usable:
            return flawed[0]
        graded = [Graded(answer) for answer in usable]
        if self._judging is not None:
            graded = await self._judging.grades(unanswered(record), usable)
            if all(each.grade is None for each in graded):
                return Unusable(NO_VERDICT, f"of {len(graded)} answers none has a grade")
        return self._kept(record, graded, flawed)

    def _kept(self, record: seodang.Record, graded: Sequence[Graded], flawed: Sequence[Unusable]) -> seodang.Record:
        # The sort is stable: of equal grades the earlier sample goes first.
        order = sorted(graded, key=lambda each: (each.grade is None, -(each.grade or 0.0)))
        candidates = tuple(
            seodang.Candidate(each.answer.message, author=each.answer.model, rank=_rank(each, order), score=each.grade)
            for each in order
        )
        tags = {**record.tags, "samples": self._count}
        if flawed:
            tags["samples-left-out"] = sorted(each.code for each in flawed)
        return self._questions.answered(record, order[0].answer.message, candidates=candidates, tags=tags)


def _rank(graded: Graded, order: Sequence[Graded]) -> int:
    """1 for the best; 0 where nobody has compared."""
    if graded.grade is None:
        return 0
    return 1 + sum(1 for other in order if other.grade is not None and other.grade > graded.grade)


def has_judge(context: seodang.Context) -> bool:
    """Whether the step names a judge, beside its teacher."""
    try:
        context.judge  # noqa: B018
    except seodang.SeodangError:
        return False
    return True


class Judging:
    """The question to the judge, and the grade in what it says. Equal answers are graded once."""

    def __init__(self, lesson: OneAnswer, context: seodang.Context) -> None:
        self._context = context
        locale = context.locale
        words = locale.markers.get("grade", ())
        own = locale.prompts.get("grade", "")
        if not words or not (own or lesson.options.judge_prompt):
            raise seodang.SeodangError("seodang_answer:no-rubric", step=context.step, language=context.language)
        self._prompt = lesson.prompt(own, context, needs=("question", "answer"), option="judge_prompt")
        marks = "|".join(re.escape(word) for word in words)
        # The last counts, for a judge thinks first. A range (1~10) and a negative number are no grades.
        self._grade = re.compile(
            rf"(?:{marks})[^\d\n.~–−-]{{0,8}}(\d{{1,4}}(?:\.\d+)?)(?![\d.]*\d)(?!\s*[~–−-]\s*\d)", re.IGNORECASE
        )

    async def grades(self, record: seodang.Record, answers: Sequence[seodang.Answer]) -> list[Graded]:
        return list(await asyncio.gather(*(self._graded(record, answer) for answer in answers)))

    async def _graded(self, record: seodang.Record, answer: seodang.Answer) -> Graded:
        guard = seodang.Guard(record, self._context)
        text = self._prompt.fill(question=guard.enclose(_conversation(record)), answer=guard.enclose(answer.message.text))
        request = seodang.Request(messages=(seodang.Message("system", guard.system()), seodang.Message("user", text)))
        said = await asked(self._context.judge, request, record.id)
        if isinstance(said, Unusable) or guard.leaked(said.message.text):
            return Graded(answer)
        found = self._grade.findall(said.message.text)
        grade = float(found[-1]) if found else None
        return Graded(answer, grade if grade is not None and LOWEST <= grade <= HIGHEST else None)


def _conversation(record: seodang.Record) -> str:
    """What was asked; of a dialogue all that was said before, each turn behind its role."""
    turns = [message for message in record.messages if message.role in ("user", "assistant")]
    last = f"\n\n{record.input}" if record.input else ""
    if len(turns) == 1:
        return turns[0].text + last
    return "\n\n".join(f"{turn.role}: {turn.text}" for turn in turns) + last
