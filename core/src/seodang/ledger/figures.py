"""The sums of a book: counted once from its tables, then kept up to date by whoever writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from seodang.ledger.entries import Line, Totals

_ATTEMPTS = """
SELECT source, state, finish, cost IS NULL, count(*), sum(worst), sum(cost), sum(input_tokens), sum(output_tokens)
FROM attempts GROUP BY 1, 2, 3, 4
"""
_FAILURES = "SELECT source, reason, count(*) FROM failures GROUP BY 1, 2"


@dataclass
class Account:
    """The money of one currency, in millionths."""

    settled: int = 0
    reserved: int = 0
    in_doubt: int = 0

    @property
    def total(self) -> int:
        return self.settled + self.reserved + self.in_doubt


@dataclass
class Figures:
    requests: int = 0
    answers: int = 0
    reused: int = 0
    unpaid: int = 0
    in_doubt: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    accounts: dict[str, Account] = field(default_factory=dict)
    finishes: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    def account(self, currency: str) -> Account:
        account = self.accounts.get(currency)
        if account is None:
            account = self.accounts[currency] = Account()
        return account

    def totals(self) -> Totals:
        """A picture of this moment; also while another thread goes on counting, hence the copies."""
        accounts = [(name, account) for name, account in sorted(self.accounts.copy().items()) if name]
        return Totals(
            requests=self.requests,
            answers=self.answers,
            reused=self.reused,
            unpaid=self.unpaid,
            in_doubt=self.in_doubt,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            settled_micro={name: account.settled for name, account in accounts},
            reserved_micro={name: account.reserved for name, account in accounts},
            in_doubt_micro={name: account.in_doubt for name, account in accounts},
            finishes=dict(sorted(self.finishes.copy().items())),
            failures={reason: number for reason, number in sorted(self.failures.copy().items()) if number},
        )


class Source(msgspec.Struct, frozen=True):
    """Whose answers they are and what they were for: what many attempts have in common."""

    run: str
    teacher: str
    identity: str
    model: str
    host: str
    step: str
    currency: str
    origin: str = ""


def read_sources(connection: sqlite3.Connection) -> dict[int, Source]:
    rows = connection.execute("SELECT id, run, teacher, identity, model, host, step, currency, origin FROM sources")
    return {row[0]: Source(*row[1:]) for row in rows}


def count(connection: sqlite3.Connection, *, run: str | None = None, step: str | None = None) -> Figures:
    """The sums of one run, or of one step, or of the whole book."""
    figures = Figures()
    for _, part in _count_sources(connection, run, step):
        _add(figures, part)
    return figures


def lines(connection: sqlite3.Connection, *, run: str | None = None, step: str | None = None) -> tuple[Line, ...]:
    """The sums of each teacher in each step, in the order in which the steps began to ask."""
    together: dict[tuple[str, str, str], Figures] = {}
    for source, part in _count_sources(connection, run, step):
        _add(together.setdefault((source.step, source.teacher, source.model), Figures()), part)
    return tuple(Line(step=key[0], teacher=key[1], model=key[2], totals=figures.totals()) for key, figures in together.items())


def _count_sources(connection: sqlite3.Connection, run: str | None, step: str | None) -> Iterable[tuple[Source, Figures]]:
    sources = read_sources(connection)
    parts: dict[int, Figures] = {}
    for row in connection.execute(_ATTEMPTS).fetchall():
        _count_attempts(parts.setdefault(row[0], Figures()), sources[row[0]], row[1:])
    for source, reason, number in connection.execute(_FAILURES).fetchall():
        parts.setdefault(source, Figures()).failures[reason] = number
    for identifier in sorted(parts):
        source = sources[identifier]
        if run in (None, source.run) and step in (None, source.step):
            yield source, parts[identifier]


def _count_attempts(figures: Figures, source: Source, row: tuple) -> None:  # type: ignore[type-arg]  # a row of _ATTEMPTS
    state, finish, unsettled, number, worst, cost, input_tokens, output_tokens = row
    if source.origin:
        figures.reused += number
        return
    figures.requests += number
    figures.input_tokens += input_tokens
    figures.output_tokens += output_tokens
    if state == "answered":
        figures.answers += number
        if finish:
            figures.finishes[finish] = figures.finishes.get(finish, 0) + number
    elif state == "unpaid":
        figures.unpaid += number
    elif state == "in-doubt":
        figures.in_doubt += number
    account = figures.account(source.currency)
    if not unsettled:
        account.settled += cost
    elif state == "in-doubt":
        account.in_doubt += worst
    else:
        account.reserved += worst


def _add(figures: Figures, part: Figures) -> None:
    for name in ("requests", "answers", "reused", "unpaid", "in_doubt", "input_tokens", "output_tokens"):
        setattr(figures, name, getattr(figures, name) + getattr(part, name))
    for currency, account in part.accounts.items():
        mine = figures.account(currency)
        mine.settled += account.settled
        mine.reserved += account.reserved
        mine.in_doubt += account.in_doubt
    for counts, more in ((figures.finishes, part.finishes), (figures.failures, part.failures)):
        for reason, number in more.items():
            counts[reason] = counts.get(reason, 0) + number
