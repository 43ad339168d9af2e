"""What a judge is asked: our own words by language, FastChat's file of judge prompts, or an annotator of AlpacaEval's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import seodang

from seodang_alpaca_eval.questions import Question
from seodang_alpaca_eval.verdicts import grade_in, verdict_in

SIDES = ("A", "B")
PAIR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "better": {"type": "string", "enum": ["A", "B", "tie"]}},
    "required": ["reason", "better"],
    "additionalProperties": False,
}
GRADE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "grade": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["reason", "grade"],
    "additionalProperties": False,
}
_PLACE = re.compile(r"\{(\w+)\}")
_MATHS = ("math", "reasoning", "coding", "arena-hard-200")
"""The categories for which FastChat shows the judge a reference."""


class Shown(NamedTuple):
    """What the judge is shown: a question, and of each side its answers up to a turn."""

    question: Question
    sides: tuple[tuple[str, ...], ...]

    @property
    def turns(self) -> int:
        return len(self.sides[0])

    @property
    def is_pair(self) -> bool:
        return len(self.sides) == len(SIDES)


class Prompts(Protocol):
    name: str
    """What the protocol of a score calls them."""

    def request(self, shown: Shown, context: seodang.Context) -> seodang.Request: ...

    def read(self, answer: seodang.Answer, shown: Shown) -> float | None:
        """For two sides how far the first is better: 1, 0.5 or 0. For one side its grade. None where the answer does not say it."""
        ...


class Own:
    """Ours. Every text of a stranger is enclosed, so that an answer cannot pass for a verdict or close its own marks."""

    def __init__(self, language: str, *, schema: bool) -> None:
        self.name = f"prompts {language}" + ("" if schema else ", text")
        self._words = words_in(language)
        self._schema = schema

    def request(self, shown: Shown, context: seodang.Context) -> seodang.Request:
        kind = "pair" if shown.is_pair else "grade"
        reference = shown.question.references[: shown.turns]
        told = [self._words[kind]]
        told += [self._words["last-turn"]] if shown.turns > 1 else []
        told += [self._words["with-reference"]] if reference else []
        told.append(self._words[f"{kind}-{'json' if self._schema else 'text'}"])
        parts = []
        record = seodang.Record(
            messages=tuple(seodang.Message("assistant", text) for side in shown.sides for text in side), id=shown.question.id
        )
        guard = seodang.Guard(record, context)
        for turn in range(shown.turns):
            number = f" {turn + 1}" if shown.turns > 1 else ""
            parts.append((f"{self._words['question']}{number}", shown.question.turns[turn]))
            if turn < len(reference):
                parts.append((f"{self._words['reference']}{number}", reference[turn]))
            for name, side in zip(SIDES, shown.sides, strict=False):
                named = f" {name}" if kind == "pair" else ""
                parts.append((f"{self._words['answer']}{named}{number}", side[turn]))
        text = "\n\n".join(f"[{title}]\n{guard.enclose(text)}" for title, text in parts)
        schema = None if not self._schema else PAIR_SCHEMA if kind == "pair" else GRADE_SCHEMA
        system = seodang.Message("system", guard.system(" ".join(told)))
        return seodang.Request(messages=(system, seodang.Message("user", text)), schema=schema)

    def read(self, answer: seodang.Answer, shown: Shown) -> float | None:
        if not self._schema:
            return _said_in(answer.message.text, shown)
        try:
            said = answer.json()
        except ValueError:
            return None
        if not isinstance(said, dict):
            return None
        if shown.is_pair:
            return {"A": 1.0, "B": 0.0, "tie": 0.5}.get(str(said.get("better")))
        grade = said.get("grade")
        return float(grade) if isinstance(grade, int) and not isinstance(grade, bool) and 1 <= grade <= 10 else None


def words_in(language: str) -> Mapping[str, str]:
    """What a judge is asked in a language, by its parts."""
    words: Mapping[str, str] | None = _texts().get(language)
    if words is None or language == "controls":
        known = sorted(_texts().keys() - {"controls"})
        raise seodang.DataError("seodang_alpaca_eval:no-prompts", language=language, known=known)
    return words


class FastChat:
    """The prompts in a file of FastChat's form (`judge_prompts.jsonl`, KoMT-Bench's too), word for word: nothing is enclosed."""

    def __init__(self, path: Path, context: seodang.Context) -> None:
        self.name = f"prompts {path.name}"
        self._path = path
        self._prompts = {str(row.values.get("name", "")): row.values for row in context.rows(path)}

    def request(self, shown: Shown, context: seodang.Context) -> seodang.Request:
        pair = shown.is_pair
        wants_reference = bool(shown.question.references) and shown.question.category in _MATHS
        name = (
            ("pair-math-v1" if wants_reference else "pair-v2") if pair else "single-math-v1" if wants_reference else "single-v1"
        )
        name += "-multi-turn" if shown.turns > 1 else ""
        prompt = self._prompts.get(name)
        if prompt is None:
            raise seodang.DataError("seodang_alpaca_eval:no-judge-prompt", path=str(self._path), name=name)
        places = {"question": shown.question.turns[0]}
        for turn in range(shown.turns):
            places[f"question_{turn + 1}"] = shown.question.turns[turn]
            places[f"ref_answer_{turn + 1}"] = shown.question.references[turn] if wants_reference else ""
            for side, letter in zip(shown.sides, ("a", "b"), strict=False):
                places[f"answer_{letter}_{turn + 1}"] = side[turn]
            places[f"answer_{turn + 1}"] = shown.sides[0][turn]
        places |= {"answer": shown.sides[0][0], "answer_a": shown.sides[0][0], "answer_b": shown.sides[-1][0]}
        text = _PLACE.sub(lambda found: places.get(found[1], found[0]), str(prompt["prompt_template"]))
        system = seodang.Message("system", str(prompt["system_prompt"]))
        return seodang.Request(messages=(system, seodang.Message("user", text)))

    def read(self, answer: seodang.Answer, shown: Shown) -> float | None:
        return _said_in(answer.message.text, shown)


def _said_in(text: str, shown: Shown) -> float | None:
    """Of a pair its verdict and of one answer its grade: a judge that grades a pair has said no verdict."""
    return verdict_in(text) if shown.is_pair else grade_in(text)


def controls(language: str) -> Mapping[str, str]:
    """Answers that answer nothing, by what they try."""
    found: Mapping[str, str] = _texts()["controls"][language if language in _texts()["controls"] else "en"]
    return found


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("prompts.toml").read_text(encoding="utf-8"))


def prompts_of(options: Any, context: seodang.Context) -> Prompts:
    """The annotator, else the file of prompts, else ours in `judge_language` or the recipe's language where we have it."""
    if getattr(options, "annotator", ""):
        from seodang_alpaca_eval.annotators import Annotator

        return Annotator(context.files("annotator")[0], options.annotator_name)
    if options.prompts:
        return FastChat(context.files("prompts")[0], context)
    language = options.judge_language or (context.language if context.language in _texts() else "en")
    return Own(language, schema=options.schema)


def texts_of(questions: Sequence[Question]) -> list[str]:
    return [turn for question in questions for turn in question.turns]


__all__ = ["FastChat", "Own", "Prompts", "Shown", "controls", "prompts_of", "texts_of"]
