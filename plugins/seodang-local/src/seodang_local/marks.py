"""Messages on their way through a chat template that reads special tokens: what looks like one in a message stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import seodang

SPECIAL = re.compile(r"<\|[^|<>]{1,64}\|>|</?s>|<[a-z]+_of_[a-z]+>|\[/?[A-Z]{3,20}\]")
"""How the makers of models spell what ends a turn; llama.cpp does not tell which tokens of a file are special."""


class Marks:
    """Stands in for what looks like a special token, while the template writes around it."""

    def __init__(self, messages: Sequence[seodang.Message]) -> None:
        said = "".join(message.text + message.thinking for message in messages)
        # Two characters for private use that nobody has said, to enclose a number.
        self._open, self._close = [sign for code in range(0xE000, 0xF8FF) if (sign := chr(code)) not in said][:2]
        self._hidden: list[str] = []

    def hide(self, text: str) -> str:
        def mark(match: re.Match[str]) -> str:
            self._hidden.append(match[0])
            return f"{self._open}{len(self._hidden) - 1}{self._close}"

        return SPECIAL.sub(mark, text)

    def pieces(self, text: str) -> list[tuple[str, bool]]:
        """What was written, in pieces; true for what was hidden, which stands as it was said."""
        parts = re.split(f"{self._open}(\\d+){self._close}", text)
        return [(self._hidden[int(part)], True) if place % 2 else (part, False) for place, part in enumerate(parts) if part]
