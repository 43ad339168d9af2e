"""The form of a batch: numbered tasks in one prompt, and the numbered answers that are read from what came back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import seodang

from seodang_answer.asking import Unusable

if TYPE_CHECKING:
    from seodang_answer import OneAnswer

END = "###"
_END_LINE = re.compile(r"^[ \t]*###[ \t]*$", re.MULTILINE)
_END_OF_ALL = re.compile(r"[ \t]*###\s*\Z")


class Numbered:
    """Writes `명령어0: … 입력0: …` and reads `응답0: … ###`, in the words of the locale."""

    def __init__(self, lesson: OneAnswer, context: seodang.Context) -> None:
        markers = context.locale.markers
        own = _prompts()["batch"]
        named = all(markers.get(name) for name in ("instruction", "input", "output"))
        if not named or not (lesson.options.prompt or context.language in own):
            raise seodang.SeodangError(
                "seodang_answer:no-batch-prompt",
                step=context.step,
                language=context.language,
                known=sorted(own),
                places="{tasks}",
            )
        self._prompt = lesson.prompt(own.get(context.language, "").strip(), context, needs=("tasks",), offers=("count", "output"))
        self._instruction, self._input, self._output = (markers[name][0] for name in ("instruction", "input", "output"))
        words = "|".join(re.escape(word) for word in sorted(markers["output"], key=len, reverse=True))
        self._head = re.compile(rf"^[ \t]*(?:\*\*)?(?:{words})[ ]?(\d{{1,4}})(?:\*\*)?[ ]?[:：](?:\*\*)?", re.MULTILINE)

    def text(self, records: Sequence[seodang.Record]) -> str:
        """The prompt for these questions."""
        tasks = f"\n{END}\n".join(self._task(number, record) for number, record in enumerate(records))
        return self._prompt.fill(tasks=tasks, count=str(len(records)), output=self._output)

    def _task(self, number: int, record: seodang.Record) -> str:
        lines = [f"{self._instruction}{number}: {record.question}"]
        if record.input:
            lines.append(f"{self._input}{number}: {record.input}")
        return "\n".join(lines)

    def read(self, text: str, count: int, *, cut: bool = False) -> list[str | Unusable]:
        """One answer, or what is wrong with it, for each number from 0.

        Read strictly: a number that comes twice or out of its turn, or something behind the end of an answer, is no answer, because
        nobody knows whose it is. The line of ### may lack where the next number follows, and at the end of all unless it was `cut`.
        """
        heads = list(self._head.finditer(text))
        numbers = [int(head[1]) for head in heads]
        found: list[str | Unusable] = [Unusable("missing")] * count
        ends = [*(head.start() for head in heads), len(text)][1:]
        for turn, (head, number, end) in enumerate(zip(heads, numbers, ends, strict=True)):
            if number >= count:
                continue
            if numbers.count(number) > 1:
                found[number] = Unusable("twice")
            elif number != turn:
                found[number] = Unusable("out-of-turn")
            else:
                found[number] = _body(text[head.end() : end], cut=cut and end == len(text))
        return found


def _body(text: str, *, cut: bool) -> str | Unusable:
    if cut and not _END_OF_ALL.search(text):
        return Unusable("length", " ".join(text.split())[-200:])
    parts = _END_LINE.split(_END_OF_ALL.sub(f"\n{END}", text, count=1))
    if any(part.strip() for part in parts[1:]):
        return Unusable("stray-text", " ".join("".join(parts[1:]).split())[:200])
    body = parts[0].strip()
    return body or Unusable("empty")


@cache
def _prompts() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(
        files("seodang_answer").joinpath("prompts.toml").read_text(encoding="utf-8")
    )
    return found
