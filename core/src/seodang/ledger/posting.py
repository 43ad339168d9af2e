"""Turns what is asked of the writer into rows, one transaction at a time. Only the writer's thread comes in here."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from seodang.ledger import batching, prices, shown
from seodang.ledger.budget import Budget
from seodang.ledger.entries import Intent
from seodang.ledger.figures import Figures, Source, count, read_sources
from seodang.ledger.known_keys import KnownKeys
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
)

Outcome = tuple[asyncio.Future[Any] | None, Any]
"""Who waits, and for what: a result, or an exception to be raised."""

_ATTEMPT = """
INSERT INTO attempts (id, key, source, record, started, ended, state, worst, cost, finish) VALUES (?,?,?,?,?,?,?,?,?,?)
"""
_REQUEST = "INSERT INTO requests (attempt, body) VALUES (?, ?)"
_ANSWER = "INSERT INTO answers (attempt, body) VALUES (?, ?)"
_ANSWERED = "UPDATE attempts SET state = 'answered', ended = ? WHERE id = ?"
_SETTLED = "UPDATE attempts SET cost = ?, finish = ?, input_tokens = ?, output_tokens = ?, detail = ? WHERE id = ?"
_ENDED = "UPDATE attempts SET state = ?, cost = ?, detail = ?, ended = ? WHERE id = ?"
_ORDER = (_ATTEMPT, _REQUEST, _ANSWER, _ANSWERED, _SETTLED, _ENDED, shown.NOTE)

_RECALL = """
SELECT key, source, worst, state, cost, finish, input_tokens, output_tokens FROM attempts WHERE id = ?
"""
_FAILURE = """
INSERT OR REPLACE INTO failures (key, source, record, reason, detail, attempts, ended)
VALUES (?1, ?2, ?3, ?4, ?5, (SELECT count(*) FROM attempts WHERE key = ?1 AND past = 0), ?6)
"""
_SECOND_ANSWER = """
INSERT INTO history (key, source, attempt, body, reason, detail, retired)
SELECT key, source, id, ?, 'second-answer', '', ? FROM attempts WHERE id = ?
"""


class Pending(msgspec.Struct):
    """What has to be remembered of an attempt until it is settled."""

    key: bytes
    currency: str
    worst: int
    ours: bool = True
    state: str = "open"
    settled: bool = False
    finish: str = ""
    input_tokens: int = 0
    output_tokens: int = 0


class Posting:
    """The book as its writer sees it: the sums, the keys and what is under way, all in step with the tables.

    Rows are gathered and written table by table when the batch is complete: a statement that is run for sixty rows costs a
    fifth of sixty statements. Whoever has to look into the tables meanwhile calls `_flush` first.
    """

    def __init__(self, connection: sqlite3.Connection, *, run: str, caps: Sequence[Cap], now: Callable[[], float]) -> None:
        self._connection = connection
        self._run = run
        self._now = now
        self._time = self._microseconds()
        self._mark_what_a_crash_left()
        self.figures: Figures = count(connection, run=run)
        self.keys = KnownKeys.of(connection)
        # Counted here and not by SQLite, which would walk a million rows in the order of their keys for it.
        doubtful = connection.execute("SELECT key FROM attempts WHERE state = 'in-doubt' AND past = 0 AND key != x''").fetchall()
        self.doubtful: dict[bytes, int] = Counter(key for (key,) in doubtful)
        self._budget = Budget(caps, self.figures)
        self._sources = {source: number for number, source in read_sources(connection).items()}
        self._prices = prices.latest(connection)
        self._source_of = {number: source for source, number in self._sources.items()}
        self._next = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM attempts").fetchone()[0]
        self._pending: dict[int, Pending] = {}
        self._contested: set[bytes] = set()
        self._rows: dict[str, list[tuple[Any, ...]]] = {statement: [] for statement in _ORDER}
        self._outcomes: list[Outcome] = []
        self._post: dict[type[Operation], Callable[[Any], None]] = {
            Planned: self._plan,
            PlannedTogether: self._plan_together,
            Named: self._name,
            Closed: self._close,
            Stored: self._store,
            Settled: self._settle,
            Ended: self._end,
            GivenUp: self._give_up,
            Copied: self._copy,
        }

    def post(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Everything in one transaction, on disk when this returns. Raises when it is not; nothing of it is there then."""
        self._outcomes = []
        self._time = self._microseconds()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for operation in operations:
                self._post[type(operation)](operation)
            self._flush()
            self._connection.execute("COMMIT")
        except BaseException as error:
            # A full disk has ended the transaction already; rolling back once more would hide the cause behind its own error.
            if self._connection.in_transaction:
                try:
                    self._connection.execute("ROLLBACK")
                except sqlite3.Error as second:
                    error.add_note(f"and the transaction could not be rolled back: {second}")
            raise
        return self._outcomes

    def _plan(self, operation: Planned) -> None:
        if operation.future is not None and operation.future.cancelled():
            return
        intent = operation.intent
        if (refusal := self._budget.refusal(intent, self._in_flight)) is not None:
            self._outcomes.append((operation.future, refusal))
            return
        self._outcomes.append((operation.future, self._enter(intent)))

    def _enter(self, intent: Intent) -> int:
        number: int = self._next
        self._next += 1
        if not self.keys.may_hold(intent.key):
            self.keys.add(intent.key)
            self._rows[_REQUEST].append((number, intent.request))
        else:
            # Asked before, perhaps: its text is kept once, and a second answer must not displace the first.
            self._contested.add(intent.key)
            if intent.changed or not self._holds("requests", intent.key):
                self._rows[_REQUEST].append((number, intent.request))
        source = self._source(intent)
        if intent.price != self._prices.get(source, ""):
            self._prices[source] = intent.price
            prices.note(self._connection, source, number, intent.price)
        self._rows[_ATTEMPT].append(
            (number, intent.key, source, intent.record, self._time, None, "open", intent.worst_micro, None, "")
        )
        self._note_shown(intent)
        self._pending[number] = Pending(intent.key, intent.currency, intent.worst_micro)
        self.figures.requests += 1
        self.figures.account(intent.currency).reserved += intent.worst_micro
        return number

    def _plan_together(self, operation: PlannedTogether) -> None:
        """All of them, or none where the cap has no room for all."""
        first = operation.intents[0]
        worst = sum(intent.worst_micro for intent in operation.intents)
        refusal = self._budget.refusal(msgspec.structs.replace(first, worst_micro=worst), self._in_flight)
        if refusal is not None:
            self._outcomes.append((operation.future, refusal))
            return
        attempts = tuple(map(self._enter, operation.intents))
        self._flush()
        handed = batching.enter(self._connection, self._source(first), operation.name, attempts, self._time)
        self._outcomes.append((operation.future, handed))

    def _name(self, operation: Named) -> None:
        self._connection.execute("UPDATE batches SET identifier = ? WHERE id = ?", (operation.identifier, operation.batch))
        self._outcomes.append((operation.future, None))

    def _close(self, operation: Closed) -> None:
        self._flush()
        batching.close(
            self._connection, operation.batch, operation.state, operation.detail, operation.in_doubt, self._time, self._end
        )
        self._outcomes.append((operation.future, None))

    def room(self, currency: str) -> int | None:
        """How much the cap leaves, as of the last commit; None without a cap."""
        return self._budget.room(currency)

    def _store(self, operation: Stored) -> None:
        pending = self._pending.get(operation.attempt) or self._recall(operation.attempt)
        if pending is None or pending.state not in ("open", "in-doubt"):
            self._refuse(operation, "has no answer to wait for")
            return
        if pending.key in self._contested and self._holds("answers", pending.key):
            self._connection.execute(_SECOND_ANSWER, (operation.body, self._time, operation.attempt))
        else:
            self._rows[_ANSWER].append((operation.attempt, operation.body))
        self._rows[_ANSWERED].append((self._time, operation.attempt))
        if pending.state == "in-doubt":
            self._leave_doubt(pending)
        pending.state = "answered"
        self._pending[operation.attempt] = pending
        self.figures.answers += pending.ours
        self._outcomes.append((operation.future, None))

    def _settle(self, operation: Settled) -> None:
        pending = self._pending.pop(operation.attempt, None) or self._recall(operation.attempt)
        if pending is None or pending.settled:
            return
        self._rows[_SETTLED].append(
            (
                operation.cost,
                operation.finish,
                operation.input_tokens,
                operation.output_tokens,
                operation.detail,
                operation.attempt,
            )
        )
        if not pending.ours:
            return
        figures = self.figures
        figures.input_tokens += operation.input_tokens - pending.input_tokens
        figures.output_tokens += operation.output_tokens - pending.output_tokens
        if operation.finish != pending.finish:
            figures.finishes[operation.finish] = figures.finishes.get(operation.finish, 0) + 1
        if operation.cost is not None:
            account = figures.account(pending.currency)
            account.settled += operation.cost
            if pending.state == "in-doubt":
                account.in_doubt -= pending.worst
            else:
                account.reserved -= pending.worst

    def _end(self, operation: Ended) -> None:
        pending = self._pending.pop(operation.attempt, None) or self._recall(operation.attempt)
        if pending is None or pending.state != "open":
            self._refuse(operation, "is over already")
            return
        state, cost = ("in-doubt", None) if operation.in_doubt else ("unpaid", 0)
        self._rows[_ENDED].append((state, cost, operation.detail, self._time, operation.attempt))
        if operation.in_doubt:
            self.doubtful[pending.key] = self.doubtful.get(pending.key, 0) + 1
        if pending.ours:
            account = self.figures.account(pending.currency)
            account.reserved -= pending.worst
            if operation.in_doubt:
                account.in_doubt += pending.worst
                self.figures.in_doubt += 1
            else:
                self.figures.unpaid += 1
        self._outcomes.append((operation.future, None))

    def _give_up(self, operation: GivenUp) -> None:
        self._flush()
        intent = operation.intent
        failures = self.figures.failures
        earlier = self._connection.execute("SELECT reason, source FROM failures WHERE key = ?", (intent.key,))
        for reason, source in earlier.fetchall():
            if self._source_of[source].run == self._run:
                failures[reason] -= 1
        row = (intent.key, self._source(intent), intent.record, operation.reason, operation.detail, self._time)
        self._connection.execute(_FAILURE, row)
        failures[operation.reason] = failures.get(operation.reason, 0) + 1
        self.keys.add(intent.key)
        self._outcomes.append((operation.future, None))

    def _copy(self, operation: Copied) -> None:
        intent = operation.intent
        if self.keys.may_hold(intent.key) and self._holds("answers", intent.key):
            return
        number = self._next
        self._next += 1
        source = self._source(intent, operation.origin)
        self._rows[_ATTEMPT].append(
            (number, intent.key, source, intent.record, self._time, self._time, "answered", 0, 0, operation.finish)
        )
        self._rows[_REQUEST].append((number, intent.request))
        self._rows[_ANSWER].append((number, operation.body))
        self._note_shown(intent)
        self.keys.add(intent.key)
        self.figures.reused += 1

    def _note_shown(self, intent: Intent) -> None:
        if intent.others:
            self._rows[shown.NOTE].append(shown.note_of(intent.key, intent.others))

    def _flush(self) -> None:
        for statement, rows in self._rows.items():
            if rows:
                self._connection.executemany(statement, rows)
                rows.clear()

    def _recall(self, attempt: int) -> Pending | None:
        """An attempt that an earlier process began, or that is settled a second time."""
        self._flush()
        for row in self._connection.execute(_RECALL, (attempt,)).fetchall():
            key, number, worst, state, cost, finish, input_tokens, output_tokens = row
            source = self._source_of[number]
            return Pending(
                key=key,
                currency=source.currency,
                worst=worst,
                ours=source.run == self._run and not source.origin,
                state=state,
                settled=cost is not None,
                finish=finish,
                input_tokens=input_tokens,
                output_tokens=output_tokens,
            )
        return None

    def _holds(self, table: str, key: bytes) -> bool:
        self._flush()
        query = f"SELECT 1 FROM attempts JOIN {table} ON {table}.attempt = attempts.id WHERE attempts.key = ? LIMIT 1"
        return bool(self._connection.execute(query, (key,)).fetchall())

    def _leave_doubt(self, pending: Pending) -> None:
        self.doubtful[pending.key] = max(0, self.doubtful.get(pending.key, 0) - 1)
        if pending.ours:
            account = self.figures.account(pending.currency)
            account.in_doubt -= pending.worst
            account.reserved += pending.worst
            self.figures.in_doubt -= 1

    def _refuse(self, operation: Stored | Ended, why: str) -> None:
        self._outcomes.append((operation.future, ValueError(f"attempt {operation.attempt} {why}")))

    def _source(self, intent: Intent, origin: str = "") -> int:
        source = Source(
            self._run, intent.teacher, intent.identity, intent.model, intent.host, intent.step, intent.currency, origin
        )
        number = self._sources.get(source)
        if number is None:
            number = self._sources[source] = add_source(self._connection, source)
            self._source_of[number] = source
        return number

    def _in_flight(self, currency: str) -> int:
        return sum(pending.worst for pending in self._pending.values() if pending.currency == currency)

    def _microseconds(self) -> int:
        return int(self._now() * 1_000_000)

    def _mark_what_a_crash_left(self) -> None:
        # Whoever holds the lock is the only process with attempts under way, and this one has none yet.
        # What lies in an open batch is in nobody's doubt: its service knows, and is asked.
        self._connection.execute(
            "UPDATE attempts SET state = 'in-doubt', ended = ? WHERE state = 'open' AND id NOT IN (SELECT attempt FROM batched)",
            (self._time,),
        )


def add_source(connection: sqlite3.Connection, source: Source) -> int:
    """The number of a source, which is entered when it is new."""
    values = msgspec.structs.astuple(source)
    columns = "run, teacher, identity, model, host, step, currency, origin"
    connection.execute(f"INSERT OR IGNORE INTO sources ({columns}) VALUES (?,?,?,?,?,?,?,?)", values)
    query = f"SELECT id FROM sources WHERE ({columns}) = (?,?,?,?,?,?,?,?)"
    number: int = connection.execute(query, values).fetchone()[0]
    return number
