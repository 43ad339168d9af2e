"""KoBEST: five Korean tasks of choice by likelihood, each figure with its protocol, its interval and what a constant earns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import seodang

from seodang_kobest.asking import Asked, asked
from seodang_kobest.cells import Cell, found, keep, key_of, measure
from seodang_kobest.figures import (
    NORMALISED,
    constant_answer,
    constants,
    differences,
    figures_of,
    histogram,
    predictions,
    suffixes,
    unpaired,
)
from seodang_kobest.reading import documents
from seodang_kobest.tasks import TASKS, Document, Protocol, Task, TaskName

HOST = "huggingface.co"
TEMPLATE = "none"
"""The questions are put as plain text, as both protocols do: no chat template is written around them."""


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class Kobest(seodang.Evaluation):
    """BoolQ, COPA, HellaSwag, SentiNeg and WiC of KoBEST: the likeliest choice is the answer.

    `lmeval-1.0` are the prompts, the examples and the figures of lm-evaluation-harness 0.4; `polyglot-2023` those of the branch with
    which the tables of Polyglot-ko were made. They are not comparable with each other, and every figure says which it is.
    """

    name = "kobest"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[
            str,
            msgspec.Meta(
                description="A folder with BoolQ/test.tsv and so on, as published, or with files of the hub's columns.",
                extra=seodang.FILES,
            ),
        ] = ""
        hub: Annotated[
            str, described("Instead of a folder the set on the hub, as in 'skt/kobest_v1', or a copy of it that begins with ./")
        ] = ""
        revision: Annotated[str, described("The commit of the hub's set, 40 digits.")] = ""
        tasks: Annotated[tuple[TaskName, ...], described("Which of the five.", min_length=1)] = (
            "boolq",
            "copa",
            "hellaswag",
            "sentineg",
            "wic",
        )
        shots: Annotated[
            tuple[Annotated[int, msgspec.Meta(ge=0, le=200)], ...], described("So many examples before each item.", min_length=1)
        ] = (0, 5)
        protocol: Annotated[Protocol, described("How the items are asked and counted.")] = "lmeval-1.0"
        split: Annotated[str, described("The split that is asked.", pattern="^(test|validation|test_originated)$")] = "test"
        limit: Annotated[int, described("Only the first so many items of each task.", ge=1)] | None = None
        resamples: Annotated[int, described("How often items are drawn anew for an interval.", ge=100)] = 10_000
        cells: Annotated[
            str,
            msgspec.Meta(
                description="A folder that keeps each finished task, for a run that is interrupted.", extra=seodang.CONDUCT
            ),
        ] = ""

        def __post_init__(self) -> None:
            if bool(self.path) is bool(self.hub):
                raise ValueError("path or hub: one of them says where KoBEST is")
            local = self.hub.startswith(("./", "../", "/", "~"))
            commit = len(self.revision) == 40 and not {*self.revision} - {*"0123456789abcdef"}
            if self.hub and not local and not commit:
                raise ValueError(
                    f"'{self.hub}' on the hub may be another set tomorrow: add its commit as revision (40 digits), or begin the path of a "
                    "copy with ./"
                )
            if self.split == "test_originated" and self.tasks != ("sentineg",):
                raise ValueError('only sentineg has the split test_originated: set tasks = ["sentineg"]')

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._measured: dict[tuple[str, int], list[tuple[str, Cell]]] = {}

    @property
    def network(self) -> tuple[str, ...]:
        return (HOST,) if self.options.hub and not self.options.hub.startswith(("./", "../", "/", "~")) else ()

    def pieces(self) -> list[seodang.Piece]:
        options = self.options
        if not options.hub:
            return []
        hub = {"carrier": "hub", "revision": options.revision, "settings": {"revision": ""}} if self.network else {}
        return [seodang.Piece(option="hub", name=options.hub, holds="dataset", **hub)]

    def texts(self, context: seodang.Context) -> Iterator[str]:
        for name in self.options.tasks:
            for document in documents(self.options, TASKS[name], self.options.split, context):
                yield from TASKS[name].texts(document)

    def evaluate(self, student: seodang.Student, context: seodang.Context) -> Iterator[seodang.Score | seodang.Item]:
        role = next((name for name, one in context.students.items() if one is student), student.name)
        if type(student).loglikelihoods is seodang.Student.loglikelihoods:
            raise seodang.DataError("seodang_kobest:no-likelihoods", student=role, plugin=student.name)
        for name in self.options.tasks:
            task = TASKS[name]
            items = documents(self.options, task, self.options.split, context)
            examples = documents(self.options, task, "train", context) if any(self.options.shots) else []
            for shots in self.options.shots:
                cell = self._cell(student, task, items, examples, shots, context, role)
                yield from self._told(task, cell, role, context)

    def _cell(
        self,
        student: seodang.Student,
        task: Task,
        items: list[Document],
        examples: list[Document],
        shots: int,
        context: seodang.Context,
        role: str,
    ) -> Cell:
        options = self.options
        if shots > len(examples):
            raise seodang.DataError("seodang_kobest:too-few-examples", task=task.name, shots=shots, examples=len(examples))
        questions: list[Asked] = asked(task, options.protocol, items, examples, shots, options.limit)
        folder: Path | None = context.place(options.cells) if options.cells else None
        key = key_of(student, options.protocol, questions) if folder else ""
        cell = found(folder, key)
        if cell is None:

            def go_on(done: int) -> None:
                context.progress(done, len(questions), student=role, task=task.name, shots=shots)
                # What is whole is kept first: the next task stops.
                if context.stopping and done < len(questions):
                    raise seodang.Interrupted("seodang_kobest:interrupted", task=task.name, shots=shots, done=done)

            cell = measure(student, task, options.protocol, shots, questions, go_on)
            keep(folder, key, cell)
        return cell

    def _told(self, task: Task, cell: Cell, role: str, context: seodang.Context) -> Iterator[seodang.Score | seodang.Item]:
        """The items and the scores of a cell, and what it is against those of the students before."""
        place = f"{task.name} {cell.shots}-shot"
        for item in cell.items:
            values = {"gold": item.gold, "prediction": item.prediction, "loglikelihoods": item.loglikelihoods}
            if task.normalised:
                values["prediction_norm"] = item.prediction_norm
            yield seodang.Item(task=place, index=item.index, values=values)
        facts: dict[str, Any] = {"task": task.name, "shots": cell.shots, "template": TEMPLATE, "split": self.options.split}
        if cell.dtype:
            facts["dtype"] = cell.dtype
        counted = {suffix: self._counted(task, cell, suffix, role, context) for suffix in suffixes(task.normalised)}
        if cell.cut:
            context.warn("seodang_kobest:cut", student=role, place=place, cut=cell.cut, pairs=len(cell.items) * task.size)
        for figure in figures_of(cell.items, normalised=task.normalised, size=task.size, resamples=self.options.resamples):
            own = facts | counted[NORMALISED if figure.name.endswith(NORMALISED) else ""]
            yield self._score(f"{place} {figure.name}", figure.value, figure.low, figure.high, len(cell.items), own)
        earlier = self._measured.setdefault((task.name, cell.shots), [])
        for other, measured in earlier:
            if any(missing := unpaired(cell.items, measured.items)):
                context.warn("seodang_kobest:unpaired", first=role, second=other, place=place, one=missing[0], two=missing[1])
            for each in differences(
                cell.items, measured.items, normalised=task.normalised, size=task.size, resamples=self.options.resamples
            ):
                told = {"against": other, "only_here": each.only_first, "only_there": each.only_second, "mcnemar_p": each.p}
                yield self._score(
                    f"{place} {each.name} less {other}'s", each.value, each.low, each.high, each.count, facts | told
                )
        earlier.append((role, cell))

    def _counted(self, task: Task, cell: Cell, suffix: str, role: str, context: seodang.Context) -> dict[str, Any]:
        """What stands beside the figures of this suffix: the answers, what a constant one earns, and whether the model gave one."""
        answers, baseline = histogram(predictions(cell.items, suffix), task.size), constants(cell.items, task.size)
        counted: dict[str, Any] = {"histogram": answers, "constants": [msgspec.structs.asdict(one) for one in baseline]}
        counted |= {"cut": cell.cut, "merged": cell.merged}
        answer = constant_answer(cell.items, task.size, suffix)
        if answer is not None:
            counted["constant"] = answer
            place = f"{task.name} {cell.shots}-shot" + (f" ({suffix.strip('_')})" if suffix else "")
            word = task.label_words[answer] if task.label_words else f"{answer + 1}."
            share = 100 * answers[answer] / len(cell.items)
            context.warn("seodang_kobest:constant", student=role, place=place, answer=word, share=share, f1=baseline[answer].f1)
        return counted

    def _score(self, name: str, value: float, low: float, high: float, count: int, facts: dict[str, Any]) -> seodang.Score:
        return seodang.Score(
            name=name, value=value, low=low, high=high, count=count, protocol=f"kobest {self.options.protocol}", facts=facts
        )


@seodang.hookimpl
def register_evaluations(register: seodang.Register) -> None:
    register(Kobest)
