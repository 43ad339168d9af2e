"""What the two variants have in common: how new tasks are asked for and read, and how a task gets its instances."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import seodang

from seodang_self_instruct.found import Answered, Left, Made, Task

if TYPE_CHECKING:
    from seodang_self_instruct import SelfInstruct


Questions = Sequence[seodang.Request]


class Way(Protocol):
    """One variant. `unit` tasks are dealt with together; one that `overshoots` keeps the whole round in which the count is reached."""

    options: SelfInstruct.Options
    per_round: int
    unit: int
    new: int
    """So many new tasks a question asks for, or really leaves room for."""
    overshoots: bool
    novelty: Mapping[str, Any]
    """The options of the novelty filter whose pool is asked."""

    def question(self, shown: Sequence[str]) -> seodang.Request:
        """Asks for new tasks after those that are shown."""
        ...

    def items(self, answer: Answered, shown: int) -> Iterator[str | Left]:
        """The instructions in an answer, in their order; those that a filter takes out, and why."""
        ...

    def questions_about(self, tasks: Sequence[Task]) -> tuple[Questions, Questions, Questions]:
        """How `unit` tasks are asked about: for their kind, and for instances as if none were a classification, and as if all were."""
        ...

    async def instances(self, tasks: Sequence[Task], chances: Sequence[random.Random], context: seodang.Context) -> list[Made]:
        """Asks whether each task is a classification, then for its instances. The chances are the tasks' own."""
        ...
