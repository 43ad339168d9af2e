"""Where an answer ends: stop strings found token by token."""

from __future__ import annotations

from collections.abc import Sequence

from seodang_local.loading import Loaded

BESIDE = 4
"""A character of four bytes may begin before the stop string and end in it."""


class Stops:
    """Stop strings, looked for in what was said last."""

    def __init__(self, loaded: Loaded, strings: Sequence[str]) -> None:
        self.loaded = loaded
        self.strings = tuple(dict.fromkeys(string for string in strings if string))
        # With a tokenizer of bytes every byte of it may be a token.
        self._last = max((len(string.encode()) for string in self.strings), default=0) + BESIDE

    def reached(self, said: list[int]) -> bool:
        if not self.strings:
            return False
        tail = self.loaded.text(said[-self._last :])
        return any(string in tail for string in self.strings)

    def before(self, text: str) -> str:
        """The text up to the first of them."""
        return text[: min((place for string in self.strings if (place := text.find(string)) >= 0), default=len(text))]
