"""The tables of the book, and how it is opened: one connection that writes, any number that only read.

SQLite up to 3.51.2 can corrupt a book when two connections write or check-point at once. So there is exactly one that does
either, for the life of a lock beside the file; all others are opened `mode=ro`, which can do neither.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from seodang.errors import DataError
from seodang.files.durable import explained, make_private_directory, sync_directory
from seodang.ledger.batching import TABLES as BATCHES
from seodang.ledger.changes import TABLE as CHANGES
from seodang.ledger.prices import TABLE as PRICES
from seodang.ledger.shown import TABLE as SHOWN
from seodang.ledger.trouble import explained_database

APPLICATION_ID = 0x73656F64
"""`seod`, in the file's header: nothing else is mistaken for a ledger."""
VERSION = 1
OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""

# An attempt is one row for ever; texts lie apart from it, so that changing its state rewrites few bytes, and so that they can be
# forgotten while the money stays. `past` marks the attempts of a question that was taken up anew by `seodang retry`.
TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL, teacher TEXT NOT NULL, identity TEXT NOT NULL, model TEXT NOT NULL, host TEXT NOT NULL,
    step TEXT NOT NULL, currency TEXT NOT NULL, origin TEXT NOT NULL,
    UNIQUE (run, teacher, identity, model, host, step, currency, origin)
) STRICT;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    record TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'unpaid', 'in-doubt')),
    past INTEGER NOT NULL DEFAULT 0,
    worst INTEGER NOT NULL,
    cost INTEGER,
    finish TEXT NOT NULL DEFAULT '',
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempts_by_key ON attempts (key);
CREATE TABLE requests (attempt INTEGER PRIMARY KEY REFERENCES attempts, body BLOB NOT NULL) STRICT;
CREATE TABLE answers (attempt INTEGER PRIMARY KEY REFERENCES attempts, body BLOB NOT NULL) STRICT;
CREATE TABLE failures (
    key BLOB PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources,
    record TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, attempts INTEGER NOT NULL, ended INTEGER NOT NULL
) STRICT;
CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    source INTEGER NOT NULL REFERENCES sources,
    attempt INTEGER REFERENCES attempts,
    body BLOB,
    reason TEXT NOT NULL, detail TEXT NOT NULL, retired INTEGER NOT NULL
) STRICT;
CREATE INDEX history_by_key ON history (key);
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one connection that writes. The caller holds the lock (`Holding`). A missing book is made, for its owner alone."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DataError("ledger.old-sqlite", version=sqlite3.sqlite_version, oldest=".".join(map(str, OLDEST_SQLITE)))
    if not path.exists():
        _make_private_file(path)
    with explained_database(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        try:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                _write_tables(connection)
            _check(connection, path)
            connection.execute(CHANGES)
            connection.execute(PRICES)
            connection.execute(SHOWN)
            connection.executescript(BATCHES)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "foreign_keys=ON", "busy_timeout=5000"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("PRAGMA wal_autocheckpoint=4000")
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that can change nothing and never check-points, also while another process writes."""
    if not path.is_file():
        raise DataError("ledger.missing", path=str(path))
    with explained_database(path):
        connection = _connect_read_only(path)
        try:
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA application_id").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        # A finished book in a directory that may not be written to: SQLite wants to put its index beside the file. Nobody else
        # can be writing there, so the file can be read as one that does not change.
        if os.access(path.parent, os.W_OK) or path.with_name(path.name + "-wal").exists():
            raise
        return sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    return connection


def _make_private_file(path: Path) -> None:
    # Never through sqlite3.connect, whose new files others may read. SQLite gives its -wal and -shm the mode of this file.
    with explained(path):
        make_private_directory(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        sync_directory(path.parent)


def _write_tables(connection: sqlite3.Connection) -> None:
    # One transaction: a book that was killed while it was made is an empty file and is made again.
    header = f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION};"
    connection.executescript(f"BEGIN IMMEDIATE; {header} {TABLES} COMMIT;")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DataError("ledger.not-a-ledger", path=str(path))
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise DataError("ledger.newer", path=str(path), version=version, known=VERSION)
