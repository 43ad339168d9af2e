"""The run's log: one JSON object a line, with times, warnings, and the tracebacks that people are spared."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from seodang.files.durable import explained
from seodang.traffic.clock import Clock


class Log:
    """Appends to `log.jsonl` of a run. Nothing in here is needed to continue the run."""

    def __init__(self, path: Path, clock: Clock, redact: Callable[[str], str]) -> None:
        self.path = path
        self._clock = clock
        self._redact = redact
        with explained(path):
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, event: str, **facts: Any) -> None:
        line = msgspec.json.encode(
            {"time": self._clock.now().isoformat(timespec="milliseconds"), "event": event, **facts}
        ).decode()
        with explained(self.path):
            os.write(self._file, (self._redact(line) + "\n").encode())

    def traceback(self, error: BaseException) -> None:
        self.write("error", error="".join(traceback.format_exception(error)))

    def close(self) -> None:
        os.close(self._file)
