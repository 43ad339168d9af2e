"""`variant = "repaired"`: the same idea in the words and the measures of the recipe's language, without what went wrong in Alpaca."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import seodang

from seodang_alpaca.reading import Form
from seodang_alpaca.tasks import Task, Unfit, Unread

PROMPT = "new-instructions"
MARKERS = ("instruction", "input", "output", "no-input")
LIMITS = ("instruction-least", "instruction-most", "input-most", "answer-least", "answer-most")
PER_ROUND = 32
"""Enough for a round to keep a server busy, and little to be thrown away where the last round brings more than was wanted."""


class Repaired:
    """Asks in the locale's words, without a stop string; reads leniently; sifts by the locale's limits, words and tokens."""

    def __init__(self, lesson: seodang.Lesson, context: seodang.Context) -> None:
        options: Any = lesson.options
        locale = context.locale
        self._ask_for = lesson.ask_for
        self._context = context
        self._locale = locale
        self._limits: Mapping[str, int] = {name: _needed(locale, "limits", name) for name in LIMITS}
        self._words = {name: _needed(locale, "markers", name) for name in MARKERS}
        self._bad_beginning = re.compile(locale.patterns["bad-beginning"]) if "bad-beginning" in locale.patterns else None
        own = "" if options.prompt else _needed(locale, "prompts", PROMPT)
        self._prompt = lesson.prompt(own, context, needs=("examples",), offers=("count", "first"), where=PROMPT)
        self._form = Form(self._words)
        self._keywords = context.get("filter", options.keywords) if options.keywords else None
        given = {} if options.threshold is None else {"threshold": options.threshold}
        self.pool = _pool_of(options.novelty, given, context)
        self.shown = options.shown
        self.per_round = PER_ROUND
        self.new_per_batch = options.tasks - options.shown
        self.always_whole_rounds = False

    def request(self, seeds: Sequence[seodang.Record]) -> seodang.Request:
        examples = "\n###\n".join(self._example(number, seed) for number, seed in enumerate(seeds, 1))
        text = self._prompt.fill(examples=examples, count=str(self.new_per_batch), first=str(self.shown + 1))
        return self._ask_for(text)

    def _example(self, number: int, seed: seodang.Record) -> str:
        instruction, given, output, nothing = (self._words[name][0] for name in MARKERS)
        parts = ((instruction, seed.question), (given, seed.input or nothing), (output, seed.answer))
        return "\n".join(f"{number}. {word}: {text.strip()}" for word, text in parts)

    def shorter(self, request: seodang.Request, refused: seodang.Refused) -> seodang.Request | None:
        """Room for the answer is the recipe's `max_tokens`, which people set: it is not changed behind their backs."""
        return None

    def read(self, text: str, *, cut: bool) -> Iterator[Task | Unread]:
        return self._form.read(text, first=self.shown + 1, cut=cut)

    def unfit(self, task: Task) -> Unfit | None:
        for part, text in (("instruction", task.instruction), ("input", task.input), ("answer", task.output)):
            length = self._locale.length(text)
            least, most = self._limits.get(f"{part}-least", 0), self._limits[f"{part}-most"]
            if length < least:
                return Unfit(f"{part}-too-short", f"{length} < {least}")
            if length > most:
                return Unfit(f"{part}-too-long", f"{length} > {most}")
        if self._bad_beginning and (found := self._bad_beginning.search(task.instruction)):
            return Unfit("bad-beginning", found.group())
        if self._keywords is not None:
            verdict = self._keywords.sift([self.record(task)], self._context)[0]
            if isinstance(verdict, seodang.Drop):
                return Unfit(verdict.code, verdict.detail)
        return None

    def record(self, task: Task, **fields: Any) -> seodang.Record:
        return seodang.single_turn(task.instruction, task.output, input=task.input, **fields)

    def tags(self, task: Task) -> dict[str, Any]:
        return {}


def _pool_of(name: str, options: Mapping[str, Any], context: seodang.Context) -> Any:
    """Tasks are asked about one by one, while they are made: a filter of finished records is of no use here."""
    pool = getattr(context.get("filter", name, **options), "pool", None)
    if pool is None:
        raise seodang.SeodangError("seodang_alpaca:no-pool", name=name)
    return pool(context)


def _needed(locale: seodang.Locale, what: str, name: str) -> Any:
    """What cannot be made up: a language that lacks it is told so before anything is asked."""
    if not (found := getattr(locale, what).get(name)):
        raise seodang.SeodangError("seodang_alpaca:locale-lacks", language=locale.language, what=f"{what}[{name!r}]")
    return found
