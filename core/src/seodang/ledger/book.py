"""A book, opened to be read: for people, for reports, for other runs. Changes nothing; may be read while a run writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from seodang.ledger import figures, prices, shown, spending
from seodang.ledger.batching import BatchEntry, open_attempts, read_batches
from seodang.ledger.changes import Changes, read_changes
from seodang.ledger.entries import Bought, Entry, Failure, LeftOutRow, Line, Sent, Spent, Totals
from seodang.ledger.finding import find_entry
from seodang.ledger.places import ledger_of
from seodang.ledger.schema import open_for_reading
from seodang.ledger.trouble import explained_database

_WHERE = "(?1 IS NULL OR sources.run = ?1) AND (?2 IS NULL OR sources.step = ?2)"
_SENT = f"""
SELECT attempts.id, attempts.key, started, run, step, teacher, model, host, record, state, worst, cost, currency, detail,
       requests.body
FROM attempts JOIN sources ON sources.id = attempts.source LEFT JOIN requests ON requests.attempt = attempts.id
WHERE sources.origin = '' AND {_WHERE}
"""
_FAILURES = f"""
SELECT key, run, step, teacher, model, record, reason, detail, attempts, ended
FROM failures JOIN sources ON sources.id = failures.source WHERE {_WHERE} ORDER BY ended, key
"""
_FINISHES = f"""
SELECT finish, count(*) FROM answers JOIN attempts ON attempts.id = answers.attempt JOIN sources ON sources.id = attempts.source
WHERE finish != '' AND {_WHERE} GROUP BY finish
UNION ALL
SELECT reason, count(*) FROM failures JOIN sources ON sources.id = failures.source WHERE {_WHERE} GROUP BY reason
"""
_RETRIED = """
SELECT step, count(*) FROM history JOIN sources ON sources.id = history.source
WHERE reason != 'second-answer' AND (?1 IS NULL OR sources.run = ?1) GROUP BY step ORDER BY step
"""
_AVERAGE = """
SELECT sum(output_tokens) * 1.0 / count(*) FROM attempts JOIN sources ON sources.id = attempts.source
WHERE teacher = ? AND state = 'answered' AND output_tokens > 0
"""


class Book:
    """`with Book.open(path) as book`; the path of a book, or of a run, whose book is then found.

    Everywhere `run` is the id of a run and `step` the name of a step; None means all.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Book:
        path = ledger_of(path) if path.is_dir() else path
        return cls(path, open_for_reading(path))

    def totals(self, run: str | None = None, step: str | None = None) -> Totals:
        with explained_database(self.path):
            return figures.count(self._connection, run=run, step=step).totals()

    def lines(self, run: str | None = None, step: str | None = None) -> tuple[Line, ...]:
        """The totals of each teacher in each step."""
        with explained_database(self.path):
            return figures.lines(self._connection, run=run, step=step)

    def spending(self, rows: Iterable[LeftOutRow], run: str | None = None) -> tuple[Spent, ...]:
        """What each step spent, and what of it in vain; `rows` are those that the steps set aside."""
        with explained_database(self.path):
            return spending.spending(self._connection, rows, run)

    def asked_for(self, rows: Iterable[LeftOutRow], run: str | None = None) -> dict[str, int]:
        """How many of the rows, by code, had an answer in the step that left them out."""
        with explained_database(self.path):
            return spending.asked_for(self._connection, rows, run)

    def bought_for(self, records: Iterable[str], *, whose: tuple[str, str, str], step: str) -> Bought:
        """What the answers of a teacher (its id, identity and model) to these records cost in a step, whenever they were bought."""
        with explained_database(self.path):
            return spending.bought_for(self._connection, records, whose=whose, step=step)

    def find(self, key: bytes) -> Entry | None:
        """The answer to a question, or its final failure."""
        with explained_database(self.path):
            return find_entry(self._connection, key)

    def prices(self, run: str | None = None) -> tuple[prices.Counted, ...]:
        """At what prices answers were counted, and from where these were."""
        with explained_database(self.path):
            return prices.counted(self._connection, run)

    def changes(self) -> Mapping[bytes, Changes]:
        """What `seodang retry --set` wants changed in the questions that are asked again, by key."""
        with explained_database(self.path):
            return read_changes(self._connection)

    def sent(self, run: str | None = None, step: str | None = None) -> Iterator[Sent]:
        """Every attempt in the order of sending: what went where, and when. What came from another book was not sent."""
        yield from self._attempts(f"{_SENT} ORDER BY attempts.id", run, step)

    def doubtful(self, run: str | None = None, step: str | None = None) -> Iterator[Sent]:
        """The attempts that nobody knows the end of: they count at their worst case until a bill says more."""
        yield from self._attempts(f"{_SENT} AND state = 'in-doubt' ORDER BY attempts.id", run, step)

    def failures(self, run: str | None = None, step: str | None = None) -> Iterator[Failure]:
        """The questions that are final without an answer."""
        with explained_database(self.path):
            for row in self._connection.execute(_FAILURES, (run, step)):
                yield Failure(**dict(zip(Failure.__struct_fields__, row, strict=True)))

    def batches(self, run: str | None = None, step: str | None = None) -> list[BatchEntry]:
        """What was handed in together, in the order in which that was planned."""
        with explained_database(self.path):
            return read_batches(self._connection, run, step)

    def lying(self) -> set[bytes]:
        """The questions whose answers are still being worked on in a batch."""
        with explained_database(self.path):
            return {
                key
                for batch in read_batches(self._connection)
                if batch.state == "open"
                for key in open_attempts(self._connection, batch.id)
            }

    def reasons(self, run: str | None = None, step: str | None = None) -> dict[str, int]:
        """How questions ended: the finishes of the answers that stand and the reasons of the failures; what `retry` can name."""
        reasons: dict[str, int] = {}
        with explained_database(self.path):
            for reason, number in self._connection.execute(_FINISHES, (run, step)).fetchall():
                reasons[reason] = reasons.get(reason, 0) + number
        return dict(sorted(reasons.items()))

    def retried(self, run: str | None = None) -> dict[str, int]:
        """How many answers and failures of each step were ever marked by `seodang retry`.

        The number grows with each of them, so a step that was made from fewer has to be made again.
        """
        with explained_database(self.path):
            return dict(self._connection.execute(_RETRIED, (run,)).fetchall())

    def keys_of(self, records: Collection[str]) -> list[bytes]:
        """The questions that were asked for these records, and those that showed them beside others.

        A question that two records ask alike is found under the one that asked first only; questions asked for no record, as a lesson
        that makes records out of nothing does, are not found.
        """
        keys: set[bytes] = set()
        with explained_database(self.path):
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (record TEXT PRIMARY KEY)")
            self._connection.execute("DELETE FROM wanted")
            self._connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", [(record,) for record in records])
            for table in ("attempts", "failures"):
                query = f"SELECT DISTINCT key FROM {table} JOIN wanted USING (record) WHERE key != x''"
                keys.update(row[0] for row in self._connection.execute(query).fetchall())
            keys.update(shown.showing(self._connection, records))
        return sorted(keys)

    def average_output_tokens(self, teacher: str) -> float | None:
        """The usual length of this teacher's answers, or None before any was counted."""
        with explained_database(self.path):
            average: float | None = self._connection.execute(_AVERAGE, (teacher,)).fetchone()[0]
        return average

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _attempts(self, query: str, run: str | None, step: str | None) -> Iterator[Sent]:
        with explained_database(self.path):
            for row in self._connection.execute(query, (run, step)):
                yield Sent(**dict(zip(Sent.__struct_fields__, row, strict=True)))
