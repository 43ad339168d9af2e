"""The thread that writes: it takes whatever is queued, makes one transaction of it, and tells everybody who waits.

Natural group commit, without a timer: while one group is on its way to the disk the next one gathers. Under load a group
is large, so one fsync serves many; when it is quiet nobody waits for company.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seodang.errors import SeodangError
from seodang.ledger.operations import Operation
from seodang.ledger.posting import Outcome, Posting
from seodang.ledger.trouble import trouble

_LAZY_SECONDS = 0.2
"""How long settlements that nobody waits for may stay queued alone: they need no fsync of their own."""
_ENOUGH = 256


class Writer:
    """One thread, one connection. After the first error it writes nothing more: a failed fsync must never be tried again, because
    the kernel has marked the pages as clean and would report success.
    """

    def __init__(
        self, posting: Posting, path: Path, *, withdraw: Callable[[int], None], dealt_with: Callable[[Sequence[Operation]], None]
    ) -> None:
        """`withdraw` is told of attempts whose caller was cancelled before it could send, `dealt_with` what left the queue."""
        self._posting = posting
        self._path = path
        self._withdraw = withdraw
        self._dealt_with = dealt_with
        self._queue: queue.SimpleQueue[list[Operation] | None] = queue.SimpleQueue()
        self._gathering = threading.Lock()
        self._gathered: list[Operation] = []
        self._gathering_on: asyncio.AbstractEventLoop | None = None
        self.broken: SeodangError | None = None
        # A daemon: a program that dies without closing the ledger must not hang in it. What was acknowledged is on disk.
        self._thread = threading.Thread(target=self._run, name="seodang-ledger", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation, loop: asyncio.AbstractEventLoop) -> None:
        """From the event loop: what is asked for in one turn of the loop is handed over together, at its end."""
        with self._gathering:
            self._gathered.append(operation)
            if self._gathering_on is loop:
                return
            self._gathering_on = loop
        loop.call_soon(self._hand_over)

    def put(self, operation: Operation) -> None:
        """From any thread."""
        self._queue.put([operation])

    def close(self) -> None:
        """Waits until everything is written. Later operations would be lost: the caller must not allow any."""
        self._hand_over()
        self._queue.put(None)
        self._thread.join()

    def _hand_over(self) -> None:
        with self._gathering:
            self._gathering_on = None
            gathered, self._gathered = self._gathered, []
        if gathered:
            self._queue.put(gathered)

    def _run(self) -> None:
        closing = False
        while not closing:
            operations, closing = self._take()
            if self.broken is None:
                try:
                    outcomes = self._posting.post(operations) if operations else []
                except BaseException as error:  # whatever it is, whoever waits must hear of it, or waits for ever
                    self.broken = trouble(error, self._path)
                    self.broken.__cause__ = error
            if self.broken is not None:
                outcomes = [(operation.future, trouble(self.broken, self._path)) for operation in operations]
            self._dealt_with(operations)
            self._tell(outcomes)

    def _take(self) -> tuple[list[Operation], bool]:
        """All that is queued, and whether it was the last."""
        taken: list[Operation] = []
        while True:
            while not taken or not self._queue.empty():
                part = self._queue.get()
                if part is None:
                    return taken, True
                taken += part
            if len(taken) >= _ENOUGH or any(operation.future is not None for operation in taken):
                return taken, False
            try:
                part = self._queue.get(timeout=_LAZY_SECONDS)
            except queue.Empty:
                return taken, False
            if part is None:
                return taken, True
            taken += part

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        waiting: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for future, outcome in outcomes:
            if future is not None:
                waiting.setdefault(future.get_loop(), []).append((future, outcome))
        for loop, told in waiting.items():
            try:
                loop.call_soon_threadsafe(self._resolve, told)
            except RuntimeError:  # the loop was closed, and with it went everybody who waited on it
                continue

    def _resolve(self, told: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
        for future, outcome in told:
            if future.done():
                if type(outcome) is int:
                    self._withdraw(outcome)
            elif isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
