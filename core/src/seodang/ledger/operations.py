"""What is asked of the writer. Everything that its database could refuse is put right here, before it is queued."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from seodang.ledger.entries import Intent

MOST_DETAIL = 2_000
"""Characters kept of what the other side said: some answer an error with a web page."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`future` is resolved once the operation is on disk; None where nobody waits for it."""

    future: asyncio.Future[Any] | None = None


class Planned(Operation, frozen=True):
    """An attempt begins. The future is given its number."""

    intent: Intent


class PlannedTogether(Operation, frozen=True):
    """Attempts that begin as one batch. The future is given a `Handed`."""

    name: str
    intents: tuple[Intent, ...]


class Named(Operation, frozen=True):
    """A batch was handed in, and this is the service's id of it."""

    batch: int
    identifier: str


class Closed(Operation, frozen=True):
    """Nothing more comes of a batch. What is open in it was not worked on, or nobody knows."""

    batch: int
    state: str
    detail: str
    in_doubt: bool


class Stored(Operation, frozen=True):
    """An answer has come."""

    attempt: int
    body: bytes


class Settled(Operation, frozen=True):
    """What an answer really cost, or None where that stays unknown."""

    attempt: int
    cost: int | None
    finish: str
    input_tokens: int
    output_tokens: int
    detail: str = ""


class Ended(Operation, frozen=True):
    """An attempt brought no answer: it was turned away unpaid, or nobody knows."""

    attempt: int
    in_doubt: bool
    detail: str


class GivenUp(Operation, frozen=True):
    """A question is final without an answer."""

    intent: Intent
    reason: str
    detail: str


class Copied(Operation, frozen=True):
    """An answer that was found in another book."""

    intent: Intent
    finish: str
    body: bytes
    origin: str


def storable(text: str) -> str:
    """Text that SQLite takes: a lone surrogate from a broken reply would stop the writer, and everybody with it."""
    return text[:MOST_DETAIL].encode("utf-8", "replace").decode()
