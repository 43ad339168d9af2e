"""An answer on its way to somebody who reads along: a row that tells what it has said, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seodang_local.asked import whole_characters
from seodang_local.drawing import Chooser
from seodang_local.endings import Stops
from seodang_local.flow import Row


class HeardRow(Row):
    """Tells every piece once it is certain: no half character, and nothing that may yet become the string that ends the answer.

    It is called in the thread that drives the rows, whoever asked; `hear` must be quick, and its False means that nobody listens.
    """

    __slots__ = ("_hear", "_told")

    def __init__(
        self,
        ids: Sequence[int],
        most: int,
        chooser: Chooser,
        ends: frozenset[int],
        stops: Stops,
        hear: Callable[[str], bool],
    ) -> None:
        super().__init__(ids, most, chooser, ends, stops)
        self._hear = hear
        self._told = ""

    def take(self, token: int) -> None:
        super().take(token)
        text = self.whole if self.finish else self._certain(whole_characters(self.text))
        if len(text) > len(self._told) and text.startswith(self._told):
            piece, self._told = text[len(self._told) :], text
            if not self._hear(piece) and not self.finish:
                self.finish = "stop"

    @property
    def whole(self) -> str:
        return self.text if self.finish == "stop" else whole_characters(self.text)

    def _certain(self, text: str) -> str:
        held = 0
        for string in self.stops.strings:
            held = max(held, max((n for n in range(1, len(string)) if text.endswith(string[:n])), default=0))
        return text[: len(text) - held]
