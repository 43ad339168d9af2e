"""The wish that a run should end in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DRAIN_SECONDS = 25.0
"""Spot machines are given 30 s before they are taken away, at least."""


class Stop:
    """Once requested, nothing new is sent, what is in flight is waited for and stored, and `Interrupted` is raised.

    What has not come after `drain_seconds` is given up; it may have been paid for, and the ledger counts it so.
    """

    def __init__(self, drain_seconds: float = DRAIN_SECONDS) -> None:
        self.drain_seconds = drain_seconds
        self.requested = False
        self._asked = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def request(self) -> None:
        """To be called in the thread of the event loop, as its signal handlers are."""
        if self.requested:
            return
        self.requested = True
        self._asked.set()
        for listener in tuple(self._listeners):
            listener()

    async def wait(self) -> None:
        await self._asked.wait()

    def listen(self, listener: Callable[[], None]) -> None:
        """`listener` is called at once when the stop is requested, or was before."""
        self._listeners.append(listener)
        if self.requested:
            listener()

    def unlisten(self, listener: Callable[[], None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)
