"""`context.ask.each`: a stream of records, many questions under way, answers in the order of the records."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from seodang.asking.shapes import flaw
from seodang.errors import Refused, SeodangError
from seodang.records import Record
from seodang.requests import Answer, Request

if TYPE_CHECKING:
    from seodang.asking.ask import Ask, Question

ACCEPTED = ("stop", "tool_calls")
LEAST_WINDOW = 1024
WINDOW_PER_SLOT = 16
EXCERPT = 200
MEANT: ContextVar[str] = ContextVar("record", default="")
"""The record that a coroutine of `each` asks about, so that its questions are found again by it."""


class Row:
    """One record in the window, and what is known about it."""

    __slots__ = ("future", "outcome", "question", "record", "schema")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.question: Question | None = None
        self.future: asyncio.Future[Any] | None = None
        self.outcome: Any = None
        self.schema: Mapping[str, Any] | None = None

    @property
    def is_done(self) -> bool:
        if self.future is not None:
            return self.future.done()
        return self.question is None


class Each:
    """The window over the records: read ahead as far as questions can be under way, and at most max(1,024, 16 × in_flight)
    records before the one that is waited for. So a slow record does not hold the others up, and memory is bounded. Where questions
    are handed in together, it holds a few full batches.

    Questions that a crash left in doubt are asked when the window has nothing else: every crash hits the same ones otherwise.
    """

    def __init__(
        self, ask: Ask, records: AsyncIterable[Record], request_of: Callable[[Record], Any], accept: Sequence[str]
    ) -> None:
        self._ask = ask
        self._records = records
        self._request_of = request_of
        self._accept = frozenset(accept)
        self._window: deque[Row] = deque()
        self._most = ask.window or max(LEAST_WINDOW, WINDOW_PER_SLOT * ask.at_once)
        self._most_running = ask.window or 2 * ask.at_once
        self._running = 0
        self._deferred: list[Row] = []
        self._feeder: asyncio.Task[None] | None = None
        self._ended = False
        self._closed = False
        self._more: asyncio.Future[None] | None = None
        """The reader of records waits for room."""
        self._news: asyncio.Future[None] | None = None
        """Whoever iterates waits for the first row to be done."""

    def __aiter__(self) -> Each:
        return self

    async def __anext__(self) -> tuple[Record, Any]:
        try:
            return await self._next()
        except BaseException:
            await self.aclose()
            raise

    async def _next(self) -> tuple[Record, Any]:
        if self._closed:
            raise StopAsyncIteration
        buyer = self._ask.buyer
        if self._feeder is None:
            buyer.watch(self._stir)
            self._feeder = asyncio.get_running_loop().create_task(self._feed())
        while True:
            if buyer.halted is not None:
                await buyer.drain()
                raise buyer.halted
            if self._window and self._window[0].is_done:
                row = self._window.popleft()
                self._stir_feeder()
                if (result := self._result(row)) is not None:
                    return row.record, result[0]
            elif self._ended and not self._window:
                await self._feeder  # raises what the source of the records raised
                raise StopAsyncIteration
            else:
                if not self._running:
                    self._begin_deferred()
                self._news = asyncio.get_running_loop().create_future()
                await self._news

    def _result(self, row: Row) -> tuple[Any] | None:
        """The row's result, in a tuple because it may be None; or nothing when the record was quarantined."""
        outcome = row.outcome
        if row.future is not None:
            try:
                outcome = row.future.result()
            except Refused as refused:
                outcome = refused
            except Exception as error:
                if not isinstance(error, SeodangError):
                    error.add_note(f"step {self._ask.step}, record {row.record.id or '-'}")
                raise
        if row.question is not None:
            row.question.waiters -= 1
        if isinstance(outcome, Refused):
            self._ask.on_quarantine(row.record, outcome.reason, outcome.detail)
            return None
        if isinstance(outcome, Exception):
            raise outcome
        # What a coroutine made of its answers is its own business, also when that is an answer.
        asked = isinstance(outcome, Answer) and (row.question is not None or row.future is None)
        if asked and outcome.finish not in self._accept:
            said = outcome.message.text
            wrong = ""
            if row.schema and outcome.finish in ("bad-json", "schema-mismatch"):
                wrong = f"{flaw(said, row.schema)[1]}: "
            self._ask.on_quarantine(row.record, outcome.finish, wrong + said[:EXCERPT])
            return None
        return (outcome,)

    async def _feed(self) -> None:
        try:
            async for record in self._records:
                self._add(record)
                while len(self._window) >= self._most or self._running - self._ask.buyer.lane.resting >= self._most_running:
                    if len(self._window) >= self._most:
                        self._begin_deferred()
                    self._more = asyncio.get_running_loop().create_future()
                    await self._more
            self._begin_deferred()
        finally:
            self._ended = True
            self._stir_consumer()
            close = getattr(self._records, "aclose", None)
            if close is not None:
                await close()

    def _add(self, record: Record) -> None:
        row = Row(record)
        asked = self._request_of(record)
        if isinstance(asked, Request):
            row.schema = asked.schema
            outcome = self._ask.look_up(asked, record.id)
            if isinstance(outcome, (Answer, Exception)):
                row.outcome = outcome
            else:
                row.question = outcome
                outcome.waiters += 1
                if outcome.doubts and outcome.future is None:
                    self._deferred.append(row)
                else:
                    self._begin(row)
        elif inspect.isawaitable(asked):
            meant = MEANT.set(record.id)
            row.future = asyncio.ensure_future(asked)  # keeps what is set now
            MEANT.reset(meant)
            self._watch(row)
        elif asked is not None:
            raise TypeError(f"request_of must return a seodang.Request or None, not {type(asked).__name__}")
        self._window.append(row)
        if row is self._window[0]:
            self._stir_consumer()

    def _begin(self, row: Row) -> None:
        assert row.question is not None
        row.future = self._ask.begin(row.question)
        self._watch(row)

    def _begin_deferred(self) -> None:
        rows, self._deferred = self._deferred, []
        for row in rows:
            self._begin(row)

    def _watch(self, row: Row) -> None:
        assert row.future is not None
        self._running += 1
        row.future.add_done_callback(self._one_done)

    def _one_done(self, future: asyncio.Future[Any]) -> None:
        self._running -= 1
        if self._more is not None:
            self._stir_feeder()
        if self._news is not None and self._window and (self._window[0].is_done or not self._running):
            self._stir_consumer()

    def _stir(self) -> None:
        self._stir_feeder()
        self._stir_consumer()

    def _stir_feeder(self) -> None:
        if self._more is not None and not self._more.done():
            self._more.set_result(None)
        self._more = None

    def _stir_consumer(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
        self._news = None

    async def aclose(self) -> None:
        """Ends early: no record is read any more, what was sent is stored, nothing is left running."""
        if self._closed:
            return
        self._closed = True
        self._ask.closed(self)
        self._ask.buyer.unwatch(self._stir)
        tasks = [row.future for row in self._window if row.question is None and row.future is not None]
        if self._feeder is not None:
            tasks.append(self._feeder)
        for task in tasks:
            task.cancel()
        questions = [row.question for row in self._window if row.question is not None]
        for question in questions:
            question.waiters -= 1
        self._window.clear()
        try:
            await self._ask.release(questions)
        finally:
            if tasks:
                await asyncio.gather(*tasks, return_exceptions=True)
