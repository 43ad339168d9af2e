"""Buying: intent, call, answer, in this order and each durable before the next; retries; and how everything halts in order.

A call takes a slot of its lane, writes its intent, is sent, and gives the slot back. Then its answer is stored, and whoever
asked sees it once it is durable. The slot is free a moment before that on purpose, and it is as safe: the ledger's one writer
commits in the order in which it is asked to, so the intent of the next one in this slot cannot be durable, and nothing of it
sent, unless the answer before it is durable too. At a crash at most as many are in doubt as there are slots: an eighth more
than may be under way, because intents are written a little ahead (`Road` says why), and half more where a call is a pack of texts,
whose intents take as long to write as those of fifty questions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from seodang.asking.calls import Call
from seodang.asking.failing import detail_of, outcome_of, tell
from seodang.asking.reserving import Reserving
from seodang.asking.road import Road
from seodang.asking.stop import Stop
from seodang.errors import (
    Exhausted,
    Interrupted,
    MissingSecret,
    Refused,
    SeodangError,
    Transient,
    Unauthorized,
)
from seodang.traffic import outage
from seodang.traffic.lane import Lane
from seodang.traffic.retry import Tries, is_about_the_service, reason_of

if TYPE_CHECKING:
    from seodang.ledger.ledger import Ledger

CRASHES_IN_A_ROW = 5
LOOKS_EVERY_SECONDS = 1.0


class Buyer:
    """Sends the calls of one teacher or translator in one step.

    `halted` is why nothing more is sent: the stop, the budget, an outage, a wrong key, a full disk. Calls that were not sent are
    cancelled then; those that were are waited for by `drain`, and then whoever asked is told.
    """

    def __init__(self, *, ledger: Ledger, lane: Lane, stop: Stop, step: str) -> None:
        self.lane = lane
        self.halted: Exception | None = None
        self._ledger = ledger
        self._stop = stop
        self._step = step
        self._calls: set[Call] = set()
        self._watchers: set[Callable[[], None]] = set()
        self._reserving = Reserving(ledger)
        self._road = Road(lane.limit)
        self.interruption: Callable[[], Interrupted] = lambda: Interrupted("runs.interrupted")
        """What people are told when they stop the run."""
        self._crashes = 0
        self._undecided = 0
        self._trace: TracebackType | None = None
        stop.listen(self._stopped)

    def watch(self, watcher: Callable[[], None]) -> None:
        """`watcher` is called when everything halts and when a call rests."""
        self._watchers.add(watcher)

    def unwatch(self, watcher: Callable[[], None]) -> None:
        self._watchers.discard(watcher)

    def begin(self, call: Call) -> None:
        """`call` is under way in its task."""
        self._calls.add(call)

    def end(self, call: Call) -> None:
        """`call` is under way no more, for one that `buy` does not know of."""
        self._calls.discard(call)

    async def buy(self, call: Call) -> list[Any] | Exception:
        """What `receive` made of each answer, or `Refused` where there is none; or the error for which everything halts."""
        try:
            if len(call.intents) == 1:
                return await self._buy(call, (0,)) or []
            return await self._buy_together(call)
        except Exception as error:  # handed to whoever asked, and to everybody else: nothing is swallowed
            self.halt(error)
            return error
        finally:
            call.sending = False
            self._calls.discard(call)

    async def _buy_together(self, call: Call) -> list[Any]:
        together = await self._buy(call, range(len(call.intents)))
        if together is not None:
            return together
        apart: list[Any] = []
        for index in range(len(call.intents)):
            apart += await self._buy(call, (index,)) or []
        return apart

    async def _buy(self, call: Call, which: Sequence[int]) -> list[Any] | None:
        """None when it failed for reasons that may be one question's among several: then each is sent alone."""
        tries = self.lane.retry.tries(call.doubts)
        if tries.worn_out:
            return [await self._leave(call, which, "in-doubt", "")]
        answered = -1
        while True:
            if self.halted is not None:
                raise self.halted
            failure: Exception | None = None
            async with self.lane.slot(again=answered >= 0, size=call.size) as slot:
                attempts = await self._reserving.write(call, which)
                await self._set_out(call, attempts)
                try:
                    with self._road:
                        bodies = await call.send(which)
                except Exception as error:  # each kind is dealt with in _after_failure; none ends here
                    failure = error
                    if answered < 0:
                        answered = self.lane.successes
                    tell(slot, error)
                else:
                    slot.succeeded(call.limits)
                    if len(which) > 1:
                        keeping = [self._keeping(*one) for one in zip(attempts, bodies, strict=True)]
                        if any(isinstance(body, Refused) for body in bodies):
                            await asyncio.sleep(0)  # a task begins in the next turn of the loop
            if failure is None:
                # Nothing may be awaited between giving the slot back and this: see the module's first lines.
                if len(which) == 1:
                    await self._keep(attempts[0], bodies[0])
                else:
                    await asyncio.gather(*keeping)
                results = [
                    await self._leave(call, (index,), body.reason, detail_of(body))
                    if isinstance(body, Refused)
                    else call.receive(index, attempt, body)
                    for index, attempt, body in zip(which, attempts, bodies, strict=True)
                ]
                self._crashes = 0
                self._reserving.settled()
                return results
            after = await self._after_failure(failure, call, which, attempts, tries, answered)
            if not isinstance(after, float):
                return after
            call.sending = False
            for watcher in tuple(self._watchers):
                watcher()
            await self.lane.rest(after)

    async def _keep(self, attempt: int, body: bytes | Refused) -> None:
        """Stores what came, or that nothing will."""
        if isinstance(body, Refused):
            await self._ledger.fail(attempt, outcome=outcome_of(body), detail=detail_of(body))
        else:
            await self._ledger.store(attempt, body)

    def _keeping(self, attempt: int, body: bytes | Refused) -> asyncio.Future[None]:
        """The same for one of several, and begun: the ledger's one writer has it before the slot is given back."""
        if isinstance(body, Refused):
            return asyncio.ensure_future(self._keep(attempt, body))
        return self._ledger.storing(attempt, body)

    async def _set_out(self, call: Call, attempts: Sequence[int]) -> None:
        """Waits for the road. Until then nothing is sent: who is cancelled or halted here takes the attempts back."""
        call.sending = False
        try:
            await self._road.free(lambda: self.halted or self.lane.outage)
        except BaseException:
            for attempt in attempts:
                self._ledger.withdraw(attempt)
            self._reserving.settled()
            raise
        call.sending = True

    async def _after_failure(
        self, failure: Exception, call: Call, which: Sequence[int], attempts: Sequence[int], tries: Tries, answered: int
    ) -> float | list[Any] | None:
        """Seconds to rest before the next try, what is left to say about the question, or None to send each alone.

        `answered` is how many the lane had answered when this call first failed: if there are no more by now, the call
        is no worse than the others, and it is the run that stops.
        """
        detail = detail_of(failure)
        await self._close_attempts(attempts, outcome_of(failure), detail)
        self._reserving.settled()
        if self.lane.outage is not None:
            raise self.lane.outage
        alone = len(which) == 1
        if isinstance(failure, Refused):
            return [await self._leave(call, which, failure.reason, detail)] if alone else None
        if isinstance(failure, Transient):
            if not alone and not is_about_the_service(failure):
                return None
            rest = tries.rest_after(failure)
            if rest is not None:
                return rest
            if is_about_the_service(failure):
                await self._wait_for_others(call, answered)
            if is_about_the_service(failure) and self.lane.successes == answered:
                error = outage.unanswered(self.lane.name, tries.failures + tries.throttles, detail, failure.status)
                self.lane.stop(error)
                raise error
            return [await self._leave(call, which, reason_of(failure), detail)] if alone else None
        if isinstance(failure, Unauthorized):
            tries.failures += 1
            if tries.failures > 1 and self.lane.successes > answered:
                return [await self._leave(call, which, "unauthorized", detail)] if alone else None
            return self.lane.retry.rest(tries.failures, 0)
        if isinstance(failure, (Exhausted, MissingSecret)):
            self.lane.stop(failure)
            raise failure
        if isinstance(failure, SeodangError):
            raise failure
        self._crashes += 1
        if not self.lane.successes or self._crashes >= CRASHES_IN_A_ROW:
            failure.add_note(f"step {self._step}, {self.lane.name}, record {call.intents[which[0]].record or '-'}")
            raise failure
        return [await self._leave(call, which, "plugin-error", detail)] if alone else None

    async def _wait_for_others(self, call: Call, answered: int) -> None:
        """Whether a service is away or one question is to blame shows when another is answered: as long as there are others under
        way that do not wait for the same, that is waited for."""
        call.sending = False
        self._undecided += 1
        try:
            while self.lane.successes == answered and len(self._calls) > self._undecided:
                await self.lane.rest(LOOKS_EVERY_SECONDS)
                if self.lane.outage is not None:
                    raise self.lane.outage
        finally:
            self._undecided -= 1

    async def _close_attempts(self, attempts: Iterable[int], outcome: str, detail: str) -> None:
        for attempt in attempts:
            await self._ledger.fail(attempt, outcome=outcome, detail=detail)

    async def _leave(self, call: Call, which: Sequence[int], reason: str, detail: str) -> Refused:
        """The question is left for good: the ledger says so until somebody retries it."""
        intent = call.intents[which[0]]
        call.sending = True
        await self._ledger.give_up(intent.key, intent=intent, reason=reason, detail=detail)
        return Refused(detail, reason=reason)

    def halt(self, error: Exception) -> None:
        """Nothing more is sent; the first reason counts."""
        if self.halted is None:
            self.halted = error
            self._trace = error.__traceback__
        elif error is self.halted:
            # It is raised to everybody who waits, and each time its traceback would grow.
            error.__traceback__ = self._trace
        self.drop(self._calls)
        for watcher in tuple(self._watchers):
            watcher()

    def _stopped(self) -> None:
        self.halt(self.interruption())

    def drop(self, calls: Iterable[Call]) -> None:
        """Cancels those that were not sent."""
        for call in [call for call in calls if not call.sending and call.task is not None and not call.task.done()]:
            call.task.cancel()  # type: ignore[union-attr]  # filtered above
            self._calls.discard(call)
            call.dropped()

    async def drain(self, calls: Iterable[Call] | None = None) -> None:
        """Waits until what was sent is stored; the rest is cancelled. After a stop it waits for its drain limit at most."""
        chosen = set(self._calls if calls is None else calls)
        self.drop(chosen)
        tasks = {call.task for call in chosen if call.task is not None and not call.task.done()}
        if not tasks:
            return
        limit = asyncio.get_running_loop().create_task(self._reach_limit())
        try:
            left = tasks
            while left and not limit.done():
                await asyncio.wait({*left, limit}, return_when=asyncio.FIRST_COMPLETED)
                left = {task for task in left if not task.done()}
        finally:
            limit.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.wait({*tasks, limit})

    async def _reach_limit(self) -> None:
        await self._stop.wait()
        await self.lane.clock.sleep(self._stop.drain_seconds)

    async def close(self) -> None:
        """Drains, and hears of no stop any more."""
        self._stop.unlisten(self._stopped)
        await self.drain()
