"""What is asked in which language, and by what a bad answer is known: the locale's texts, and this plugin's own in `texts.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import seodang

Operation = Literal["constraints", "deepen", "concretise", "reasoning", "complicate", "broader"]
OPERATIONS: tuple[Operation, ...] = ("constraints", "deepen", "concretise", "reasoning", "complicate", "broader")
PLACES = ("instruction",)
_SHORT = {"words": 80, "characters": 250}
_SENTENCE = 12
"""A sentence of a prompt that has so many signs is not in an instruction by chance."""


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language of `texts.toml`."""

    deeper: str
    same: str
    methods: Mapping[str, str]
    short: int
    reviewed: Literal["author", "unreviewed"]
    copied: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()


class Way(msgspec.Struct, frozen=True):
    """How one operation is asked for. `name` is what rows are marked with; `sentences` are those of the prompt itself."""

    name: str
    prompt: seodang.Prompt
    method: str
    sentences: tuple[str, ...]

    def fill(self, instruction: str) -> str:
        return self.prompt.fill(instruction=instruction, method=self.method)


class Wording:
    """The texts of one language, chosen once for a step."""

    def __init__(self, lesson: seodang.Lesson, context: seodang.Context) -> None:
        self._lesson = lesson
        self._context = context
        self.locale = locale = context.locale
        self.own = own_texts().get(context.language)
        self.short = self.own.short if self.own else _SHORT[locale.unit]
        self.same = seodang.Prompt(self.own.same.strip(), needs=("first", "second"), where="same") if self.own else None
        self._copied = self.own.copied if self.own else ()
        self._nothing = frozenset(self.own.nothing) if self.own else frozenset()
        labels = sorted({*locale.markers.get("instruction", ()), *(self.own.labels if self.own else ())}, key=len, reverse=True)
        known = "|".join(map(re.escape, labels))
        self._label = re.compile(rf"\A[\W_]*(?:{known})[*_ \t]*(?:[:：][*_]*|[\]】]\s*\n)\s*", re.IGNORECASE) if labels else None
        refusal = locale.patterns.get("refusal", "")
        self._refusal = re.compile(refusal) if refusal else None

    def way(self, operation: Operation) -> Way:
        """The locale's prompt of that name, else this plugin's, else the locale's general one. A file of the user's goes before all."""
        prompts = self.locale.prompts
        if operation == "broader":
            return self._way("broader", _needed(self.locale, "evolve-broader"))
        method = self.own.methods[operation] if self.own else ""
        if getattr(self._lesson.options, "prompt", ""):
            prompt = self._lesson.prompt("", self._context, needs=PLACES, offers=("method",))
            return Way(
                operation if self.own and "method" in prompt.places else "deeper", prompt, method, self._sentences(prompt.text)
            )
        if f"evolve-{operation}" in prompts:
            return self._way(operation, prompts[f"evolve-{operation}"])
        if self.own:
            return self._way(operation, self.own.deeper.strip(), method)
        return self._way("deeper", _needed(self.locale, "evolve-deeper"))

    def _way(self, name: str, text: str, method: str = "") -> Way:
        prompt = seodang.Prompt(text, needs=PLACES, offers=("method",), where=f"evolve-{name}")
        return Way(name, prompt, method, self._sentences(text))

    def _sentences(self, text: str) -> tuple[str, ...]:
        parts = [part.strip(" -\n") for line in text.splitlines() for part in self.locale.sentences(line)]
        return tuple(part for part in parts if len(part) >= _SENTENCE and "{" not in part)

    def instruction_in(self, answer: str) -> str:
        """The instruction alone, without the label and the quotation marks that models put around it."""
        text = answer.strip()
        if self._label:
            text = self._label.sub("", text, count=1).strip()
        for first, last in (("“", "”"), ('"', '"'), ("「", "」"), ("『", "』"), ("```\n", "\n```")):
            inside = text[len(first) : len(text) - len(last)]
            if text.startswith(first) and text.endswith(last) and inside and first not in inside and last not in inside:
                return inside.strip()
        return text

    def copied(self, text: str, before: str, way: Way) -> str:
        """Words of the prompt that the new instruction took over and the earlier one had not; or nothing."""
        folded, known = text.casefold(), before.casefold()
        for words in (*self._copied, *way.sentences):
            if words.casefold() in folded and words.casefold() not in known:
                return words
        return ""

    def is_same(self, first: str, second: str) -> bool:
        """Whether two instructions have the same words in the same order."""
        return self._tokens(first) == self._tokens(second)

    def _tokens(self, text: str) -> list[str]:
        tokens = list(self.locale.similarity_tokens(text))
        return tokens or self.locale.normal(text).casefold().split()

    def declines(self, answer: str) -> str:
        """The phrase with which a short answer declines; a long one that has it may have said more."""
        if self.locale.length(answer) >= self.short:
            return ""
        if phrase := next((phrase for phrase in self.locale.refusals if phrase.casefold() in answer.casefold()), ""):
            return phrase
        found = self._refusal.search(answer) if self._refusal else None
        return found.group() if found else ""

    def says_nothing(self, answer: str) -> bool:
        """Nothing but marks and words that mean nothing alone."""
        return all(word in self._nothing for word in re.findall(r"\w+", answer.casefold()))

    def says_yes(self, answer: str) -> bool:
        """Whether an answer begins with the locale's yes, and not with a longer word for no."""
        markers = self.locale.markers
        said = answer.strip(" \n*\"'“”「」.").casefold()
        words = {word.casefold(): kind for kind in ("yes", "no") for word in markers.get(kind, ())}
        return next((words[word] for word in sorted(words, key=len, reverse=True) if said.startswith(word)), "") == "yes"


def _needed(locale: seodang.Locale, name: str) -> str:
    if not (text := locale.prompts.get(name)):
        raise seodang.SeodangError("seodang_evolve:locale-lacks", language=locale.language, prompt=name)
    return text


@cache
def own_texts() -> Mapping[str, Texts]:
    told = tomllib.loads(files(__package__).joinpath("texts.toml").read_text(encoding="utf-8"))
    return msgspec.convert(told, dict[str, Texts])
