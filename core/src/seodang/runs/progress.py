"""Tells people how far a run is: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import shutil
import sys
import unicodedata
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any

from seodang.traffic.clock import Clock
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.asking.batches import Batches
    from seodang.runs.output import Output
    from seodang.traffic.lane import Lane

PLAIN_SECONDS = 5.0
"""A log file gets a line this often; a terminal's line is renewed four times a second."""


class Progress:
    """Telling costs an assignment; the line is made by a ticker, so that a step may tell as often as it likes."""

    def __init__(self, clock: Clock, stream: IO[str] | None = None, *, quiet: bool = False) -> None:
        self._clock = clock
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet
        self._terminal = not quiet and self._stream.isatty()
        self._money: Callable[[int, int | None], str] = lambda done, total: ""
        self._lanes: list[Lane | Batches] = []
        self._width = 0
        self._last = ""
        self.begin("", 0, 0)

    def begin(self, title: str, number: int, steps: int) -> None:
        """A step begins."""
        self._title = f"[{number}/{steps}] {title}" if steps else title
        self._started = self._told = self._clock.monotonic()
        self._done = self._first = 0
        self._total: int | None = None
        self._facts: Mapping[str, Any] = {}
        self._output: Output | None = None

    def begin_rows(self, total: int, output: Output | None = None) -> None:
        self._total = total
        self._output = output

    def tell(self, done: int, total: int | None, facts: Mapping[str, Any]) -> None:
        self._done = done
        self._total = total if total is not None else self._total
        self._facts = facts

    def watch(self, lane: Lane | Batches) -> None:
        self._lanes.append(lane)

    def money_from(self, money: Callable[[int, int | None], str]) -> None:
        """`money` tells what was spent, and what will be, of how many rows are done and how many there are."""
        self._money = money

    async def tick(self) -> None:
        """Renews the line until it is cancelled."""
        while True:
            await asyncio.sleep(0.25 if self._terminal else PLAIN_SECONDS)
            self._show(self.line())

    def line(self) -> str:
        """The line as it stands: rows, share, rate, time left, where rows went, money, and what is being waited for."""
        seconds = max(self._clock.monotonic() - self._started, 1e-9)
        rate = self._done / seconds
        parts = [self._title]
        if self._total:
            parts.append(f"{self._done:,}/{self._total:,} ({self._done * 100 // self._total} %)")
        elif self._done:
            parts.append(f"{self._done:,}")
        if self._done:
            parts.append(render("progress.rate", {"rate": f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"}))
        if self._total and self._done and seconds > 1:
            left = int((self._total - self._done) / rate)
            parts.append(render("progress.left", {"time": f"{left // 3600}:{left // 60 % 60:02d}:{left % 60:02d}"}))
        if self._output is not None:
            rows = self._output.rows
            for name in ("kept", "made", "dropped"):
                if rows[name]:
                    parts.append(render(f"progress.{name}", {"rows": f"{rows[name]:,}"}))
            for code, rows_of_code in sorted(self._output.quarantined.items()):
                parts.append(f"{code} {rows_of_code:,}")
        parts += [f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in self._facts.items()]
        if money := self._money(self._done, self._total):
            parts.append(money)
        parts += [status for lane in self._lanes if (status := lane.status())]
        return " · ".join(part for part in parts if part)

    def say(self, line: str) -> None:
        """A sentence that stays."""
        if not self._quiet:
            self.warn(line)

    def warn(self, line: str) -> None:
        """A sentence that stays, and that is said to people who want no progress, too."""
        self._clear()
        self._stream.write(line + "\n")
        self._stream.flush()

    def end(self) -> None:
        self._clear()

    def _show(self, line: str) -> None:
        if self._quiet or not self._title:
            return
        if not self._terminal:
            # A batch is waited for by the hour: a log needs no line that says what the last one said.
            if line != self._last:
                self._last = line
                self.say(line)
            return
        columns = shutil.get_terminal_size().columns - 1
        line = _cut(line, columns)
        self._stream.write("\r" + line + " " * max(0, self._width - _width(line)))
        self._stream.flush()
        self._width = _width(line)

    def _clear(self) -> None:
        if self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def _width(text: str) -> int:
    """Columns on a terminal: a Hangul syllable takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cut(text: str, columns: int) -> str:
    while text and _width(text) > columns:
        text = text[:-1]
    return text
