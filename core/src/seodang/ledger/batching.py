"""What the book knows of batches: which were handed in, which attempts lie in them, and how they ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from seodang.ledger.operations import Ended

TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    name TEXT NOT NULL, identifier TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open', detail TEXT NOT NULL DEFAULT '',
    requests INTEGER NOT NULL, planned INTEGER NOT NULL, ended INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS batched (
    attempt INTEGER PRIMARY KEY REFERENCES attempts, batch INTEGER NOT NULL REFERENCES batches
) STRICT;
CREATE INDEX IF NOT EXISTS batched_by_batch ON batched (batch);
COMMIT;
"""
"""Beside the tables of the first format: an older book gets them when it is next written in."""

_BATCHES = """
SELECT batches.id, run, step, teacher, identity, model, host, name, identifier, state, detail, requests, planned, ended,
       (SELECT count(*) FROM batched JOIN attempts ON attempts.id = attempt WHERE batch = batches.id AND attempts.state = 'answered')
FROM batches JOIN sources ON sources.id = source
WHERE (?1 IS NULL OR run = ?1) AND (?2 IS NULL OR step = ?2) ORDER BY batches.id
"""
_OPEN = """
SELECT attempts.key, attempts.id FROM batched JOIN attempts ON attempts.id = attempt
WHERE batch = ? AND attempts.state = 'open' ORDER BY attempts.id
"""


class BatchEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. `identifier` is the service's, empty as long as nobody knows whether it was handed in; times are in microseconds
    since 1970, UTC."""

    id: int
    run: str
    step: str
    teacher: str
    identity: str
    model: str
    host: str
    name: str
    identifier: str
    state: str
    detail: str
    requests: int
    planned: int
    ended: int | None
    answered: int


class Handed(msgspec.Struct, frozen=True):
    """The numbers of a batch that was entered, and of its attempts in the order of the questions."""

    batch: int
    attempts: tuple[int, ...]


def read_batches(connection: sqlite3.Connection, run: str | None = None, step: str | None = None) -> list[BatchEntry]:
    """Every batch in the order of planning; none where the book is of a time before there were any."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'batches'").fetchall():
        return []
    names = BatchEntry.__struct_fields__
    return [BatchEntry(**dict(zip(names, row, strict=True))) for row in connection.execute(_BATCHES, (run, step)).fetchall()]


def open_attempts(connection: sqlite3.Connection, batch: int) -> dict[bytes, int]:
    """The attempts of a batch that nobody knows the end of, by key, in the order of the lines of its file."""
    return dict(connection.execute(_OPEN, (batch,)).fetchall())


def is_batched(connection: sqlite3.Connection, attempt: int) -> bool:
    """Whether it was paid for at the price of batches."""
    return bool(connection.execute("SELECT 1 FROM batched WHERE attempt = ?", (attempt,)).fetchall())


def enter(connection: sqlite3.Connection, source: int, name: str, attempts: tuple[int, ...], time: int) -> Handed:
    """For the writer, in its transaction, when the attempts themselves are in."""
    row = (source, name, len(attempts), time)
    number = connection.execute("INSERT INTO batches (source, name, requests, planned) VALUES (?,?,?,?)", row).lastrowid
    assert number is not None
    connection.executemany("INSERT INTO batched VALUES (?, ?)", [(attempt, number) for attempt in attempts])
    return Handed(number, attempts)


def close(
    connection: sqlite3.Connection, batch: int, state: str, detail: str, in_doubt: bool, time: int, end: Callable[[Ended], None]
) -> None:
    """Ends the batch and, through `end`, what is left open in it."""
    connection.execute("UPDATE batches SET state = ?, detail = ?, ended = ? WHERE id = ?", (state, detail, time, batch))
    left: Iterable[tuple[int, bool]] = connection.execute(
        "SELECT id, key = x'' FROM batched JOIN attempts ON attempts.id = attempt WHERE batch = ? AND state = 'open'", (batch,)
    ).fetchall()
    for attempt, forgotten in left:
        # Whose key is gone (`seodang forget`) may have been answered, and nobody could tell: it counts as if it had been.
        end(Ended(attempt=attempt, in_doubt=in_doubt or bool(forgotten), detail=detail))
