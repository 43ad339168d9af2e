"""What goes into the ledger and what is read from it."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["open", "answered", "unpaid", "in-doubt"]
"""What became of an attempt.

open      it may be on its way, and counts at its worst case
answered  its answer is in the book; it counts at its real cost, or at its worst case where that is not known
unpaid    it was turned away before any work was done, and costs nothing
in-doubt  nobody knows whether it was paid for: it counts at its worst case for good
"""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be sent, and the most it can cost. `request` is canonical JSON; no key and no URL is in it.

    `others` are further records that the question shows: it is forgotten with each of them. `changed` says that it is not the question
    that the key was made of, but the one of `seodang retry --set`; `price` at what price it is counted, in words.
    """

    key: bytes
    teacher: str
    identity: str
    model: str = ""
    host: str = ""
    step: str = ""
    record: str = ""
    others: tuple[str, ...] = ()
    worst_micro: int = 0
    currency: str = ""
    request: bytes
    changed: bool = False
    price: str = ""

    def __post_init__(self) -> None:
        # Checked here, in the caller's hands: the writer must never meet what its database would refuse.
        if len(self.key) != 32:
            raise ValueError("a key is a SHA-256: 32 bytes")
        if not 0 <= self.worst_micro < 2**53:
            raise ValueError(f"impossible worst case: {self.worst_micro}")
        for text in (self.teacher, self.identity, self.model, self.host, self.step, self.record, *self.others, self.currency):
            if not text.isascii():
                text.encode()  # raises for a lone surrogate


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows about one question: an answer (`reason` is empty) or a final failure (`body` is None).

    `attempt` is the attempt that brought the answer; with it an answer that was never settled can still be.
    """

    key: bytes
    body: bytes | None
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    attempt: int = 0
    cost_micro: int = 0
    currency: str = ""
    settled: bool = True


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent and what came of it. Money is in millionths by currency.

    `reused` answers were found in another book or imported, and cost nothing here. The three kinds of money add up to what
    may have been spent, which is never below the bill: `settled` is known from the usage that the other side counted, `reserved`
    is the worst case of what is under way and of answers without usage, `in_doubt` that of attempts nobody heard the end of.
    """

    requests: int = 0
    answers: int = 0
    reused: int = 0
    unpaid: int = 0
    in_doubt: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    settled_micro: dict[str, int] = {}
    reserved_micro: dict[str, int] = {}
    in_doubt_micro: dict[str, int] = {}
    finishes: dict[str, int] = {}
    failures: dict[str, int] = {}

    def total_micro(self, currency: str) -> int:
        """The most that can have been spent in this currency."""
        return sum(part.get(currency, 0) for part in (self.settled_micro, self.reserved_micro, self.in_doubt_micro))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The totals of one teacher in one step."""

    step: str
    teacher: str
    model: str
    totals: Totals


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: what went where, when, for which record. `started` is in microseconds since 1970, UTC."""

    attempt: int
    key: bytes
    started: int
    run: str
    step: str
    teacher: str
    model: str
    host: str
    record: str
    state: State
    worst_micro: int
    cost_micro: int | None
    currency: str
    detail: str
    request: bytes | None


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A question that has no answer and is not asked again unless somebody wants it."""

    key: bytes
    run: str
    step: str
    teacher: str
    model: str
    record: str
    reason: str
    detail: str
    attempts: int
    ended: int


class LeftOutRow(msgspec.Struct, frozen=True):
    """A record that a step left out, and the code for which it did. `failed` says that it was set aside: nothing became of what was paid
    for it, whereas a filter whose judge says no has done its work."""

    step: str
    record: str
    code: str
    failed: bool = True


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What a step spent at one teacher and in one currency on answers that came to one end. `waste` is why they were of no use, or nothing."""

    step: str
    teacher: str
    model: str
    currency: str
    waste: str
    answers: int
    micro: int


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """What the answers cost that stand for some records, whenever they were bought. `seconds` is their time together."""

    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    micro: dict[str, int] = {}
