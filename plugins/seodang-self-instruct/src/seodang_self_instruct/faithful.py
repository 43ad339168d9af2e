"""Self-Instruct as published: its prompts to the letter, its figures, its filters in their order, and its quirks.

What is odd in here is meant: `seodang_self_instruct.repaired` is the way that is not.
"""

from __future__ import annotations

import random
import re
import string
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import seodang

from seodang_self_instruct.cleaning import cleaned
from seodang_self_instruct.found import Answered, Instance, Left, Made, Task, whole_answer_left

if TYPE_CHECKING:
    from seodang_self_instruct import SelfInstruct
    from seodang_self_instruct.ways import Questions

_NUMBERED = re.compile(r"\n\d+\s?\. ")
_EXAMPLE = re.compile(r"Example\s?\d*\.?")
_OUTPUT = re.compile(r"Output\s*\d*\s*:")
_INPUT = re.compile(r"Input\s*\d*\s*:")
_LABEL = "Class label:"


@cache
def constants() -> dict[str, Any]:
    """The published figures, read once."""
    return tomllib.loads(published("constants.toml"))


@cache
def published(name: str) -> str:
    """A file of the published texts, byte for byte."""
    return files(__package__).joinpath("published", name).read_bytes().decode("utf-8")


class Published:
    """The `faithful` variant."""

    overshoots = True

    def __init__(self, lesson: SelfInstruct) -> None:
        self._lesson = lesson
        self.options = lesson.options
        self._said = constants()
        self._filters = self._said["filters"]
        self.per_round = lesson.options.per_round or self._said["instructions"]["requests-together"]
        self.unit = self._said["instructions"]["requests-together"]
        self.new = self._said["instructions"]["new-at-most"]
        threshold = self._filters["similarity"] if lesson.options.threshold is None else lesson.options.threshold
        self.novelty = {"tokens": "rouge", "threshold": threshold}
        self._unsuitable = [re.compile(rf"\b({word})\b", re.IGNORECASE) for word in self._filters["unsuitable"]]

    def question(self, shown: Sequence[str]) -> seodang.Request:
        """Numbers the tasks and ends with the number of the next one."""
        first_line = "first-line-classification" if self.options.classification_only else "first-line"
        lines = [f"{number}. {_in_one_line(instruction).rstrip(':')}\n" for number, instruction in enumerate(shown, 1)]
        return self._ask("instructions", f"{self._said['instructions'][first_line]}{''.join(lines)}{len(shown) + 1}.")

    def items(self, answer: Answered, shown: int) -> Iterator[str | Left]:
        """An answer that was cut off is thrown away whole."""
        if whole := whole_answer_left(answer, cut=True):
            yield whole
            return
        for raw in _NUMBERED.split(answer.message.text):
            # Only the first letter stays large: NASA becomes Nasa.
            instruction = _in_one_line(raw).capitalize()
            if instruction:
                yield self._fault(instruction) or instruction

    def _fault(self, instruction: str) -> Left | None:
        words = len(instruction.split())
        if words <= self._filters["words-too-few"]:
            return Left("too-short", str(words), instruction)
        if words > self._filters["words-most"]:
            return Left("too-long", str(words), instruction)
        for pattern in self._unsuitable:
            if found := pattern.search(instruction):
                return Left("unsuitable", found[0].lower(), instruction)
        if instruction.startswith(self._filters["program"]):
            return Left("asks-for-program", text=instruction)
        if instruction[0] in string.punctuation:
            return Left("bad-beginning", instruction[0], instruction)
        if not instruction[0].isascii():
            return Left("other-language", instruction[0], instruction)
        return None

    def questions_about(self, tasks: Sequence[Task]) -> tuple[Questions, Questions, Questions]:
        kinds = [self._is_classification(task) for task in tasks]
        inputs, labels = ([self._instances(task, label, label) for task in tasks] for label in (False, True))
        return kinds, inputs, labels

    async def instances(self, tasks: Sequence[Task], chances: Sequence[random.Random], context: seodang.Context) -> list[Made]:
        parents = [task.parents for task in tasks]
        kinds = await context.ask.together([self._is_classification(task) for task in tasks], records=parents)
        yes = self._said["classification"]["yes"]
        # An answer that never comes is an empty one, which is no yes.
        labels = [isinstance(kind, seodang.Answer) and kind.message.text.strip() in yes for kind in kinds]
        requests = [self._instances(task, label, any(labels)) for task, label in zip(tasks, labels, strict=True)]
        answers = await context.ask.together(requests, records=parents)
        return [
            self._made(task, label, answer, chance)
            for task, label, answer, chance in zip(tasks, labels, answers, chances, strict=True)
        ]

    def _is_classification(self, task: Task) -> seodang.Request:
        prompt = published("clf_identification_prompt.txt")
        return self._ask("classification", f"{prompt} {task.instruction}{self._said['classification']['question']}")

    def _instances(self, task: Task, is_classification: bool, any_classification: bool) -> seodang.Request:
        prompt = published("output_first_prompt.txt" if is_classification else "input_first_prompt.txt")
        said = self._said["instances"]
        example, end = said["stop"]
        return self._ask(
            "instances",
            f"{prompt} {task.instruction}\n",
            max_tokens=said["max-tokens-with-classification" if any_classification else "max-tokens"],
            stop=(f"{example} {self.options.max_instances + 1}", end),
        )

    def _ask(self, name: str, text: str, **other: Any) -> seodang.Request:
        said = self._said[name]
        fields: dict[str, Any] = {
            "max_tokens": said["max-tokens"],
            "temperature": said["temperature"],
            "stop": tuple(said["stop"]),
            "extra": said["extra"],
            **other,
        }
        return self._lesson.ask_for(text, **fields)

    def _made(self, task: Task, is_classification: bool, answer: Answered, chance: random.Random) -> Made:
        if whole := whole_answer_left(answer):
            return Made(task, is_classification, (), (said_of(task, whole),))
        text = answer.message.text
        found = labelled(text) if is_classification else exemplified(text)
        left = []
        if not found:
            left.append(Left("no-instances", text=task.instruction, answer=text))
        if found and answer.finish == "length":
            cut = found.pop()
            left.append(Left("cut", text=task.instruction, input=cut.input, answer=cut.output))
        kept, unfit = cleaned(task, found, chance, most=self.options.max_instances)
        return Made(task, is_classification, kept, (*left, *unfit))


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def said_of(task: Task, whole: Left) -> Left:
    """What was said in place of instances, as an answer to the task."""
    return Left(whole.code, whole.detail, task.instruction, answer=whole.text)


def exemplified(text: str) -> list[Instance]:
    """Instances after `Example 1` and so on, else one; none where nothing is called an output."""
    text = text.strip()
    if _EXAMPLE.search(text):
        return [_pair(part.strip()) for part in _EXAMPLE.split(text) if part.strip()]
    return [_pair(text)] if _OUTPUT.search(text) else []


def _pair(text: str) -> Instance:
    parts = _OUTPUT.split(text)
    given, output = (parts[0].strip(), parts[1].strip()) if len(parts) > 1 else ("", text)
    output = _INPUT.split(output)[0].strip()
    start = _INPUT.match(given)
    return Instance(given[start.end() :].strip() if start else given, output)


def labelled(text: str) -> list[Instance]:
    """A label on the rest of each line that names one, and the lines after it as its input."""
    found = []
    for part in text.split(_LABEL)[1:]:
        label, _, given = part.strip().partition("\n")
        found.append(Instance(given.strip(), label.strip()))
    return found
