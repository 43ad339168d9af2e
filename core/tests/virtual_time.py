"""Time that passes only while everybody waits for it: hours of back-off take no time, and are the same every time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any


class _Waiting(selectors.DefaultSelector):  # type: ignore[misc, valid-type]  # chosen by the platform
    """Instead of waiting for a timer, it moves the loop's time on to it, unless somebody outside has work to do first."""

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        super().__init__()
        self._is_busy = is_busy
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        events = super().select(10 if self._is_busy() else 0)
        if not events:
            assert not self._is_busy(), "whoever is busy has not been heard of for ten seconds"
            self.passed += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._waiting = _Waiting(is_busy)
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


def run_virtually(coroutine: Coroutine[Any, Any, Any], *, is_busy: Callable[[], bool] = lambda: False) -> Any:
    """Runs it to its end, and sees that it has left no task behind. Time stands still while another thread `is_busy`."""

    async def whole() -> Any:
        result = await coroutine
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(is_busy)) as runner:
        return runner.run(whole())
