"""The further records that a question shows: a prompt of three examples is forgotten with any of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

import msgspec

TABLE = "CREATE TABLE IF NOT EXISTS shown (key BLOB, records BLOB, PRIMARY KEY (key, records)) STRICT, WITHOUT ROWID;"
"""Beside the tables of the first format, which older books have: one that lacks it gets it when it is next written in. The record
that a question is counted for stands with its attempts. One row for all the others: a run of fifty thousand tasks shows each of its
seeds thousands of times, and who forgets one can wait for a look through the table."""
NOTE = "INSERT OR IGNORE INTO shown VALUES (?, ?)"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, ...]).decode


def note_of(key: bytes, records: Sequence[str]) -> tuple[bytes, bytes]:
    """What `NOTE` takes."""
    return key, _encode(records)


def shown_by(connection: sqlite3.Connection, key: bytes) -> tuple[str, ...]:
    """The further records of a question."""
    if not _is_there(connection):
        return ()
    rows = connection.execute("SELECT records FROM shown WHERE key = ?", (key,)).fetchall()
    return tuple(dict.fromkeys(record for (records,) in rows for record in _decode(records)))


def showing(connection: sqlite3.Connection, records: Collection[str]) -> set[bytes]:
    """The questions that show any of these records beside the one they are counted for."""
    wanted = frozenset(records)
    if not _is_there(connection):
        return set()
    return {key for key, shown in connection.execute("SELECT key, records FROM shown") if not wanted.isdisjoint(_decode(shown))}


def _is_there(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'shown'").fetchall())
