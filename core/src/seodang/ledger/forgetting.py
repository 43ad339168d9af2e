"""Removes what was said, and keeps what it cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from seodang.errors import DataError
from seodang.ledger.holding import Holding
from seodang.ledger.places import batch_folder
from seodang.ledger.schema import open_for_writing
from seodang.ledger.trouble import explained_database

_KEYS = "(SELECT key FROM forgotten)"
_ATTEMPTS = f"(SELECT id FROM attempts WHERE key IN {_KEYS})"
# The key goes too: it is the hash of a text that somebody could guess and try. Without it the money is a sum of nobody.
_ERASE = (
    f"DELETE FROM requests WHERE attempt IN {_ATTEMPTS}",
    f"DELETE FROM answers WHERE attempt IN {_ATTEMPTS}",
    f"DELETE FROM history WHERE key IN {_KEYS}",
    f"DELETE FROM failures WHERE key IN {_KEYS}",
    f"DELETE FROM changes WHERE key IN {_KEYS}",
    f"DELETE FROM shown WHERE key IN {_KEYS}",
    f"UPDATE attempts SET key = x'', record = '', detail = '' WHERE key IN {_KEYS}",
)


def forget(path: Path, keys: Iterable[bytes]) -> int:
    """Erases requests, answers, failures and older answers of these questions, and tells how many of them the book knew.

    The book is written anew without them and its log is emptied, so their texts are in neither file. What the disk keeps of
    overwritten blocks, backups and snapshots are beyond the reach of this. Needs as much free space as the book takes.
    """
    holding = Holding(path)
    try:
        for left in sorted(batch_folder(path).glob("*.jsonl")):
            left.unlink()  # of a process that was killed while it handed a batch in; nobody needs the file any more
        connection = open_for_writing(path)
        try:
            with explained_database(path):
                return _forget(connection, path, sorted(set(keys)))
        finally:
            connection.close()
    finally:
        holding.release()


def _forget(connection: sqlite3.Connection, path: Path, keys: Sequence[bytes]) -> int:
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("CREATE TEMP TABLE forgotten (key BLOB PRIMARY KEY)")
    connection.executemany("INSERT INTO forgotten VALUES (?)", [(key,) for key in keys])
    known = "SELECT count(*) FROM forgotten WHERE key IN (SELECT key FROM attempts UNION SELECT key FROM failures)"
    number: int = connection.execute(known).fetchone()[0]
    if number:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _ERASE:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    # Also when nothing was erased now: an earlier call may have been stopped here, by somebody who was reading.
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise DataError("ledger.read-meanwhile", path=str(path))
    return number
