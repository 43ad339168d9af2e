"""Services that take many questions together and give the answers hours later, for half the price as a rule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from seodang.errors import RemoteError
from seodang.requests import Price, Reply, Request

if TYPE_CHECKING:
    from seodang.context import Context


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed in together. `path` holds a line for each question, as `BatchService.line` made them.

    `name` is like no other batch's. It has to be handed in with the file and be found again in what the service lists: a process that
    died between handing in and writing down the service's id is continued by one that knows the name only.
    """

    name: str
    path: Path
    requests: int
    planned: datetime


class BatchState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a batch is.

    open       not yet; it is looked at again later
    completed  every question was dealt with
    expired    the service's time was up: what it had answered can be collected, the rest is handed in again
    cancelled  somebody cancelled it: what it had answered can be collected, and the run stops
    failed     it was turned away as a whole, and nothing was billed; `at_fault` says which lines (the first is 1) were wrong and why
    crowded    it was turned away because too much of this account is waiting already: it is handed in again later

    `said` is the service's own word for it, which people are shown; `done` and `failed` count the questions so far.
    """

    state: Literal["open", "completed", "expired", "cancelled", "failed", "crowded"]
    said: str = ""
    done: int = 0
    failed: int = 0
    detail: str = ""
    at_fault: Mapping[int, str] = {}


class BatchService:
    """What a teacher offers as `batches`. Its verbs may be asynchronous or not, and fail with the same words as `Teacher.answer`.

    The core forms the batches, writes what it is about to do before it does it, waits, stores every answer before it is read, and
    hands in again what was left. The answers are those of the teacher: `Teacher.read` reads them, and their keys are the same as
    those of questions that are sent alone.
    """

    most_requests: int = 50_000
    """Questions in one batch."""
    most_bytes: int = 200_000_000
    """Bytes of its file, line ends included."""
    settle_seconds: float = 30.0
    """How long a call of a process that is gone may still be on its way: for so long a batch that is not listed may yet be."""

    def price(self) -> Price | None:
        """The price of a question in a batch, as `Teacher.price` tells that of one alone."""
        raise NotImplementedError

    def line(self, key: str, request: Request) -> bytes:
        """A question as one line of the file, without its end. `key` (64 letters) comes back with the answer."""
        raise NotImplementedError

    async def submit(self, batch: Batch, context: Context) -> str:
        """Hands the batch in, and gives the service's id of it."""
        raise NotImplementedError

    async def find(self, batch: Batch, context: Context) -> str | None:
        """The id of the batch with this name, where the service has one. Asked whenever it is not sure what a `submit` has done."""
        raise NotImplementedError

    async def look(self, identifier: str, context: Context) -> BatchState:
        """How far it is. `Refused` where the service knows no such batch."""
        raise NotImplementedError

    def collect(self, identifier: str, context: Context) -> AsyncIterator[tuple[str, Reply | RemoteError]]:
        """Every answer and every error of a batch that has ended, by key, in any order. May be asked again from the beginning.

        An error is what `Teacher.answer` would have raised: `Refused` sets the question aside, `Transient` hands it in again.
        """
        raise NotImplementedError
