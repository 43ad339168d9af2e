"""Marks questions to be asked again: what `seodang retry` does."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from seodang.ledger.holding import Holding
from seodang.ledger.schema import open_for_writing
from seodang.ledger.trouble import explained_database

_TABLES = """
CREATE TEMP TABLE reasons (reason TEXT);
CREATE TEMP TABLE again (key BLOB, source INTEGER, attempt INTEGER, reason TEXT, detail TEXT);
"""
_HERE = "(?1 IS NULL OR sources.run = ?1) AND (?2 IS NULL OR sources.step = ?2)"
_COLLECT = (
    f"""INSERT INTO again SELECT key, source, attempts.id, finish, detail
        FROM answers JOIN attempts ON attempts.id = answers.attempt JOIN sources ON sources.id = source
        WHERE replace(finish, '_', '-') IN (SELECT reason FROM reasons) AND {_HERE} ORDER BY attempts.id""",
    f"""INSERT INTO again SELECT key, source, NULL, reason, detail
        FROM failures JOIN sources ON sources.id = source
        WHERE replace(reason, '_', '-') IN (SELECT reason FROM reasons) AND {_HERE} ORDER BY key""",
    f"""INSERT INTO again SELECT key, min(source), NULL, state, ''
        FROM attempts JOIN sources ON sources.id = source
        WHERE state = 'in-doubt' AND past = 0 AND key != x'' AND state IN (SELECT reason FROM reasons) AND {_HERE}
          AND key NOT IN (SELECT key FROM again)
          AND key NOT IN (SELECT answered.key FROM answers JOIN attempts AS answered ON answered.id = answers.attempt)
        GROUP BY key""",
)
_SET_ASIDE = (
    """INSERT INTO history (key, source, attempt, body, reason, detail, retired)
       SELECT again.key, again.source, again.attempt, answers.body, again.reason, again.detail, ?1
       FROM again LEFT JOIN answers ON answers.attempt = again.attempt ORDER BY again.rowid""",
    "DELETE FROM answers WHERE attempt IN (SELECT attempt FROM again)",
    "DELETE FROM failures WHERE key IN (SELECT key FROM again)",
    "UPDATE attempts SET past = 1 WHERE key IN (SELECT key FROM again)",
)


def retry(
    path: Path, *, run: str | None, reasons: Sequence[str], step: str | None = None, now: Callable[[], float] = time.time
) -> int:
    """Lets the next run ask again what ended for one of these reasons, and tells how many questions that are.

    A reason is an answer's finish (`length`, `content_filter`, `refusal`, …), a failure's reason, or `in-doubt`; `-` and `_`
    are the same. The new answer stands under the same key. The old one is kept in the history, and its money stays counted. An
    answer that the run found in a shared book, bought by another run, is that one's to ask again.
    """
    holding = Holding(path)
    try:
        connection = open_for_writing(path)
        try:
            with explained_database(path):
                return _retry(connection, run, reasons, step, int(now() * 1_000_000))
        finally:
            connection.close()
    finally:
        holding.release()


def _retry(connection: sqlite3.Connection, run: str | None, reasons: Sequence[str], step: str | None, time: int) -> int:
    connection.executescript(_TABLES)
    connection.executemany("INSERT INTO reasons VALUES (?)", [(reason.replace("_", "-"),) for reason in reasons])
    connection.execute("BEGIN IMMEDIATE")
    for statement in _COLLECT:
        connection.execute(statement, (run, step))
    for statement in _SET_ASIDE:
        connection.execute(statement, (time,) if "?1" in statement else ())
    number: int = connection.execute("SELECT count(DISTINCT key) FROM again").fetchone()[0]
    connection.execute("COMMIT")
    return number
