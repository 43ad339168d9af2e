"""Stanford Alpaca's lesson: three tasks that people wrote are shown, and the teacher goes on with the list."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
import seodang

from seodang_alpaca.published import Published
from seodang_alpaca.repaired import Repaired
from seodang_alpaca.tasks import Batch, Unread, unusable

_EXCERPT = 200
_KEPT = 0.75
"""So much of what is asked for is new and fit for use, as a guess before anything is bought."""
_TOKENS_A_TASK = 120
_READABLE = ("stop", "length")
"""How an answer may have ended for its tasks to be read; what was cut off at the end of a long one is its last task."""


class Alpaca(seodang.Lesson):
    """Makes new tasks with answers, many in one answer, from a few that people wrote: the records that flow in are the seeds.

    Every prompt shows seeds and nothing that a model has made. Each new task tells its batch and its position in it, for a teacher
    that writes many answers at once mixes them up: put the filter `answer-fit` behind this step.
    """

    name = "alpaca"
    revision = 1
    deterministic = False

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        variant: Annotated[
            Literal["repaired", "faithful"],
            msgspec.Meta(description="In the recipe's language and mended, or as it was published, in English, faults included."),
        ] = "repaired"
        count: Annotated[
            int,
            msgspec.Meta(ge=1, description="Go on until there are so many new tasks; what the last round brings more is kept."),
        ] = 100
        tasks: Annotated[
            int, msgspec.Meta(ge=2, le=100, description="Tasks in one list, the shown ones among them; the rest is asked for.")
        ] = 20
        shown: Annotated[int, msgspec.Meta(ge=1, le=50, description="Seeds shown in each prompt, drawn at random.")] = 3
        per_round: (
            Annotated[
                int,
                msgspec.Meta(ge=1, description="Prompts sent before the pool is looked at again; unset, 32, or 5 as published."),
            ]
            | None
        ) = None
        patience: Annotated[
            int, msgspec.Meta(ge=1, description="Give up after so many rounds in a row that bring nothing new.")
        ] = 3
        keep_seeds: Annotated[bool, msgspec.Meta(description="Let the seeds go on, behind the new tasks.")] = False
        novelty: Annotated[
            str, msgspec.Meta(description="The filter whose pool tells what is new.", extra=seodang.names("filter"))
        ] = "novelty"
        threshold: (
            Annotated[
                float,
                msgspec.Meta(ge=0, le=1, description="From which likeness on a task is not new; unset, the locale's limit."),
            ]
            | None
        ) = None
        keywords: Annotated[
            str,
            msgspec.Meta(
                description="The filter that tells what a model of texts cannot do; empty for none.",
                extra=seodang.names("filter"),
            ),
        ] = "keywords"

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        own = self.options
        if own.variant == "faithful":
            usual = self.Options()
            settled = ("system", "prompt", "tasks", "shown", "novelty", "threshold", "keywords")
            if changed := [name for name in settled if getattr(own, name) != getattr(usual, name)]:
                raise seodang.SeodangError("seodang_alpaca:settled", options=changed)
        if own.shown >= own.tasks:
            raise seodang.SeodangError("seodang_alpaca:nothing-asked", tasks=own.tasks, shown=own.shown)

    def estimate(self, rows: int, context: seodang.Context) -> seodang.Outlook:
        """By the language's seed tasks, whose length is usual."""
        variant = self._variant(context)
        usual = context.locale.seeds or [seodang.SeedTask(id="", name="", instruction="_" * 80, output="_" * 200)]
        shown = [usual[place * 7 % len(usual)] for place in range(variant.shown)]
        seeds = [seodang.single_turn(task.instruction, task.output, input=task.input) for task in shown]
        new = variant.new_per_batch
        batches = math.ceil(self.options.count / (_KEPT * new))
        expected = seodang.Expected(request=variant.request(seeds), times=batches, output_tokens=_TOKENS_A_TASK * new)
        return seodang.Outlook(questions=(expected,), rows=batches * new)

    def _variant(self, context: seodang.Context) -> Published | Repaired:
        if self.options.variant == "repaired":
            return Repaired(self, context)
        if context.language != "en":
            raise seodang.SeodangError("seodang_alpaca:english-only", language=context.language)
        return Published(context)

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        variant = self._variant(context)
        seeds: list[seodang.Record] = []
        async for record in records:
            if code := unusable(record):
                yield seodang.Drop(code, id=record.id)
            else:
                seeds.append(record)
        if not seeds:
            return
        making = _Making(self, variant, seeds, context)
        async for result in making.results():
            yield result
        if self.options.keep_seeds:
            for seed in seeds:
                yield seed


class _Making:
    """What one step draws, and what it makes of the answers."""

    def __init__(
        self, lesson: Alpaca, variant: Published | Repaired, seeds: Sequence[seodang.Record], context: seodang.Context
    ) -> None:
        if len(seeds) < variant.shown:
            raise seodang.DataError("seodang_alpaca:too-few-seeds", step=context.step, seeds=len(seeds), shown=variant.shown)
        self._options = lesson.options
        self._variant = variant
        self._seeds = seeds
        self._context = context
        self._ids: dict[str, str] = {}
        for seed in seeds:
            variant.pool.add(seed.question)
            self._ids.setdefault(seed.question, seed.id)

    async def results(self) -> AsyncIterator[seodang.Record | seodang.Drop]:
        wanted, variant = self._options.count, self._variant
        rounds = self._context.ask.rounds(
            self._draw,
            wanted=wanted,
            per_round=self._options.per_round or variant.per_round,
            patience=self._options.patience,
            brings=0 if variant.always_whole_rounds else variant.new_per_batch,
            instead=variant.shorter,
        )
        async for draw, said in rounds:
            for result in self._read(Batch(draw.shown, draw.request), said):
                rounds.made += isinstance(result, seodang.Record)
                yield result
            self._context.progress(min(rounds.made, wanted), wanted)
        self._context.tell(batches=rounds.questions)
        if rounds.ran_dry:
            facts = {"step": self._context.step, "made": rounds.made, "count": wanted, "rounds": self._options.patience}
            self._context.warn("seodang_alpaca:gave-up", **facts)

    def _draw(self) -> seodang.Draw:
        seeds = tuple(self._context.random.sample(self._seeds, self._variant.shown))
        return seodang.Draw(self._variant.request(seeds), tuple(seed.id for seed in seeds), seeds)

    def _read(self, batch: Batch, said: seodang.Answer | seodang.Refused) -> Iterator[seodang.Record | seodang.Drop]:
        """What became of one answer: each of its tasks ends as a new row or with a reason."""
        parents = tuple(seed.id for seed in batch.seeds)
        if isinstance(said, seodang.Refused) or said.finish not in _READABLE or not said.message.text.strip():
            yield self._unanswered(batch, said, parents)
            return
        for part in self._variant.read(said.message.text, cut=said.finish == "length"):
            tags = {"batch": batch.name, "position": part.position}
            if isinstance(part, Unread):
                unread = seodang.single_turn(part.text, parents=parents, tags=tags)
                yield seodang.Drop(part.code, record=unread)
                continue
            record = self._variant.record(part, parents=parents, tags=tags)
            if unfit := self._variant.unfit(part):
                yield seodang.Drop(unfit.code, unfit.detail, record=record)
            elif near := self._variant.pool.nearest(part.instruction):
                other = self._ids.get(near.name, near.name[:_EXCERPT])
                yield seodang.Drop("too-similar", f"{near.score:.3f}", record=record, other=other)
            else:
                more = self._variant.tags(part)
                self._variant.pool.add(part.instruction)
                yield msgspec.structs.replace(record, tags={**tags, **more}) if more else record

    def _unanswered(self, batch: Batch, said: seodang.Answer | seodang.Refused, parents: tuple[str, ...]) -> seodang.Drop:
        """A batch that came to nothing stands with its question among what was dropped: it may have been paid for."""
        question = seodang.Record(messages=batch.request.messages, parents=parents, tags={"batch": batch.name})
        if isinstance(said, seodang.Refused):
            return seodang.Drop(said.reason, said.detail, record=question)
        text = said.message.text.strip()
        code = said.finish.replace("_", "-") if said.finish not in _READABLE else "empty"
        return seodang.Drop(code, text[:_EXCERPT], record=question)


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(Alpaca)
