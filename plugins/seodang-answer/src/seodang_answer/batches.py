"""Several questions in one request: every answer is read strictly, has to fit its own question, or is asked again alone.

Published data were spoilt by this way of asking: in KoAlpaca v1.0 one question of ten took over the answers to the nine others.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

from seodang_answer.asking import WHOLE, Questions, Unusable, asked, shown, unanswered
from seodang_answer.numbered import Numbered

if TYPE_CHECKING:
    from seodang_answer import OneAnswer


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record: `record` has its answer, or `unusable` says why there is none. One that passes has neither."""

    asked: seodang.Record
    record: seodang.Record | None = None
    unusable: Unusable | None = None


class Batches:
    """Groups the questions in the order of the records. Dialogues, and records with tools, are asked alone."""

    def __init__(self, lesson: OneAnswer, questions: Questions, context: seodang.Context) -> None:
        from seodang_answer.samples import has_judge

        if has_judge(context):
            raise seodang.StepError("seodang_answer:judge-in-batch", step=context.step)
        self._size = lesson.options.batch
        self._questions = questions
        self._context = context
        self._numbered = Numbered(lesson, context)
        self._fit = context.get("filter", lesson.options.fit)
        self._groups: dict[str, list[seodang.Record]] = {}

    async def teach(self, records: AsyncIterator[seodang.Record]) -> AsyncIterator[seodang.Record]:
        async for _, places in self._context.ask.each(self._first_ones(records), self._answers):
            for place in places:
                if place.unusable is not None:
                    self._context.quarantine(place.asked.id, place.unusable.code, place.unusable.detail)
                else:
                    yield place.record or place.asked

    async def _first_ones(self, records: AsyncIterator[seodang.Record]) -> AsyncIterator[seodang.Record]:
        """The first record of every group; the group is kept under its id until it is asked about."""
        group: list[seodang.Record] = []
        count = 0
        async for record in records:
            group.append(record)
            count += self._goes_in(record)
            if count == self._size or len(group) == 2 * self._size:
                self._groups[group[0].id] = group
                yield group[0]
                group, count = [], 0
        if group:
            self._groups[group[0].id] = group
            yield group[0]

    def _goes_in(self, record: seodang.Record) -> bool:
        """One question, perhaps with an input. A dialogue would have to be told from the other tasks' turns."""
        if self._questions.of(record) is None:
            return False
        return [turn.role for turn in unanswered(record).messages] == ["user"] and not record.tools

    async def _answers(self, first: seodang.Record) -> list[Place]:
        group = self._groups.pop(first.id)
        together = [record for record in group if self._goes_in(record)]
        others = [record for record in group if not self._goes_in(record)]
        batched, *alone = await asyncio.gather(self._together(together), *(self._alone(record) for record in others))
        found = {place.asked.id: place for place in (*batched, *alone)}
        return [found[record.id] for record in group]

    async def _together(self, records: Sequence[seodang.Record]) -> list[Place]:
        if len(records) < 2:
            return [await self._alone(record) for record in records]
        request = self._questions.text(self._numbered.text([unanswered(record) for record in records]))
        batch = hashlib.sha256(request.messages[-1].text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        marked = [_tagged(record, batch=batch, position=position) for position, record in enumerate(records)]
        said = await asked(self._context.ask, request, records[0].id, accept=(*WHOLE, "length"))
        if isinstance(said, Unusable):
            read: Sequence[str | Unusable] = [said] * len(records)
        else:
            read = self._numbered.read(said.message.text, len(records), cut=said.finish == "length")
        return await self._checked(records, marked, read)

    async def _checked(
        self, records: Sequence[seodang.Record], marked: Sequence[seodang.Record], read: Sequence[str | Unusable]
    ) -> list[Place]:
        """What could not be read, or does not fit, is asked again alone, once. What then does not fit is set aside."""
        places = [
            Place(asked=record, unusable=text)
            if isinstance(text, Unusable)
            else Place(asked=record, record=self._with(mark, text))
            for record, mark, text in zip(records, marked, read, strict=True)
        ]
        misfits = await self._misfits(places)
        again = {n: place.unusable or misfits[n] for n, place in enumerate(places) if place.unusable or n in misfits}
        answers = await asyncio.gather(*(self._alone(marked[n]) for n in again))
        for (n, reason), answer in zip(again.items(), answers, strict=True):
            record = _tagged(answer.record, alone=reason.code) if answer.record else None
            places[n] = Place(asked=records[n], record=record, unusable=answer.unusable)
        if again:
            for n, misfit in (await self._misfits(places)).items():
                places[n] = Place(asked=records[n], unusable=misfit)
        return places

    async def _misfits(self, places: Sequence[Place]) -> dict[int, Unusable]:
        """The answers that the filter says belong to another question, by their places."""
        having = [(n, place.record) for n, place in enumerate(places) if place.record is not None]
        verdicts = self._fit.sift([record for _, record in having], self._context)
        if asyncio.iscoroutine(verdicts):
            verdicts = await verdicts
        return {
            n: Unusable(verdict.code, shown(f"{record.answer} ({verdict.detail})"))
            for (n, record), verdict in zip(having, verdicts, strict=True)
            if isinstance(verdict, seodang.Drop)
        }

    async def _alone(self, record: seodang.Record) -> Place:
        request = self._questions.of(record)
        if request is None:
            return Place(asked=record)
        said = await asked(self._context.ask, request, record.id)
        if isinstance(said, Unusable):
            return Place(asked=record, unusable=said)
        return Place(asked=record, record=self._questions.answered(record, said.message))

    def _with(self, record: seodang.Record, text: str) -> seodang.Record:
        return self._questions.answered(record, seodang.Message("assistant", text))


def _tagged(record: seodang.Record, **tags: Any) -> seodang.Record:
    return msgspec.structs.replace(record, tags={**record.tags, **tags})
