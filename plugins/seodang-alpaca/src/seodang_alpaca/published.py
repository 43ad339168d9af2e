"""`variant = "faithful"`: Stanford Alpaca as it was published, its quirks included. What it is made of lies in `published/`."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import seodang

from seodang_alpaca.tasks import Task, Unfit, Unread

_PARTS = 7
"""A block that is split at its three labels has so many parts: what stands before, and each label with what follows it."""
_TOO_LONG = re.compile(r"reduce your prompt|reduce the length|maximum context length", re.IGNORECASE)
"""What the vendor says when prompt and answer do not fit together, when Alpaca was made and since."""
_LEAST_TOKENS = 64
"""Alpaca shortens without end; an answer of so few tokens holds no task any more."""


class Constants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in `constants.toml`."""

    shown: int
    tasks: int
    prompts_per_round: int
    temperature: float
    top_p: float
    max_tokens: int
    max_tokens_factor: float
    stop: tuple[str, ...]
    threshold: float
    most_similar: int
    words_least: int
    words_most: int
    forbidden_beginning: str
    forbidden_words: tuple[str, ...]
    logit_bias: Mapping[str, int]


class Published:
    """Asks, reads and sifts as `generate_instruction.py` does. `per_round` is how many prompts it sends before it reads."""

    def __init__(self, context: seodang.Context) -> None:
        self.constants = constants()
        self.shown = self.constants.shown
        self.per_round = self.constants.prompts_per_round
        self.new_per_batch = self.constants.tasks - self.shown
        self.always_whole_rounds = True
        self.pool = context.get("filter", "novelty", tokens="rouge", threshold=self.constants.threshold).pool(context)

    def request(self, seeds: Sequence[seodang.Record]) -> seodang.Request:
        known = self.constants
        return seodang.Request(
            messages=(seodang.Message("user", prompt_of(seeds)),),
            temperature=known.temperature,
            max_tokens=known.max_tokens,
            stop=known.stop,
            extra={"top_p": known.top_p, "logit_bias": dict(known.logit_bias)},
        )

    def shorter(self, request: seodang.Request, refused: seodang.Refused) -> seodang.Request | None:
        """The request with room for a shorter answer, where that is what the server asks for."""
        fewer = int((request.max_tokens or 0) * self.constants.max_tokens_factor)
        if fewer < _LEAST_TOKENS or not _TOO_LONG.search(refused.detail):
            return None
        return msgspec.structs.replace(request, max_tokens=fewer)

    def read(self, text: str, *, cut: bool) -> Iterator[Task | Unread]:
        """Splits at every `###`, wherever it stands, and counts the blocks: one that is out of step is lost."""
        blocks = f"{self.shown + 1}. Instruction:{text}".split("###")
        for number, block in enumerate(blocks):
            position = number + self.shown + 1
            parts = re.split(rf"{position}\.\s+(Instruction|Input|Output):", block)
            if cut and number == len(blocks) - 1:
                yield Unread(position, "cut", block.strip())
            elif len(parts) == _PARTS:
                given = parts[4].strip()
                yield Task(position, parts[2].strip(), "" if given.lower() == "<noinput>" else given, parts[6].strip())
            elif block.strip():
                yield Unread(position, "malformed", block.strip())

    def unfit(self, task: Task) -> Unfit | None:
        """Of the instruction alone, in the published order."""
        known, instruction = self.constants, task.instruction
        words = len(instruction.split())
        if words < known.words_least:
            return Unfit("too-short", f"{words} < {known.words_least}")
        if words > known.words_most:
            return Unfit("too-long", f"{words} > {known.words_most}")
        for word in known.forbidden_words:
            if re.search(rf"\b({word})\b", instruction, re.IGNORECASE):
                return Unfit("forbidden-word", word)
        if instruction.startswith(known.forbidden_beginning):
            return Unfit("asks-for-program", known.forbidden_beginning)
        if instruction[0] in string.punctuation:
            return Unfit("begins-with-punctuation", instruction[0])
        if not instruction[0].isascii():
            return Unfit("begins-not-in-ascii", instruction[0])
        return None

    def record(self, task: Task, **fields: Any) -> seodang.Record:
        """An empty output is kept, as it was."""
        turns = (seodang.Message("user", task.instruction), seodang.Message("assistant", task.output))
        return seodang.Record(messages=turns, input=task.input, **fields)

    def tags(self, task: Task) -> dict[str, Any]:
        """The likest instructions of the pool, and the mean likeness to all of it: Alpaca writes both beside each row."""
        similarity = self.pool.similarity(task.instruction, self.constants.most_similar)
        return {
            "most_similar_instructions": {near.name: near.score for near in similarity.nearest},
            "avg_similarity_score": similarity.mean,
        }


def prompt_of(seeds: Sequence[seodang.Record]) -> str:
    """The published text, the seeds, and the beginning of the next task."""
    parts = [prompt_text() + "\n"]
    for number, seed in enumerate(seeds, 1):
        instruction = re.sub(r"\s+", " ", seed.question).strip().rstrip(":")
        parts.append(f"###\n{number}. Instruction: {instruction}\n")
        parts.append(f"{number}. Input:\n{seed.input or '<noinput>'}\n")
        parts.append(f"{number}. Output:\n{seed.answer}\n")
    parts.append(f"###\n{len(seeds) + 1}. Instruction:")
    return "".join(parts)


@cache
def prompt_text() -> str:
    return files(__package__).joinpath("published", "prompt.txt").read_text(encoding="utf-8")


@cache
def constants() -> Constants:
    told = tomllib.loads(files(__package__).joinpath("published", "constants.toml").read_text(encoding="utf-8"))
    return msgspec.convert(told, Constants)
