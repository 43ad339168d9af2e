"""What a filter needs of a locale. A locale that has not got it makes the filter refuse, and say what is missing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import seodang

compiled = cache(re.compile)


def pattern(locale: seodang.Locale, name: str, filter_name: str) -> re.Pattern[str]:
    """The locale's pattern of this name, compiled once."""
    if not (text := locale.patterns.get(name)):
        raise _lacking(locale, f"patterns[{name!r}]", filter_name)
    return compiled(text)


def words(locale: seodang.Locale, name: str, filter_name: str) -> Sequence[str]:
    """A list of the locale: `refusals`, `vendors`, `unsuitable`."""
    if not (found := getattr(locale, name)):
        raise _lacking(locale, name, filter_name)
    return tuple(found)


def limit(locale: seodang.Locale, name: str, filter_name: str) -> int:
    if name not in locale.limits:
        raise _lacking(locale, f"limits[{name!r}]", filter_name)
    return locale.limits[name]


class Sign(msgspec.Struct, frozen=True):
    """What this plugin itself looks for in a language. `words` are in small letters; without one of them nothing is found."""

    name: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]

    def find(self, text: str, folded: str) -> re.Match[str] | None:
        return self.pattern.search(text) if any(word in folded for word in self.words) else None


@cache
def any_word_of(known: tuple[Sign, ...]) -> re.Pattern[str]:
    """Finds one of their words in small letters. Most texts have none, and one search takes a tenth of looking for each."""
    return re.compile("|".join(re.escape(word) for sign in known for word in sign.words))


def signs(kind: str, locale: seodang.Locale, filter_name: str) -> tuple[Sign, ...]:
    """The signs of one kind in `patterns.toml`."""
    if not (found := signs_of(kind, locale.language)):
        raise _lacking(locale, f"patterns.toml [{kind}.{locale.language}]", filter_name)
    return found


@cache
def signs_of(kind: str, language: str) -> tuple[Sign, ...]:
    known = _own()[kind].get(language, {})
    return tuple(Sign(name, tuple(told["words"]), re.compile(told["pattern"])) for name, told in known.items())


@cache
def _own() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8"))


def _lacking(locale: seodang.Locale, what: str, filter_name: str) -> seodang.SeodangError:
    return seodang.SeodangError("seodang_filters:locale-lacks", filter=filter_name, language=locale.language, what=what)
