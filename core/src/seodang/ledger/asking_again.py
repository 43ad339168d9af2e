"""Marks questions to be asked again: what `seodang retry` does."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from seodang.errors import DataError
from seodang.ledger.changes import Changes
from seodang.ledger.entries import LeftOutRow
from seodang.ledger.holding import Holding
from seodang.ledger.schema import open_for_writing
from seodang.ledger.trouble import explained_database

_TABLES = """
CREATE TEMP TABLE reasons (reason TEXT);
CREATE TEMP TABLE left_out (step TEXT, record TEXT, code TEXT, PRIMARY KEY (step, record));
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
# A record that was left out because its answer was cut is found above, by its answer; its other answers are left alone.
_FOUND_ABOVE = """
DELETE FROM left_out WHERE record IN (SELECT attempts.record FROM again JOIN attempts ON attempts.key = again.key)
"""
_COLLECT_LEFT_OUT = f"""
INSERT INTO again SELECT key, source, attempts.id, left_out.code, detail
FROM left_out JOIN attempts ON attempts.record = left_out.record JOIN answers ON answers.attempt = attempts.id
     JOIN sources ON sources.id = source AND sources.step = left_out.step
WHERE {_HERE} AND key NOT IN (SELECT key FROM again) ORDER BY attempts.id
"""
# What a translator is asked has no such parameters; a setting must not be taken and then ignored.
_NO_CONVERSATION = """
SELECT count(*) FROM again JOIN attempts ON attempts.key = again.key JOIN requests ON requests.attempt = attempts.id
WHERE instr(requests.body, CAST('"messages":' AS BLOB)) = 0
"""
_SET_ASIDE = (
    """INSERT INTO history (key, source, attempt, body, reason, detail, retired)
       SELECT again.key, again.source, again.attempt, answers.body, again.reason, again.detail, ?1
       FROM again LEFT JOIN answers ON answers.attempt = again.attempt ORDER BY again.rowid""",
    "DELETE FROM answers WHERE attempt IN (SELECT attempt FROM again)",
    "DELETE FROM failures WHERE key IN (SELECT key FROM again)",
    "UPDATE attempts SET past = 1 WHERE key IN (SELECT key FROM again)",
)


def retry(
    path: Path,
    *,
    run: str | None,
    reasons: Sequence[str],
    step: str | None = None,
    left_out: Iterable[LeftOutRow] = (),
    changes: Changes | None = None,
    now: Callable[[], float] = time.time,
) -> int:
    """Lets the next run ask again what ended for one of these reasons, and tells how many questions that are.

    A reason is an answer's finish (`length`, `content_filter`, `refusal`, …), a failure's reason, or `in-doubt`; `-` and `_`
    are the same. `left_out` are records whose answers were whole, but of no use to their step: their questions are asked again too, as far
    as they were asked for these records. With `changes` the questions are sent with these parameters, without them as the recipe
    says. The new answer stands under the same key. The old one is kept in the history, and its money stays counted. An
    answer that the run found in a shared book, bought by another run, is that one's to ask again.
    """
    holding = Holding(path)
    try:
        connection = open_for_writing(path)
        try:
            with explained_database(path):
                _collect(connection, run, reasons, step, left_out)
                return _mark(connection, changes, int(now() * 1_000_000))
        finally:
            connection.close()
    finally:
        holding.release()


def _collect(
    connection: sqlite3.Connection, run: str | None, reasons: Sequence[str], step: str | None, left_out: Iterable[LeftOutRow]
) -> None:
    connection.executescript(_TABLES)
    connection.executemany("INSERT INTO reasons VALUES (?)", [(reason.replace("_", "-"),) for reason in reasons])
    for statement in _COLLECT:
        connection.execute(statement, (run, step))
    rows = [(row.step, row.record, row.code) for row in left_out]
    if rows:
        connection.executemany("INSERT OR IGNORE INTO left_out VALUES (?, ?, ?)", rows)
        connection.execute(_FOUND_ABOVE)
        connection.execute(_COLLECT_LEFT_OUT, (run, step))


def _mark(connection: sqlite3.Connection, changes: Changes | None, time: int) -> int:
    if changes is not None and connection.execute(_NO_CONVERSATION).fetchone()[0]:
        raise DataError("ledger.change-of-translation")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _SET_ASIDE:
        connection.execute(statement, (time,) if "?1" in statement else ())
    connection.execute("DELETE FROM changes WHERE key IN (SELECT key FROM again)")
    if changes is not None:
        settings = msgspec.json.encode(changes, order="sorted")
        connection.execute("INSERT OR IGNORE INTO changes SELECT key, ? FROM again", (settings,))
    number: int = connection.execute("SELECT count(DISTINCT key) FROM again").fetchone()[0]
    connection.execute("COMMIT")
    return number
