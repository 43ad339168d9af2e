"""What was spent in vain: on answers that were cut, refused or unreadable, and on those that a step could not use."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from seodang.ledger.entries import Bought, LeftOutRow, Spent

USABLE = ("stop", "tool_calls")
_TABLE = "CREATE TEMP TABLE IF NOT EXISTS left_out (step TEXT, record TEXT, code TEXT, PRIMARY KEY (step, record))"
# What was set aside by `retry` under its finish is told by that; a second answer to a question whose first came late is nobody's use.
_SPENT = """
SELECT sources.step, sources.teacher, sources.model, sources.currency,
       CASE WHEN state = 'in-doubt' THEN 'in-doubt' WHEN finish NOT IN ('', 'stop', 'tool_calls') THEN replace(finish, '_', '-')
            WHEN history.reason IS NOT NULL THEN history.reason ELSE coalesce(left_out.code, '') END AS waste,
       count(*), sum(coalesce(cost, worst))
FROM attempts JOIN sources ON sources.id = source
     LEFT JOIN left_out ON left_out.step = sources.step AND left_out.record = attempts.record
     LEFT JOIN (SELECT attempt, min(reason) AS reason FROM history GROUP BY attempt) AS history ON history.attempt = attempts.id
WHERE origin = '' AND state IN ('answered', 'in-doubt') AND (?1 IS NULL OR run = ?1)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
_ASKED = """
SELECT code, count(*) FROM left_out
WHERE EXISTS (SELECT 1 FROM asked WHERE asked.step = left_out.step AND asked.record = left_out.record)
GROUP BY code ORDER BY code
"""
_BOUGHT = """
SELECT currency, count(*), sum(input_tokens), sum(output_tokens), sum(coalesce(cost, worst)), sum(ended - started)
FROM attempts JOIN answers ON answers.attempt = attempts.id JOIN sources ON sources.id = source
WHERE origin = '' AND teacher = ? AND identity = ? AND model = ? AND step = ? AND record IN (SELECT record FROM wanted)
GROUP BY currency
"""


def spending(connection: sqlite3.Connection, rows: Iterable[LeftOutRow], run: str | None = None) -> tuple[Spent, ...]:
    """By step, teacher, model, currency and end. `rows` are those that the steps set aside; a question that two records share counts with the one for which
    it was asked first."""
    _take(connection, rows)
    found = connection.execute(_SPENT, (run,)).fetchall()
    return tuple(
        Spent(step=step, teacher=teacher, model=model, currency=currency, waste=waste, answers=answers, micro=micro)
        for step, teacher, model, currency, waste, answers, micro in found
    )


def asked_for(connection: sqlite3.Connection, rows: Iterable[LeftOutRow], run: str | None = None) -> dict[str, int]:
    """How many rows of each code were paid for in the step that left them out: what `retry` can name beside the ends of answers."""
    if not _take(connection, rows):
        return {}
    connection.execute("DROP TABLE IF EXISTS asked")
    connection.execute(
        """CREATE TEMP TABLE asked AS SELECT DISTINCT sources.step, attempts.record FROM attempts
           JOIN answers ON answers.attempt = attempts.id JOIN sources ON sources.id = source WHERE record != '' AND (? IS NULL OR run = ?)""",
        (run, run),
    )
    connection.execute("CREATE INDEX asked_by_record ON asked (record, step)")
    return dict(connection.execute(_ASKED).fetchall())


def bought_for(connection: sqlite3.Connection, records: Iterable[str], *, whose: tuple[str, str, str], step: str) -> Bought:
    """What the answers that stand for these records cost. `whose` is the teacher's id, its identity and its model."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (record TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM wanted")
    connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", [(record,) for record in records])
    rows = connection.execute(_BOUGHT, (*whose, step)).fetchall()
    return Bought(
        answers=sum(row[1] for row in rows),
        input_tokens=sum(row[2] for row in rows),
        output_tokens=sum(row[3] for row in rows),
        micro={row[0]: row[4] for row in rows if row[4]},
        seconds=sum(row[5] for row in rows) / 1_000_000,
    )


def _take(connection: sqlite3.Connection, rows: Iterable[LeftOutRow]) -> int:
    connection.execute(_TABLE)
    connection.execute("DELETE FROM left_out")
    given = [(row.step, row.record, row.code) for row in rows]
    connection.executemany("INSERT OR IGNORE INTO left_out VALUES (?, ?, ?)", given)
    return len(given)
