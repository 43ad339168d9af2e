"""Several tasks in one question, and their answers told apart again.

Published data were spoilt by this: an answer that slipped by one place belongs to another task from there on. So each task goes
out with a mark made of its number and its own text, and only what comes back behind exactly that mark is taken for its answer.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

from seodang_self_instruct.found import Answered, Left, Made, Task, parents_of, whole_answer_left
from seodang_self_instruct.own_texts import Texts
from seodang_self_instruct.reading import says
from seodang_self_instruct.shots import Shots

if TYPE_CHECKING:
    from seodang_self_instruct import SelfInstruct

_MARK = re.compile(r"^[ \t>#*_]*\[(\d{1,3})-([0-9a-f]{4})\][ \t*_]*[:：]?[ \t]*", re.M)

Clean = Callable[[Task, bool, str, bool, random.Random, dict[str, Any]], Made]
"""What a text says about one task: (task, whether it is a classification, text, whether it was cut off, chance, tags)."""


class Batches:
    """Asks about several tasks at once."""

    def __init__(self, lesson: SelfInstruct, texts: Texts, shots: Shots) -> None:
        self._lesson = lesson
        self._texts = texts
        self._shots = shots
        words = tuple(texts.words)
        self._prompts = {
            name: seodang.Prompt(texts.prompt(f"batch-{name}"), needs=("examples", "tasks"), offers=words, where=name)
            for name in ("classification", "input-first", "output-first")
        }

    async def made(
        self, tasks: Sequence[Task], chances: Sequence[random.Random], context: seodang.Context, clean: Clean
    ) -> list[Made]:
        """In the order of the tasks. Rows carry the batch in which they were answered, and their place in it."""
        (answer,) = await context.ask.together([self.question("classification", tasks)], records=[parents_of(tasks)])
        kinds = self._apart(tasks, answer)
        made = {task.number: Made(task, False, (), (_of(task, left),)) for task, left in kinds.missing}
        labels = {task.number: self._says_yes(text) for task, text in kinds.said}
        groups = [
            (name, group)
            for name, wanted in (("input-first", False), ("output-first", True))
            if (group := [task for task, _ in kinds.said if bool(labels[task.number]) is wanted])
        ]
        answers = await context.ask.together(
            [self.question(name, group) for name, group in groups], records=[parents_of(group) for _, group in groups]
        )
        chance_of = {task.number: chance for task, chance in zip(tasks, chances, strict=True)}
        for (name, group), answer in zip(groups, answers, strict=True):
            labelled, batch = name == "output-first", f"{context.step}-{tasks[0].number}-{name}"
            tags: dict[int, dict[str, Any]] = {
                task.number: {"batch": batch, "position": place} for place, task in enumerate(group)
            }
            for task in group:
                if labels[task.number] is None:
                    tags[task.number]["classification_unread"] = True
            apart = self._apart(group, answer)
            for task, left in apart.missing:
                made[task.number] = Made(task, labelled, (), (_of(task, left),), tags[task.number])
            for task, text in apart.said:
                cut = task is apart.cut
                made[task.number] = clean(task, labelled, text, cut, chance_of[task.number], tags[task.number])
        return [made[task.number] for task in tasks]

    def question(self, name: str, tasks: Sequence[Task]) -> seodang.Request:
        """One question about all of these tasks."""
        lines = [f"{mark_of(number, task)} {self._shots.instruction(task.instruction)}" for number, task in enumerate(tasks, 1)]
        text = self._prompts[name].fill(**self._texts.words, examples=self._shots.shown(name), tasks="\n".join(lines))
        return self._lesson.steady(text)

    def _says_yes(self, text: str) -> bool | None:
        markers = self._texts.markers
        return says(text, markers["yes"], markers["no"], markers["label"])

    def _apart(self, tasks: Sequence[Task], answer: Answered) -> Apart:
        if whole := whole_answer_left(answer):
            return Apart((), [(task, whole) for task in tasks])
        marks = [mark_of(number, task) for number, task in enumerate(tasks, 1)]
        found, missing = behind_marks(answer.message.text, marks)
        last = max(found, key=lambda number: found[number][0], default=0) if answer.finish == "length" else 0
        return Apart(
            [(task, found[number][1]) for number, task in enumerate(tasks, 1) if number in found],
            [(task, missing[number]) for number, task in enumerate(tasks, 1) if number in missing],
            tasks[last - 1] if last else None,
        )


class Apart(msgspec.Struct, frozen=True):
    """An answer taken apart: what it says of which task, why it says nothing of the others, and which task it breaks off in."""

    said: Sequence[tuple[Task, str]]
    missing: Sequence[tuple[Task, Left]]
    cut: Task | None = None


def mark_of(number: int, task: Task) -> str:
    """The number and four signs of the task's own: who confuses two tasks writes down a mark that there is not."""
    return f"[{number}-{hashlib.sha256(task.instruction.encode('utf-8', 'surrogatepass')).hexdigest()[:4]}]"


def behind_marks(text: str, marks: Sequence[str]) -> tuple[dict[int, tuple[int, str]], dict[int, Left]]:
    """Where what is behind each mark begins, and what it is, by the mark's number from 1; and what is wrong with the others: there
    is no such mark, a wrong one, or two."""
    matches = list(_MARK.finditer(text))
    ends = [*(match.start() for match in matches), len(text)][1:]
    found: dict[int, tuple[int, str]] = {}
    missing: dict[int, Left] = {}
    for match, end in zip(matches, ends, strict=True):
        number = int(match[1])
        said = text[match.end() : end].strip()
        if not 1 <= number <= len(marks):
            continue
        if f"[{match[1]}-{match[2]}]" != marks[number - 1]:
            missing[number] = Left("wrong-mark", f"[{match[1]}-{match[2]}]", text=said)
        elif number in found:
            missing[number] = Left("two-answers", marks[number - 1], text=said)
        else:
            found[number] = (match.start(), said)
    for number in range(1, len(marks) + 1):
        if number not in found:
            missing.setdefault(number, Left("no-answer", marks[number - 1]))
        elif number in missing:
            del found[number]
    return found, missing


def _of(task: Task, left: Left) -> Left:
    return Left(left.code, left.detail, task.instruction, answer=left.text)
