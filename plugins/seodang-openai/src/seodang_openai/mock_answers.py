"""What the mock says where a file of answers tells it: the forms that lessons expect, as a function of the prompt.

A file is a list of rules, and the first that fits is taken:

    [[answer]]
    when = "20 task instructions"    # a regular expression, searched in the whole prompt
    text = "{index}. {word} {word:2}에 대해 알려 주세요.\\n"
    repeat = 12
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import seodang

_PLACE = re.compile(r"\{(index|word|group|echo|mark)(?::(\d+))?\}")
_GROUP = re.compile(r"group:(\d+)")
_ECHO = 80
_VOWELS, _FINALS = 21, 28
_COMMON_INITIALS = (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 16, 17, 18)
_COMMON_VOWELS = (0, 1, 4, 5, 6, 8, 13, 18, 20)
_COMMON_FINALS = (0, 0, 0, 0, 1, 4, 8, 16, 17, 21)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[answer]]`. `share` leaves the other prompts, chosen by their hash, to the rules below it. `call` is the name of a tool,
    whose arguments are then the text."""

    when: str
    text: str = ""
    repeat: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    first: int | str = 1
    before: str = ""
    after: str = ""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    thinking: str = ""
    call: str = ""
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.when).groups
        except re.error as error:
            raise ValueError(f"when = {self.when!r} is no regular expression: {error}") from None
        if isinstance(self.first, str) and not _GROUP.fullmatch(self.first):
            raise ValueError(f"first = {self.first!r}: write a number, or 'group:1' for a number that `when` has found")
        named = [
            number for place, number in _PLACE.findall(self.before + self.text + self.after + self.thinking) if place == "group"
        ]
        if isinstance(self.first, str):
            named.append(self.first.partition(":")[2])
        if any(int(number or 1) > groups for number in named):
            raise ValueError(
                f"when = {self.when!r} has {groups} groups, and group {max(map(int, filter(None, named)))} is asked for"
            )


class Said(msgspec.Struct, frozen=True):
    text: str
    finish: str = "stop"
    thinking: str = ""
    call: str = ""


class Answers:
    """The rules of a file, or of a test: `Answers([{"when": "안녕", "text": "네"}])`."""

    def __init__(self, rules: Iterable[Rule | Mapping[str, Any]], *, origin: str = "answers") -> None:
        self._rules = [(rule, re.compile(rule.when)) for rule in _checked(rules, origin)]

    @classmethod
    def read(cls, source: str | Path) -> Answers:
        """From a file, or from the `answers.toml` of the recipe of this name that is installed."""
        path = Path(source)
        if path.suffix != ".toml" and not path.is_file():  # a recipe may be named koalpaca-v1.0
            path = _of_recipe(str(source))
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise seodang.DataError(
                "seodang_openai:answers-unreadable", file=path.name, error=error.strerror or str(error)
            ) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise seodang.DataError("seodang_openai:answers-unreadable", file=path.name, error=str(error)) from None
        if set(told) != {"answer"} or not isinstance(told["answer"], list):
            raise seodang.DataError("seodang_openai:answers-empty", file=path.name)
        return cls(told["answer"], origin=path.name)

    def to(self, prompt: str, last: str, salt: str = "") -> Said | None:
        """What the first rule that fits says; `last` is the last message of the user, `salt` tells samples apart."""
        for number, (rule, pattern) in enumerate(self._rules):
            found = pattern.search(prompt)
            if found and _share(prompt + salt, number) < rule.share:
                text = "".join(_parts(rule, found, prompt + salt, last))
                return Said(text, rule.finish, _filled(rule.thinking, found, prompt + salt, last, 1), rule.call)
        return None


def _checked(rules: Iterable[Rule | Mapping[str, Any]], origin: str) -> Iterator[Rule]:
    for number, rule in enumerate(rules, 1):
        try:
            yield rule if isinstance(rule, Rule) else msgspec.convert(rule, Rule)
        except (msgspec.ValidationError, ValueError) as error:
            raise seodang.DataError("seodang_openai:answers-rule", file=origin, number=number, error=str(error)) from None


def _of_recipe(name: str) -> Path:
    from seodang.recipes.shipped import find_shipped, shipped_recipes

    path = find_shipped(name, shipped_recipes()).directory / "answers.toml"
    if not path.is_file():
        raise seodang.DataError("seodang_openai:answers-none", recipe=name)
    return path


def _parts(rule: Rule, found: re.Match[str], prompt: str, last: str) -> Iterator[str]:
    first = rule.first if isinstance(rule.first, int) else _number(found.group(int(rule.first.partition(":")[2])))
    yield _filled(rule.before, found, prompt, last, first)
    for index in range(first, first + rule.repeat):
        yield _filled(rule.text, found, prompt, last, index)
    yield _filled(rule.after, found, prompt, last, first + rule.repeat)


def _number(text: str | None) -> int:
    return int(text) if text and text.strip().isdecimal() else 1


def _filled(text: str, found: re.Match[str], prompt: str, last: str, index: int) -> str:
    """In one pass: what the prompt brings in may hold braces too, and they are text."""

    def place(hit: re.Match[str]) -> str:
        name, number = hit.group(1), hit.group(2)
        if name == "index":
            return str(index)
        if name == "word":
            return word(f"{prompt}\0{index}\0{number or 1}")
        if name == "group":
            return found.group(int(number or 1)) or ""
        if name == "mark":
            return hashlib.blake2b(prompt.encode(), digest_size=16).hexdigest()[:12]
        return last[: int(number or _ECHO)]

    return _PLACE.sub(place, text)


def word(key: str) -> str:
    """Two to four Hangul syllables, drawn from the hash of `key`. They mean nothing, and look like words to a filter."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return "".join(_syllable(*digest[3 * place : 3 * place + 3]) for place in range(2 + digest[15] % 3))


def _syllable(initial: int, vowel: int, final: int) -> str:
    chosen = _COMMON_INITIALS[initial % len(_COMMON_INITIALS)] * _VOWELS + _COMMON_VOWELS[vowel % len(_COMMON_VOWELS)]
    return chr(0xAC00 + chosen * _FINALS + _COMMON_FINALS[final % len(_COMMON_FINALS)])


def _share(prompt: str, number: int) -> float:
    return int.from_bytes(hashlib.blake2b(f"{number}\0{prompt}".encode(), digest_size=8).digest(), "big") / 2**64
