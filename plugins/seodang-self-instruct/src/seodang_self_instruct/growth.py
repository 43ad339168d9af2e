"""The pool of instructions and how it grows: what a question shows of it, and what of an answer joins it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

from seodang_self_instruct.found import Answered, Left, Task

if TYPE_CHECKING:
    from seodang_self_instruct.ways import Way


class Seed(msgspec.Struct, frozen=True):
    id: str
    instruction: str


class Shown(msgspec.Struct, frozen=True):
    """What one question shows: the instructions in their order, the seeds among them, and the numbers of the tasks among them."""

    instructions: tuple[str, ...]
    seeds: tuple[str, ...]
    tasks: tuple[int, ...]


class Growth:
    """Asks for new tasks until there are enough, or until some rounds in a row have brought nothing."""

    def __init__(self, way: Way, seeds: Sequence[Seed], pool: Any, context: seodang.Context, chance: random.Random) -> None:
        self.kept: list[str] = []
        self.left: Counter[str] = Counter()
        self._way = way
        self._options = way.options
        self._seeds = seeds
        self._parents: list[tuple[str, ...]] = []
        self._pool = pool
        self._random = chance
        self.rounds: seodang.Rounds = context.ask.rounds(
            self.draw, wanted=way.options.count, per_round=way.per_round, patience=way.options.patience
        )
        for seed in seeds:
            pool.add(seed.instruction, seed.id)

    async def entries(self) -> AsyncIterator[Task | seodang.Drop]:
        """Each task that is kept, and each item that is not, in the order of questions and answers."""
        async for draw, answer in self.rounds:
            for entry in self._sorted_out(draw.shown, answer):
                yield entry

    def draw(self) -> seodang.Draw:
        """Two of the machine's, fewer while there are fewer, the rest by people; shuffled. The draws are those of the published code."""
        tasks = self._random.sample(range(len(self.kept)), min(self._options.machine, len(self.kept)))
        wanted = self._options.human + self._options.machine - len(tasks)
        seeds = self._random.sample(range(len(self._seeds)), min(wanted, len(self._seeds)))
        order: list[tuple[bool, int]] = [*((True, number) for number in tasks), *((False, number) for number in seeds)]
        self._random.shuffle(order)
        shown = Shown(
            tuple(self.kept[number] if made else self._seeds[number].instruction for made, number in order),
            tuple(self._seeds[number].id for made, number in order if not made),
            tuple(number + 1 for made, number in order if made),
        )
        # What was made of a record is forgotten with it, also where it is shown.
        records = dict.fromkeys([*shown.seeds, *(seed for number in tasks for seed in self._parents[number])])
        return seodang.Draw(self._way.question(shown.instructions), tuple(records), shown)

    def _sorted_out(self, shown: Shown, answer: Answered) -> list[Task | seodang.Drop]:
        found: list[Task | seodang.Drop] = []
        for place, item in enumerate(self._way.items(answer, len(shown.instructions))):
            tags: dict[str, Any] = {"round": self.rounds.number, "request": self.rounds.questions, "item": place}
            if shown.tasks:
                tags["shown"] = shown.tasks
            if isinstance(item, str):
                item = self._not_new(item, tags) or item
            if isinstance(item, Left):
                self.left[item.code] += 1
                found.append(item.drop(shown.seeds, tags))
            else:
                self._pool.add(item, item)
                self.kept.append(item)
                self._parents.append(shown.seeds)
                self.rounds.made += 1
                found.append(Task(len(self.kept), item, shown.seeds, {**tags, "number": len(self.kept)}))
        return found

    def _not_new(self, instruction: str, tags: dict[str, Any]) -> Left | None:
        """Why a sound instruction is not kept all the same. What is most like one that is kept goes into its tags, where wanted."""
        if near := self._pool.nearest(instruction):
            return Left("too-similar", f"{near.score:.3f}", instruction, other=near.name)
        if not self._way.overshoots and len(self.kept) >= self._options.count:
            return Left("over-count", str(self._options.count), instruction)
        if self._options.most_similar:
            measured = self._pool.similarity(instruction, self._options.most_similar)
            tags["most_similar"] = [[similar.name, round(similar.score, 4)] for similar in measured.nearest]
            tags["mean_similarity"] = round(measured.mean, 4)
        return None
