"""The texts that this lesson brings itself, in each language that it speaks; a locale's of the same name come before them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import seodang

NEEDED = ("instruction", "input", "output", "label", "no-input", "yes", "no")


@cache
def _own() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("texts.toml").read_text(encoding="utf-8"))


class Texts:
    """The prompts, words and limits of one language. What is missing is an error at once, and not in the middle of a run."""

    def __init__(self, locale: seodang.Locale) -> None:
        self._locale = locale
        self._texts = _own().get(locale.language, {})
        self.markers = {name: self._words(name) for name in NEEDED}
        self.examples: Sequence[str] = tuple(self._texts.get("example", ("Example",)))

    def prompt(self, name: str) -> str:
        found = self._locale.prompts.get(name) or self._texts.get(name, "")
        if not found:
            raise self._lacking(f"prompts[{name!r}]")
        return str(found).strip()

    def limit(self, name: str) -> int:
        if name not in self._locale.limits:
            raise self._lacking(f"limits[{name!r}]")
        return self._locale.limits[name]

    def pattern(self, name: str) -> str:
        if not self._locale.patterns.get(name):
            raise self._lacking(f"patterns[{name!r}]")
        return self._locale.patterns[name]

    @property
    def words(self) -> dict[str, str]:
        """The first of each marker, as prompts use it; their names as places in a prompt."""
        return {name.replace("-", "_"): words[0] for name, words in self.markers.items()}

    def colon_after(self, marker: str, prompt: str) -> str:
        """What stands after the first word of a marker in this prompt: `: ` here, `：` there."""
        word = self.markers[marker][0]
        return "：" if f"{word}：" in prompt else ": "

    def _words(self, name: str) -> tuple[str, ...]:
        if not self._locale.markers.get(name):
            raise self._lacking(f"markers[{name!r}]")
        return tuple(self._locale.markers[name])

    def _lacking(self, what: str) -> seodang.SeodangError:
        return seodang.SeodangError("seodang_self_instruct:locale-lacks", language=self._locale.language, what=what)
