"""FastChat's rules, in its order and with its quirks, so that what Vicuna was trained on can be told again.

The rules are those of its last revision (0e6d3e4): cleaning, language, splitting, restarting lists. What is mended in them is in
`repairing`; here nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import seodang

from seodang_sharegpt.dialogues import Unusable
from seodang_sharegpt.fastchat_markdown import fastchat_markdown

BLOCKED_WORDS = ("openai", "chatgpt")
BLOCKED_ANSWERS = ("Too many requests in 1 hour. Try again later.", "!Too many requests in 1 hour. Try again later.")
"""FastChat 0.2.36 and older did not look for these answers yet."""
LEAST_CHARACTERS = 16

_SPEAKERS = ("human", "gpt")
_DIV = re.compile(r"<div.*?>")
_SPAN = re.compile(r"<span.*?>")
# "```", the language, the button, the code: with DOTALL, so that a block without a button is joined to a later one that has it.
_CODE_WITH_BUTTON = re.compile(r"```\s*(.*?)(?:Copy code)+(.+?)\s*?```", re.DOTALL)
_EMPTY_CODE = re.compile(r"```(.*?)Copy code\s*```")
_COUNTER = re.compile(r"\d+ / \d+")
_COUNTED = re.compile(r"Copy\d+ chars / \d+ words")
_REPEATED_DIGITS = re.compile(r"(\d)\1{8}")


class Cleaned(msgspec.Struct, frozen=True):
    """The turns that are left, as (speaker, Markdown), and how many of the file's were cut."""

    turns: tuple[tuple[str, str], ...]
    cut: int


class Cleaner:
    """Cleans dialogue after dialogue. Knows the ids and first rounds that were kept: the order of a file matters."""

    def __init__(self, blocked_answers: Sequence[str] = BLOCKED_ANSWERS) -> None:
        self._blocked_answers = tuple(blocked_answers)
        self._seen: dict[bytes, str] = {}

    def clean(self, values: Mapping[str, Any]) -> Cleaned:
        """What is left of the dialogue. Raises Unusable where FastChat leaves it out, or would stop with an error."""
        turns, known = _turns(values), values.get("id")
        cleaned = self._cleaned(turns)
        if isinstance(known, bool) or not isinstance(known, str | int):
            raise Unusable("no-id", "the dialogue has no id, and FastChat asks for one")
        if first := self._seen.get(_mark(known)):
            raise Unusable("repeated-id", f"the id is that of {first}")
        if values.get("plugins") is not None:
            raise Unusable("plugins", "the answers come from plugins")
        first_round = _mark(*(text for _, text in cleaned.turns[:2]))
        if first := self._seen.get(first_round):
            raise Unusable("repeated", f"the first question and answer are those of {first}")
        self._seen[_mark(known)] = self._seen[first_round] = str(known)
        return cleaned

    def _cleaned(self, turns: Sequence[tuple[Any, Any]]) -> Cleaned:
        before = len(turns)
        if len(turns) > 1 and turns[0][0] != "human":
            turns = turns[1:]
        if len(turns) > 1 and turns[-1][0] == "human":
            turns = turns[:-1]
        if len(turns) <= 1:
            raise Unusable("too-short", "fewer than two turns")
        kept: list[tuple[str, str]] = []
        for place, (speaker, written) in enumerate(turns):
            if speaker != _SPEAKERS[place % 2]:
                raise Unusable("wrong-order", f"turn {place + 1} is spoken by '{speaker}'")
            if not isinstance(written, str):
                raise Unusable("bad-turn", f"what is said in turn {place + 1} is not a text")
            if word := next((word for word in BLOCKED_WORDS if word in written.lower()), ""):
                raise Unusable("blocked-word", f"turn {place + 1} has '{word}'")
            text = self._markdown(written, place)
            if speaker == "gpt" and text.startswith(self._blocked_answers):
                raise Unusable("blocked-answer", f"turn {place + 1} is an error message of the page")
            if not text or not text[0].isprintable():
                break
            kept.append((speaker, text))
        characters = sum(len(text) for _, text in kept)
        kept = kept[: len(kept) // 2 * 2]
        if characters < LEAST_CHARACTERS or not kept:
            raise Unusable("too-short", f"{characters} characters and {len(kept)} turns are left")
        return Cleaned(tuple(kept), before - len(kept))

    def _markdown(self, written: str, place: int) -> str:
        from bs4.builder import ParserRejectedMarkup

        try:
            text = fastchat_markdown(_SPAN.sub("", _DIV.sub("", written))).strip()
        except (ParserRejectedMarkup, AssertionError, RecursionError, ValueError) as error:
            raise Unusable("parser-error", f"turn {place + 1}: {error}") from error
        if "Copy code" in text:
            text = _CODE_WITH_BUTTON.sub(r"```\1\n\2\n```", text)
        counter = _COUNTER.match(text)
        text = _COUNTED.sub("", text[counter.end() :] if counter else text)
        return _EMPTY_CODE.sub("", text).replace("\n\n\n", "\n").strip()


def has_repeated_digits(texts: Sequence[str]) -> bool:
    """Nine equal digits in a row, which FastChat drops on request."""
    return any(_REPEATED_DIGITS.search(text) for text in texts)


def detected_language(text: str) -> str:
    """The language by CLD2, asked as polyglot asks it: strictly, then for a best guess; "unknown" where neither is reliable."""
    try:
        import pycld2
    except ImportError as error:
        raise seodang.DataError("seodang_sharegpt:needs-detector") from error
    content = text.encode()
    try:
        reliable, _, found = pycld2.detect(content, bestEffort=False)
        if not reliable:
            reliable, _, found = pycld2.detect(content, bestEffort=True)
    except pycld2.error:
        return "unknown"
    return str(found[0][1]) if reliable else "unknown"


def _turns(values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    written = values.get("conversations")
    if not isinstance(written, list):
        raise Unusable("no-dialogue", "conversations is not a list of turns")
    for place, turn in enumerate(written, 1):
        if not isinstance(turn, dict) or "from" not in turn or "value" not in turn:
            raise Unusable("bad-turn", f"turn {place} is not an object of from and value")
    return [(turn["from"], turn["value"]) for turn in written]


def _mark(*parts: str | int) -> bytes:
    """Sixteen bytes for an id or a round. A number and a text that look alike are two ids, as in a dictionary."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
