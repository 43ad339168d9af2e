"""Looks up one question in a book."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from seodang.ledger.entries import Entry, Intent
from seodang.ledger.places import ledger_of
from seodang.ledger.schema import open_for_reading
from seodang.ledger.shown import shown_by

_ATTEMPTS = "(SELECT count(*) FROM attempts WHERE key = ?1 AND past = 0)"
_ANSWER = f"""
SELECT attempts.id, answers.body, attempts.cost, attempts.worst, sources.currency, {_ATTEMPTS}
FROM attempts JOIN answers ON answers.attempt = attempts.id JOIN sources ON sources.id = attempts.source
WHERE attempts.key = ?1
"""
_FAILURE = f"""
SELECT reason, detail, {_ATTEMPTS}, sources.currency, (SELECT sum(coalesce(cost, worst)) FROM attempts WHERE key = ?1)
FROM failures JOIN sources ON sources.id = failures.source WHERE key = ?1
"""
_WHOLE_ANSWER = """
SELECT sources.teacher, sources.identity, sources.model, sources.host, sources.step, attempts.record, attempts.finish,
       coalesce(requests.body, (SELECT body FROM requests JOIN attempts AS one ON one.id = requests.attempt WHERE one.key = ?1)),
       answers.body
FROM attempts JOIN answers ON answers.attempt = attempts.id JOIN sources ON sources.id = attempts.source
     LEFT JOIN requests ON requests.attempt = attempts.id
WHERE attempts.key = ?1
"""


def find_entry(connection: sqlite3.Connection, key: bytes) -> Entry | None:
    """The answer to a question, or its final failure."""
    for attempt, body, cost, worst, currency, attempts in connection.execute(_ANSWER, (key,)).fetchall():
        return Entry(
            key=key,
            body=body,
            attempts=attempts,
            attempt=attempt,
            cost_micro=worst if cost is None else cost,
            currency=currency,
            settled=cost is not None,
        )
    for reason, detail, attempts, currency, cost in connection.execute(_FAILURE, (key,)).fetchall():
        return Entry(key=key, body=None, reason=reason, detail=detail, attempts=attempts, cost_micro=cost or 0, currency=currency)
    return None


def was_retired(connection: sqlite3.Connection, key: bytes) -> bool:
    """Whether somebody wanted this question asked again: an older answer must then not come back from another book."""
    return bool(connection.execute("SELECT 1 FROM history WHERE key = ? LIMIT 1", (key,)).fetchall())


class OtherBook:
    """Another run's book, from which answers are taken at no cost."""

    def __init__(self, run: Path) -> None:
        self.path = ledger_of(run)
        self._connection = open_for_reading(self.path)

    def find(self, key: bytes) -> tuple[Intent, str, bytes] | None:
        """The question as it was put there, how its answer ended, and the answer. Failures stay where they happened."""
        for row in self._connection.execute(_WHOLE_ANSWER, (key,)).fetchall():
            teacher, identity, model, host, step, record, finish, request, body = row
            intent = Intent(
                key=key,
                teacher=teacher,
                identity=identity,
                model=model,
                host=host,
                step=step,
                record=record,
                others=shown_by(self._connection, key),
                request=request or b"",
            )
            return intent, finish, body
        return None

    def close(self) -> None:
        self._connection.close()
