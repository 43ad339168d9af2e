"""Time that passes only while everybody waits: hours of back-off take no time, and a run of them is the same every time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any


class _Waiting(selectors.DefaultSelector):  # type: ignore[misc, valid-type]  # chosen by the platform
    """Instead of waiting for a timer, it moves the loop's time on to it.

    `quiet_seconds` are really waited for first, where another thread (the ledger's) may have something to say.
    """

    def __init__(self, quiet_seconds: float) -> None:
        super().__init__()
        self.quiet_seconds = quiet_seconds
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        events = super().select(self.quiet_seconds)
        if not events:
            self.passed += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, quiet_seconds: float = 0.0) -> None:
        self._waiting = _Waiting(quiet_seconds)
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.passed


class VirtualClock:
    """The clock of a `VirtualLoop`."""

    BEGAN = datetime(2026, 11, 21, tzinfo=UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return self.BEGAN + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run_virtually(coroutine: Coroutine[Any, Any, Any], *, quiet_seconds: float = 0.0) -> Any:
    """Runs it to its end, and sees that it has left no task behind."""

    async def whole() -> Any:
        result = await coroutine
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(quiet_seconds)) as runner:
        return runner.run(whole())
