"""The last gate before a question is sent: at most as many are on the way as the limit says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType

from seodang.traffic.adaptive import AdaptiveLimit


class Road:
    """`await road.free(…)`, then `with road:` around the call. First come, first served.

    A lane gives out a few slots more than may be under way. Their intents become durable while others are being answered, so
    the disk is not waited for between an answer and the next question: at 64 in flight, 200 ms and a disk that is busy with
    other things, that was a sixth of the time.
    """

    def __init__(self, limit: AdaptiveLimit) -> None:
        self._limit = limit
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def free(self, why_not: Callable[[], Exception | None]) -> None:
        """Waits for one's turn, which is taken then; raises what `why_not` gives when it has come."""
        if self._waiting or self._under_way >= self._limit.now:
            await self._turn()
        else:
            self._under_way += 1
        if error := why_not():
            self._leave()
            raise error

    def __enter__(self) -> None:
        """The turn was taken by `free`."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave()

    async def _turn(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        self._under_way -= 1
        while self._waiting and self._under_way < self._limit.now:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
