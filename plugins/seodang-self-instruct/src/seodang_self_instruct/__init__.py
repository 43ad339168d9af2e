"""Self-Instruct: a few tasks by people grow into many. The teacher makes up instructions, then inputs and outputs for them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec
import seodang
from seodang.wording import render

from seodang_self_instruct.found import Made, Task
from seodang_self_instruct.growth import Growth, Seed
from seodang_self_instruct.ways import Way

REPAIRED_ONLY = (
    "new_per_request", "tokens", "without", "batch", "prompt", "classification_prompt", "input_first_prompt",
    "output_first_prompt", "instance_temperature", "instance_max_tokens",
)  # fmt: skip
Sifted = Literal["too-short", "too-long", "unsuitable", "asks-for-program", "bad-beginning", "other-language"]
Prompts = seodang.FILES


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class SelfInstruct(seodang.Lesson):
    """Makes new tasks out of the records' instructions, as many as `count`, and asks for instances of each.

    The pool grows in rounds: some seeds and some tasks that are new already are shown, and the teacher continues the list. What is too
    short, unsuitable or too like anything in the pool is dropped with its reason. Then the teacher tells classifications from
    other tasks, and makes up labels with a text for each, or inputs with their outputs. The records themselves end as used.
    `repaired` speaks the recipe's language to a chat model; `faithful` is what was published, English and with its quirks.
    """

    name = "self-instruct"
    revision = 1
    deterministic = False

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        variant: Annotated[
            Literal["repaired", "faithful"],
            described("For chat models in the recipe's language, or English prompts, figures and quirks as published."),
        ] = "repaired"
        count: Annotated[int, described("So many new instructions; each becomes one row or a few.", ge=1)] = 100
        human: Annotated[int, described("So many of the records are shown in a question for new ones.", ge=0, le=50)] = 6
        machine: Annotated[
            int, described("So many of the new ones as well. While there are fewer, records take their place.", ge=0, le=50)
        ] = 2
        per_round: (
            Annotated[
                int,
                described(
                    "Questions for new instructions at once, before their answers join the pool. 5 as published, else 8.", ge=1
                ),
            ]
            | None
        ) = None
        new_per_request: (
            Annotated[int, described("So many new instructions each question asks for; 8 where it is not set.", ge=1, le=100)]
            | None
        ) = None
        patience: Annotated[int, described("So many rounds in a row that bring nothing new are the end.", ge=1)] = 3
        novelty: Annotated[str, described("The filter whose pool tells what is new.", extra=seodang.names("filter"))] = "novelty"
        threshold: (
            Annotated[float, described("Drop what is more similar; unset, the locale's limit, or 0.7 as published.", ge=0, le=1)]
            | None
        ) = None
        tokens: Annotated[
            Literal["", "rouge", "words", "bigrams", "morphemes"],
            described("What is compared, as in the filter novelty; unset, what the locale counts."),
        ] = ""
        most_similar: Annotated[
            int,
            described(
                "Keep so many that are most like it, and the mean of all, in the tags of each row (10 as published). "
                "Every new one is compared with all for that.",
                ge=0,
                le=100,
            ),
        ] = 0
        without: Annotated[tuple[Sifted, ...], described("Reasons for which no new instruction is dropped.")] = ()
        classification_only: Annotated[
            bool, described("Show records whose tag `classification` is true only, and ask for more of that kind.")
        ] = False
        max_instances: Annotated[int, described("So many instances of an instruction at most.", ge=1, le=50)] = 5
        batch: (
            Annotated[
                int,
                described(
                    "So many tasks in one question for their kind, and in one for their instances. 1 where it is not set: safest.",
                    ge=1,
                    le=50,
                ),
            ]
            | None
        ) = None
        include_seeds: Annotated[bool, described("The records themselves go on too.")] = False
        instance_temperature: (
            Annotated[float, described("Temperature of the questions behind the first; unset, the teacher's.", ge=0, le=2)] | None
        ) = None
        instance_max_tokens: (
            Annotated[int, described("The longest answer to them, in tokens; unset, the teacher's.", ge=1)] | None
        ) = None
        classification_prompt: Annotated[
            str, described("A file with your own question whether an {instruction} is a classification.", extra=Prompts)
        ] = ""
        input_first_prompt: Annotated[
            str, described("A file with your own question for inputs and outputs of an {instruction}.", extra=Prompts)
        ] = ""
        output_first_prompt: Annotated[
            str, described("A file with your own question for labels and inputs of an {instruction}.", extra=Prompts)
        ] = ""

        def __post_init__(self) -> None:
            if not self.human + self.machine:
                raise ValueError(render("seodang_self_instruct:nothing-to-show", {}))
            own = [name for name in REPAIRED_ONLY if getattr(self, name)]
            if self.variant == "faithful" and own:
                raise ValueError(render("seodang_self_instruct:repaired-only", {"options": own}))
            files = [name for name in own if name.endswith("first_prompt") or name == "classification_prompt"]
            if (self.batch or 1) > 1 and files:
                raise ValueError(render("seodang_self_instruct:not-in-batches", {"options": files}))

    def steady(self, text: str) -> seodang.Request:
        """A question about a task that is there."""
        return self.ask_for(text, temperature=self.options.instance_temperature, max_tokens=self.options.instance_max_tokens)

    def estimate(self, rows: int, context: seodang.Context) -> seodang.Outlook | None:
        from seodang_self_instruct.outlook import outlook

        return outlook(self._way(context), context) if rows else None

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        seeds: dict[str, Seed] = {}
        going_on: list[seodang.Record] = []
        async for record in records:
            if not record.question.strip():
                yield seodang.Drop("no-instruction", id=record.id)
            elif not self.options.classification_only or record.tags.get("classification") is True:
                # Several instances of one task are one instruction.
                seeds.setdefault(record.question, Seed(record.id, record.question))
            if self.options.include_seeds and record.question.strip():
                # Let go at the end: until then the core knows what they pass on to the rows that are made from them.
                going_on.append(record)
        if not seeds:
            context.warn("seodang_self_instruct:no-seeds", step=context.step)
        else:
            async for result in self._grown(tuple(seeds.values()), context):
                yield result
        for record in going_on:
            yield record

    async def _grown(self, seeds: tuple[Seed, ...], context: seodang.Context) -> AsyncIterator[seodang.Record | seodang.Drop]:
        way = self._way(context)
        pool = context.get("filter", self.options.novelty, **way.novelty).pool(context)
        # Draws of their own: which question is drawn next must not depend on which instances are there already.
        growth = Growth(way, seeds, pool, context, random.Random(context.random.getrandbits(64)))
        units = Units(way, growth, context, context.random.getrandbits(64))
        done = 0
        async for carrier, results in context.ask.each(units.carriers(), units.finish):
            for result in results:
                yield result
            done += units.closed(carrier)
            context.progress(done, self.options.count, tasks=len(growth.kept), **growth.left)
        context.tell(tasks=len(growth.kept), rounds=growth.rounds.number, requests=growth.rounds.questions)
        if growth.rounds.ran_dry:
            facts = {"step": context.step, "kept": len(growth.kept), "count": self.options.count, "rounds": self.options.patience}
            context.warn("seodang_self_instruct:ran-dry", **facts)

    def _way(self, context: seodang.Context) -> Way:
        if self.options.variant == "faithful":
            from seodang_self_instruct.faithful import Published

            return Published(self)
        from seodang_self_instruct.repaired import Repaired

        return Repaired(self, context)


class Units:
    """Some tasks, or an item that was not kept, as the records that `context.ask.each` takes: so all come out in their order."""

    def __init__(self, way: Way, growth: Growth, context: seodang.Context, seed: int) -> None:
        self._way = way
        self._growth = growth
        self._context = context
        self._seed = seed
        self._open: dict[str, list[Task] | seodang.Drop] = {}
        self._sizes: dict[str, int] = {}
        self._number = 0

    async def carriers(self) -> AsyncIterator[seodang.Record]:
        tasks: list[Task] = []
        async for entry in self._growth.entries():
            if isinstance(entry, seodang.Drop):
                yield self._carrier(entry)
                continue
            tasks.append(entry)
            if len(tasks) == self._way.unit:
                yield self._carrier(tasks)
                tasks = []
        if tasks:
            yield self._carrier(tasks)

    def _carrier(self, unit: list[Task] | seodang.Drop) -> seodang.Record:
        self._number += 1
        name = str(self._number)
        self._open[name] = unit
        self._sizes[name] = len(unit) if isinstance(unit, list) else 0
        return seodang.Record(id=name, messages=())

    def closed(self, carrier: seodang.Record) -> int:
        """So many tasks were in it."""
        return self._sizes.pop(carrier.id)

    async def finish(self, carrier: seodang.Record) -> list[seodang.Record | seodang.Drop]:
        unit = self._open.pop(carrier.id)
        if isinstance(unit, seodang.Drop):
            return [unit]
        chances = [random.Random(f"{self._seed} {task.number}") for task in unit]
        made: list[Made] = await self._way.instances(unit, chances, self._context)
        return [result for each in made for result in each.results()]


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(SelfInstruct)
