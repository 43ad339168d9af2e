"""The run's book of paid calls, open for writing.

The promise: an answer that was acknowledged is on disk, and is never bought again unless somebody asks. A call is entered with
its worst case before it is sent. So a crash leaves at most what was in flight in doubt, each listed and counted at its worst
case, and the book is never below the bill.

While it is open nothing else in the process may open the file with `open()`: closing that would drop SQLite's locks on it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from seodang.errors import SeodangError
from seodang.ledger.batching import BatchEntry, Handed, is_batched, open_attempts, read_batches
from seodang.ledger.changes import Changes, read_changes
from seodang.ledger.entries import Entry, Intent, Totals
from seodang.ledger.finding import OtherBook, find_entry, was_retired
from seodang.ledger.holding import Holding
from seodang.ledger.money import Cap
from seodang.ledger.operations import (
    Closed,
    Copied,
    Ended,
    GivenUp,
    Named,
    Operation,
    Planned,
    PlannedTogether,
    Settled,
    Stored,
    storable,
)
from seodang.ledger.posting import Posting
from seodang.ledger.schema import open_for_reading, open_for_writing
from seodang.ledger.trouble import explained_database, trouble
from seodang.ledger.writer import Writer

_COPIES_QUEUED = 1024
"""Answers from other books that may wait for the disk: bounds the memory of a run that finds everything elsewhere."""
_MOST_TOKENS = 2**40


class Ledger:
    """Open it once per process: `with Ledger.open(path, run=…) as ledger`. The asynchronous verbs may be called from one event
    loop after another; `find`, `settle`, `in_doubt` and `totals` from any thread.
    """

    def __init__(
        self,
        path: Path,
        holding: Holding,
        connection: sqlite3.Connection,
        posting: Posting,
        others: Sequence[OtherBook],
        redact: Callable[[str], str],
    ) -> None:
        self._path = path
        self._holding = holding
        self._connection = connection
        self._posting = posting
        self._others = others
        self._redact = redact
        self._reader = open_for_reading(path)
        self._changes = read_changes(self._reader)
        self._copies = threading.BoundedSemaphore(_COPIES_QUEUED)
        self._closed = False
        self.followed: set[int] = set()
        """The batches that somebody in this process is waiting for."""
        self.tidied = False
        """Whether the files of batches that never were have been removed."""
        self._writer = Writer(posting, path, withdraw=self.withdraw, dealt_with=self._make_room)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        run: str,
        caps: Sequence[Cap] = (),
        reuse: Sequence[Path] = (),
        redact: Callable[[str], str] = str,
        now: Callable[[], float] = time.time,
    ) -> Ledger:
        """Opens or makes the book. `run` is the run's id: the caps hold for all its attempts, by whichever process.

        `reuse` names other runs (their directories or books), `redact` takes secrets out of what the other side said.
        Refused while another process has the book, and when the book was written by a newer version.
        """
        others: list[OtherBook] = []
        holding = Holding(path)
        try:
            connection = open_for_writing(path)
            try:
                for place in reuse:
                    others.append(OtherBook(place))
                with explained_database(path):
                    posting = Posting(connection, run=run, caps=caps, now=now)
                others_apart = [other for other in others if other.path.resolve() != path.resolve()]
                return cls(path, holding, connection, posting, others_apart, redact)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            for other in others:
                other.close()
            holding.release()
            raise

    def find(self, key: bytes) -> Entry | None:
        """The answer to a question or its final failure, if there is one. A question that is new costs no look into the file.

        An answer that only another book has is copied into this one at no cost, so that this run stands without the other.
        """
        known = self._posting.keys.may_hold(key)
        if known and (entry := find_entry(self._reader, key)) is not None:
            return entry
        if not self._others or (known and was_retired(self._reader, key)):
            return None
        for other in self._others:
            if (found := other.find(key)) is not None:
                return self._copy(*found, origin=str(other.path))
        return None

    def changes(self, key: bytes) -> Changes | None:
        """What `seodang retry --set` wants changed in this question when it is asked again."""
        return self._changes.get(key)

    async def intend(self, intent: Intent) -> int:
        """Enters an attempt with its worst case, durably, and gives its number. Nothing may be sent before this returns.

        Raises OutOfBudget when this attempt could pass a cap. A caller that is cancelled in here has not sent anything, so its
        reservation is taken back.
        """
        future = self._future()
        self._submit(Planned(intent=intent, future=future), future)
        try:
            number: int = await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.withdraw(future.result())
            raise
        return number

    async def intend_each(self, intents: Sequence[Intent]) -> list[int | BaseException]:
        """The same for several at once: the number of each, or why it has none. One task for all of them, where `intend` would need one each."""
        futures = [self._future() for _ in intents]
        for intent, future in zip(intents, futures, strict=True):
            self._submit(Planned(intent=intent, future=future), future)
        entered: list[int | BaseException] = []
        try:
            for future in futures:
                try:
                    entered.append(await future)
                except Exception as error:  # whoever asked is told, when all have been heard of
                    entered.append(error)
        except asyncio.CancelledError:
            for future in futures:
                if not future.cancel() and not future.cancelled() and future.exception() is None:
                    self.withdraw(future.result())
            raise
        return entered

    async def intend_together(self, name: str, intents: Sequence[Intent]) -> Handed:
        """Enters the attempts of a batch, all of them durably, or raises OutOfBudget and enters none."""
        future = self._future()
        self._submit(PlannedTogether(name=name, intents=tuple(intents), future=future), future)
        handed: Handed = await future
        return handed

    async def name_batch(self, batch: int, identifier: str) -> None:
        """Keeps the service's id of a batch, durably."""
        future = self._future()
        self._submit(Named(batch=batch, identifier=storable(identifier), future=future), future)
        await future

    async def close_batch(self, batch: int, state: str, *, detail: str = "", in_doubt: bool = False) -> None:
        """Nothing more comes of a batch. Its attempts without an answer were not worked on, or that is in doubt."""
        future = self._future()
        detail = storable(self._redact(detail))
        self._submit(Closed(batch=batch, state=state, detail=detail, in_doubt=in_doubt, future=future), future)
        await future

    def open_batches(self, teacher: str, identity: str, model: str) -> list[BatchEntry]:
        """What was handed in, or was about to be, and has not come to its end: by whichever run writes in this book."""
        found = read_batches(self._reader)
        return [
            batch for batch in found
            if batch.state == "open" and (batch.teacher, batch.identity, batch.model) == (teacher, identity, model)
        ]  # fmt: skip

    def open_attempts(self, batch: int) -> dict[bytes, int]:
        """The attempts of a batch without an answer, by key, in the order in which they were handed in."""
        return open_attempts(self._reader, batch)

    def is_batched(self, attempt: int) -> bool:
        """Whether it was handed in in a batch, whose price is another."""
        return is_batched(self._reader, attempt)

    def room(self, currency: str) -> int | None:
        """How much the cap leaves in this currency; None where there is none."""
        return self._posting.room(currency)

    @property
    def path(self) -> Path:
        return self._path

    async def store(self, attempt: int, body: bytes) -> None:
        """Keeps an answer, durably, before anybody has looked at it. It is kept also when the caller is cancelled meanwhile."""
        await self.storing(attempt, body)

    def storing(self, attempt: int, body: bytes) -> asyncio.Future[None]:
        """The same, begun at once: the writer has it before this returns, and the future is done when it is durable."""
        future: asyncio.Future[None] = self._future()
        self._submit(Stored(attempt=attempt, body=bytes(body), future=future), future)
        return future

    def settle(self, attempt: int, *, cost_micro: int | None, finish: str, input_tokens: int, output_tokens: int) -> None:
        """Replaces the worst case by the real cost, soon. None keeps the worst case.

        So does a count that cannot be (a usage below nothing, or of a million million tokens), which is noted at the attempt: it
        came from outside, and the book must not be made cheaper or poorer by it.
        """
        self._refuse_when_over()
        detail = ""
        if not (0 <= input_tokens < _MOST_TOKENS and 0 <= output_tokens < _MOST_TOKENS and 0 <= (cost_micro or 0) < 2**53):
            detail = storable(f"impossible usage: {input_tokens} in, {output_tokens} out, cost {cost_micro}")
            cost_micro, input_tokens, output_tokens = None, 0, 0
        operation = Settled(
            attempt=attempt,
            cost=cost_micro,
            finish=storable(finish),
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            detail=detail,
        )
        self._queue(operation)

    async def fail(self, attempt: int, *, outcome: str, detail: str) -> None:
        """An attempt brought nothing. `unpaid`: turned away before any work, the reservation is free again. `in-doubt`: it
        may have been paid for, and counts at its worst case.
        """
        if outcome not in ("unpaid", "in-doubt"):
            raise ValueError(f"outcome must be 'unpaid' or 'in-doubt', not {outcome!r}")
        future = self._future()
        detail = storable(self._redact(detail))
        self._submit(Ended(attempt=attempt, in_doubt=outcome == "in-doubt", detail=detail, future=future), future)
        await future

    async def give_up(self, key: bytes, *, intent: Intent, reason: str, detail: str) -> None:
        """Makes a question final without an answer: `find` tells so until `seodang retry`."""
        if key != intent.key:
            raise ValueError("the key is not that of the intent")
        future = self._future()
        detail = storable(self._redact(detail))
        self._submit(GivenUp(intent=intent, reason=storable(reason), detail=detail, future=future), future)
        await future

    def totals(self) -> Totals:
        """The sums of this run over all its invocations, as of the last commit."""
        return self._posting.figures.totals()

    def in_doubt(self, key: bytes) -> int:
        """How many attempts at this question nobody knows the end of, those that a crash left open among them."""
        return self._posting.doubtful.get(key, 0)

    def close(self) -> None:
        """Waits until all is on disk and folds the write-ahead log into the book. Raises what the writer met on the way."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        broken = self._writer.broken
        try:
            if broken is None:
                with explained_database(self._path):
                    self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            # The reader last after an error: whoever closes a book last tidies up its log, and a reader is not able to. A log
            # whose fsync failed must not be touched again.
            first, last = (self._reader, self._connection) if broken is None else (self._connection, self._reader)
            first.close()
            last.close()
            for other in self._others:
                other.close()
            self._holding.release()
        if broken is not None:
            raise broken

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.close()
        except SeodangError as met:
            if error is None:
                raise
            error.add_note(str(met))

    def _copy(self, intent: Intent, finish: str, body: bytes, *, origin: str) -> Entry:
        self._refuse_when_over()
        self._copies.acquire()
        self._writer.put(Copied(intent=intent, finish=finish, body=body, origin=origin))
        return Entry(key=intent.key, body=body)

    def _make_room(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            if type(operation) is Copied:
                self._copies.release()

    def withdraw(self, attempt: int) -> None:
        """Nothing was sent: the reservation is free again, soon. For whoever was cancelled between the intent and the call."""
        if not self._closed and self._writer.broken is None:
            self._queue(Ended(attempt=attempt, in_doubt=False, detail="cancelled before it was sent"))

    def _queue(self, operation: Operation) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # called from a thread
            self._writer.put(operation)
        else:
            self._writer.submit(operation, loop)

    def _future(self) -> asyncio.Future[Any]:
        self._refuse_when_over()
        return asyncio.get_running_loop().create_future()

    def _submit(self, operation: Operation, future: asyncio.Future[Any]) -> None:
        self._writer.submit(operation, future.get_loop())

    def _refuse_when_over(self) -> None:
        if self._writer.broken is not None:
            raise trouble(self._writer.broken, self._path)
        if self._closed:
            raise RuntimeError("the ledger is closed")
