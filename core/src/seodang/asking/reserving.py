"""Writes intents, and waits where the budget is only reserved, not spent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seodang.asking.calls import Call
from seodang.errors import OutOfBudget

if TYPE_CHECKING:
    from seodang.ledger.ledger import Ledger


class Reserving:
    """An intent that the cap has no room for waits while others are under way: each of them has reserved its worst case and will
    settle for less. So near the cap fewer are sent at once, and the run stops when not even one more could be paid.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owing = 0
        """Calls whose cost the ledger does not know yet."""
        self._settlements = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def write(self, call: Call, which: Sequence[int]) -> list[int]:
        """The attempts, durably entered. `settled` has to be called for each time that this returns."""
        while True:
            call.sending = True
            self._owing += 1
            settlements = self._settlements
            try:
                if len(which) == 1:
                    return [await self._ledger.intend(call.intents[which[0]])]
                return await self._write_all(call)
            except OutOfBudget as error:
                self._owing -= 1
                if error.code != "ledger.out-of-budget":
                    raise
                if self._settlements != settlements:
                    continue  # room may have come free after this was decided
                if not self._owing:
                    raise
            except BaseException:
                self.settled()
                raise
            call.sending = False
            await self._wait()

    def settled(self) -> None:
        """The ledger knows what a call has cost, or will before it looks at any later intent."""
        self._owing -= 1
        self._settlements += 1
        self._wake_one()

    async def _write_all(self, call: Call) -> list[int]:
        results = await self._ledger.intend_each(call.intents)
        refusal = next((result for result in results if isinstance(result, BaseException)), None)
        written = [result for result in results if isinstance(result, int)]
        if refusal is not None:
            for attempt in written:
                await self._ledger.fail(attempt, outcome="unpaid", detail="")
            raise refusal
        return written

    async def _wait(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake_one()
            raise

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
