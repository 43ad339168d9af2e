"""The last gate before a question is sent: at most as many are on the way as the limit says."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType

from seodang.traffic.adaptive import AdaptiveLimit


class Road:
    """`async with road:` around a call that is entered in the ledger already. First come, first served.

    A lane gives out a few slots more than may be under way. Their intents become durable while others are being answered, so
    the disk is not waited for between an answer and the next question: at 64 in flight, 200 ms and a disk that is busy with
    other things, that was a sixth of the time.
    """

    def __init__(self, limit: AdaptiveLimit) -> None:
        self._limit = limit
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if not self._waiting and self._under_way < self._limit.now:
            self._under_way += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave()

    def open(self) -> None:
        """Lets everybody through who waits: they will see that everything is halted, and not send."""
        while self._waiting:
            self._admit()

    def _leave(self) -> None:
        self._under_way -= 1
        while self._waiting and self._under_way < self._limit.now:
            self._admit()

    def _admit(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():
            self._under_way += 1
            turn.set_result(None)
