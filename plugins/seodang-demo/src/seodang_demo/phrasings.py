"""One way of asking: a text with gaps that is both filled (to ask) and recognised (to answer)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping

Particle = Callable[[str, str], str]
"""`locale.particle`: the word with the particle of a choice such as `을/를` that fits its sound."""


class Phrasing:
    """`{noun}` is a gap, `{noun:을/를}` a gap with the particle that fits what fills it."""

    def __init__(self, text: str, gaps: Mapping[str, str]) -> None:
        self._text = text
        pattern = ""
        named: set[str] = set()
        for literal, gap, choice, _ in string.Formatter().parse(text):
            pattern += re.escape(literal)
            if gap:
                pattern += f"(?P={gap})" if gap in named else f"(?P<{gap}>{gaps[gap]})"
                named.add(gap)
            if choice:
                pattern += f"(?:{choice.replace('/', '|')})"
        self._pattern = re.compile(pattern)

    def fill(self, fact: Mapping[str, str], particle: Particle) -> str:
        text = ""
        for literal, gap, choice, _ in string.Formatter().parse(self._text):
            text += literal
            if gap:
                text += particle(fact[gap], choice) if choice else fact[gap]
        return text

    def read(self, text: str) -> dict[str, str] | None:
        """What fills the gaps of a text asked in this way; None for any other text."""
        found = self._pattern.fullmatch(text)
        return found.groupdict() if found else None
