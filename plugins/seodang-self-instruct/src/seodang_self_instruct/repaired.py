"""Self-Instruct for chat models, in the language of the recipe: its prompts, worked examples, words and limits are the locale's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import seodang

from seodang_self_instruct.batches import Batches
from seodang_self_instruct.cleaning import cleaned
from seodang_self_instruct.found import Answered, Instance, Left, Made, Task, whole_answer_left
from seodang_self_instruct.own_texts import Texts
from seodang_self_instruct.reading import bare, listed, says
from seodang_self_instruct.shots import Shots
from seodang_self_instruct.sifting import Sieve

if TYPE_CHECKING:
    from seodang_self_instruct import SelfInstruct
    from seodang_self_instruct.ways import Questions

PER_ROUND = 8
NEW_PER_REQUEST = 8
COLONS = (":", "：")
NAMES = ("classification", "input-first", "output-first")


class Repaired:
    """The `repaired` variant."""

    overshoots = False

    def __init__(self, lesson: SelfInstruct, context: seodang.Context) -> None:
        self.options = lesson.options
        self.per_round = lesson.options.per_round or PER_ROUND
        self.unit = lesson.options.batch or 1
        self.novelty: dict[str, Any] = {"tokens": lesson.options.tokens}
        if lesson.options.threshold is not None:
            self.novelty["threshold"] = lesson.options.threshold
        self._lesson = lesson
        self._texts = texts = Texts(context.locale)
        self.new = lesson.options.new_per_request or NEW_PER_REQUEST
        self._sieve = Sieve(texts, context.locale, lesson.options.without)
        self._shots = Shots(texts, context.locale.shots)
        name = "new-classification-tasks" if lesson.options.classification_only else "new-tasks"
        own = "" if lesson.options.prompt else texts.prompt(name)
        self._prompt = lesson.prompt(own, context, needs=("examples",), offers=("count", "first"))
        self._batches = Batches(lesson, texts, self._shots) if self.unit > 1 else None
        self._asking = {name: self._prompt_of(name, context) for name in NAMES}

    def _prompt_of(self, name: str, context: seodang.Context) -> seodang.Prompt:
        option = f"{name.replace('-', '_')}_prompt"
        if getattr(self.options, option):
            return self._lesson.prompt("", context, needs=("instruction",), offers=("examples", "count"), option=option)
        own = self._texts.prompt("is-classification" if name == "classification" else f"instances-{name}")
        if name != "classification" and self.options.max_instances > 1:
            several = seodang.Prompt(self._texts.prompt(f"several-{name}"), needs=("count",), offers=tuple(self._texts.words))
            own = several.fill(**self._texts.words, count=str(self.options.max_instances)) + "\n\n" + own
        return seodang.Prompt(own, needs=("examples", "instruction"), offers=("count",), where=name)

    def question(self, shown: Sequence[str]) -> seodang.Request:
        lines = [f"{number}. {' '.join(instruction.split())}" for number, instruction in enumerate(shown, 1)]
        text = self._prompt.fill(examples="\n".join(lines), count=str(self.new), first=str(len(shown) + 1))
        return self._lesson.ask_for(text)

    def items(self, answer: Answered, shown: int) -> Iterator[str | Left]:
        """Of an answer that was cut off, the last item may be half of one."""
        if whole := whole_answer_left(answer):
            yield whole
            return
        found = [bare(item, self._texts.markers["instruction"]) for item in listed(answer.message.text)]
        cut = found.pop() if found and answer.finish == "length" else ""
        for instruction in filter(None, found):
            yield self._sieve.fault(instruction) or instruction
        if cut:
            yield Left("cut", text=cut)
        if not any(found) and not cut:
            yield Left("no-items", text=answer.message.text)

    def questions_about(self, tasks: Sequence[Task]) -> tuple[Questions, Questions, Questions]:
        if self._batches is not None:
            kinds, inputs, labels = ([self._batches.question(name, tasks)] for name in NAMES)
        else:
            kinds, inputs, labels = ([self._question(name, task) for task in tasks] for name in NAMES)
        return kinds, inputs, labels

    async def instances(self, tasks: Sequence[Task], chances: Sequence[random.Random], context: seodang.Context) -> list[Made]:
        if self._batches is not None and len(tasks) > 1:
            return await self._batches.made(tasks, chances, context, self._cleaned)
        parents = [task.parents for task in tasks]
        kinds = await context.ask.together([self._question("classification", task) for task in tasks], records=parents)
        labels = [self._says_yes(kind) for kind in kinds]
        names = ["output-first" if label else "input-first" for label in labels]
        requests = [self._question(name, task) for name, task in zip(names, tasks, strict=True)]
        answers = await context.ask.together(requests, records=parents)
        made = []
        for task, kind, label, answer, chance in zip(tasks, kinds, labels, answers, chances, strict=True):
            if isinstance(kind, seodang.Refused):
                made.append(Made(task, False, (), (Left(kind.reason, kind.detail, task.instruction),)))
            else:
                tags = {} if label is not None else {"classification_unread": True}
                made.append(self._made(task, bool(label), answer, chance, tags))
        return made

    def _question(self, name: str, task: Task) -> seodang.Request:
        examples = self._shots.shown(name)
        text = self._asking[name].fill(examples=examples, instruction=task.instruction, count=str(self.options.max_instances))
        return self._lesson.steady(text)

    def _says_yes(self, kind: Answered) -> bool | None:
        if isinstance(kind, seodang.Refused):
            return None
        markers = self._texts.markers
        return says(kind.message.text, markers["yes"], markers["no"], markers["label"])

    def _made(self, task: Task, is_classification: bool, answer: Answered, chance: random.Random, tags: dict[str, Any]) -> Made:
        if whole := whole_answer_left(answer):
            left = Left(whole.code, whole.detail, task.instruction, answer=whole.text)
            return Made(task, is_classification, (), (left,), tags)
        return self._cleaned(task, is_classification, answer.message.text, answer.finish == "length", chance, tags)

    def _cleaned(
        self, task: Task, is_classification: bool, text: str, cut: bool, chance: random.Random, tags: dict[str, Any]
    ) -> Made:
        """What a text says about one task. The last instance of one that was cut off is half of one."""
        found = self._shots.instances(text, labelled=is_classification)
        left: list[Left] = []
        if not found:
            left.append(Left("cut" if cut else "no-instances", text=task.instruction, answer=text))
        elif cut:
            half = found.pop()
            left.append(Left("cut", text=task.instruction, input=half.input, answer=half.output))
        sound: list[Instance] = []
        for fault, some in groupby(found, lambda instance: self._sieve.instance_fault(instance)):
            if not fault:
                sound += some
            else:
                left += [Left(fault, text=task.instruction, input=one.input, answer=one.output) for one in some]
        kept, unfit = cleaned(
            task,
            sound,
            chance,
            most=self.options.max_instances,
            colons=COLONS,
            without_input_too=is_classification,
            in_order=True,
        )
        return Made(task, is_classification, kept, (*left, *unfit), tags)
