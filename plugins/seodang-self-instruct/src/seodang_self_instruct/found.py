"""What is found in a teacher's answers: tasks, instances of them, and what is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import seodang

FINISHED = ("stop", "tool_calls")
Answered = seodang.Answer | seodang.Refused


class Left(msgspec.Struct, frozen=True):
    """An item of an answer that is not kept, or a whole answer. `text` is its instruction, or what was said instead."""

    code: str
    detail: str = ""
    text: str = ""
    input: str = ""
    answer: str = ""
    other: str = ""

    def drop(self, parents: tuple[str, ...], tags: dict[str, Any]) -> seodang.Drop:
        """For the core: a record that was made and is not kept. It leads back to its seeds, so that it is forgotten with them."""
        record = seodang.single_turn(self.text, self.answer, input=self.input, parents=parents, tags=tags)
        return seodang.Drop(self.code, self.detail, record=record, other=self.other)


class Task(msgspec.Struct, frozen=True):
    """A new instruction that was kept: its number from 1, the seeds that were shown when it was made, and its place."""

    number: int
    instruction: str
    parents: tuple[str, ...]
    tags: dict[str, Any]


def parents_of(tasks: Sequence[Task]) -> tuple[str, ...]:
    """The seeds of all of them, each once."""
    return tuple(dict.fromkeys(seed for task in tasks for seed in task.parents))


class Instance(msgspec.Struct, frozen=True):
    """One input and what the task makes of it."""

    input: str
    output: str


class Made(msgspec.Struct, frozen=True):
    """What became of one task: whether it is a classification, its instances and what of its answer is not kept, with tags."""

    task: Task
    is_classification: bool
    instances: Sequence[Instance]
    left: Sequence[Left]
    tags: dict[str, Any] = {}

    def results(self) -> list[seodang.Record | seodang.Drop]:
        task = self.task
        tags = {**task.tags, "classification": self.is_classification, **self.tags}
        rows: list[seodang.Record | seodang.Drop] = [
            seodang.single_turn(
                task.instruction,
                instance.output,
                input=instance.input,
                parents=task.parents,
                tags={**tags, "instance": place} if len(self.instances) > 1 else tags,
            )
            for place, instance in enumerate(self.instances)
        ]
        return rows + [left.drop(task.parents, tags) for left in self.left]


def whole_answer_left(answer: Answered, *, cut: bool = False) -> Left | None:
    """Why nothing of an answer can be used: there is none, it was refused or filtered, it is empty; with `cut`, it was cut off."""
    if isinstance(answer, seodang.Refused):
        return Left(answer.reason, answer.detail)
    text = answer.message.text
    if answer.finish not in FINISHED and (cut or answer.finish != "length"):
        return Left(answer.finish, text=text)
    return None if text.strip() else Left("empty")
