"""What a check looks at, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from seodang.locales import Locale


class Pair(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A text and its translation, both as people read them: what was protected stands in both.

    `role` is the field it is from: `system`, `user`, `assistant`, `tool`, `input`, `thinking`, `candidates` or `columns.NAME`.
    `kept` are the protected parts of the source, in its order. A locale is None where none is installed for the language.
    """

    source: str
    target: str
    source_language: str
    target_language: str
    source_locale: Locale | None = None
    target_locale: Locale | None = None
    role: str = ""
    register: str = ""
    """The speech level that the recipe asks for, or nothing."""
    kept: tuple[str, ...] = ()
    apart: bool = False
    """Whether its sentences were sent one by one."""
    glossary: Mapping[str, str] = {}
    code: tuple[str, ...] | None = None
    """The blocks of code in the source, where they are known: finding them costs as much as all checks of a paragraph."""

    # Several checks look at these, so each is made once, and most texts have nothing to leave out. Not `cached_property`, which takes a
    # lock in Python 3.11: with fifteen checks a text that was a fiftieth of the whole step.
    @property
    def open_source(self) -> str:
        """The source without its protected parts."""
        return self._open("source") if self.kept else self.source

    @property
    def open_target(self) -> str:
        """The translation without the protected parts of the source."""
        return self._open("target") if self.kept else self.target

    def _open(self, side: Literal["source", "target"]) -> str:
        if side not in self.__dict__:
            self.__dict__[side] = without_kept(getattr(self, side), self.kept)
        found: str = self.__dict__[side]
        return found


class Finding(msgspec.Struct, frozen=True):
    """What is wrong. `code` is the name of the check; `detail` says what, in the words of the texts."""

    code: str
    detail: str = ""
    severity: Literal["fail", "warn"] = "fail"


Check = Callable[[Pair], Finding | None]

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def without_kept(text: str, kept: Iterable[str]) -> str:
    """The text with a bar in place of each protected part, so that what stood around it does not become one phrase."""
    for part in sorted({*kept}, key=len, reverse=True):
        if part.strip():
            text = text.replace(part, " | ")
    return text


def words_of(text: str) -> list[str]:
    """Runs of letters."""
    return _WORD.findall(text)


def word_places(text: str) -> Iterable[re.Match[str]]:
    """The same, with where they stand."""
    return _WORD.finditer(text)
