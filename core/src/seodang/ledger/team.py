"""What was spent over all runs of a team: by run, by teacher and by month."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.ledger.places import ledger_of
from seodang.ledger.schema import open_for_reading
from seodang.ledger.trouble import explained_database

DEEPEST = 6
"""So far below a directory runs are looked for; a mistyped `/` must not go over a whole disk."""
_ATTEMPTS = """
SELECT run, key, started, teacher, model, currency, state, coalesce(cost, worst), input_tokens, output_tokens
FROM attempts JOIN sources ON sources.id = source WHERE origin = ''
"""


class Place(msgspec.Struct, frozen=True):
    """A run and its id. Runs that share a book are told apart in it by their ids."""

    path: Path
    id: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one run, teacher or month came to. Money is in millionths by currency; what is not settled counts at its worst case."""

    name: str
    requests: int
    answers: int
    input_tokens: int
    output_tokens: int
    spent_micro: dict[str, int]


class TeamSpending(msgspec.Struct, frozen=True, kw_only=True):
    """`copied` attempts stand in several books, as of a run that was copied: nobody paid for them twice."""

    runs: tuple[Share, ...]
    teachers: tuple[Share, ...]
    months: tuple[Share, ...]
    total: Share
    copied: int


class _Sum:
    def __init__(self) -> None:
        self.counts = [0, 0, 0, 0]
        self.spent: dict[str, int] = {}

    def add(self, currency: str, state: str, micro: int, tokens: tuple[int, int]) -> None:
        for place, number in enumerate((1, state == "answered", *tokens)):
            self.counts[place] += number
        # What was turned away costs nothing, whatever it might have come to.
        if currency and micro and state != "unpaid":
            self.spent[currency] = self.spent.get(currency, 0) + micro

    def told(self, name: str) -> Share:
        requests, answers, came, went = self.counts
        spent = dict(sorted(self.spent.items()))
        return Share(name=name, requests=requests, answers=answers, input_tokens=came, output_tokens=went, spent_micro=spent)


def is_many(path: Path) -> bool:
    """A directory that is no run itself: what is meant are the runs below it."""
    return path.is_dir() and not (path / "lock.toml").is_file()


def runs_below(directories: Sequence[Path]) -> list[Place]:
    """In the order of their paths, each once. Links are not followed and a run is not looked into for others."""
    found = sorted({path.resolve(): path for directory in directories for path in _below(directory)}.values())
    if not found:
        raise DataError("ledger.no-runs", path=", ".join(map(str, directories)))
    return [Place(path, _id(path)) for path in found]


def team_spending(places: Sequence[Place]) -> TeamSpending:
    names = {place.id: str(place.path) for place in places}
    books = sorted({book.resolve() for place in places if (book := ledger_of(place.path)).is_file()})
    runs: dict[str, _Sum] = {str(place.path): _Sum() for place in places}
    teachers: dict[str, _Sum] = {}
    months: dict[str, _Sum] = {}
    total, copied = _Sum(), 0
    met: set[bytes] = set()
    for book in books:
        for run, key, started, teacher, model, currency, state, micro, came, went in _attempts(book):
            # The same question at the same microsecond by the same run: a copy of its book, not a second purchase.
            mark = blake2b(key + f"{run} {started}".encode(), digest_size=12).digest()
            if mark in met:
                copied += 1
                continue
            met.add(mark)
            groups = (
                runs.setdefault(names.get(run, run), _Sum()),
                teachers.setdefault(f"{teacher} {model}".strip(), _Sum()),
                months.setdefault(_month(started), _Sum()),
                total,
            )
            for group in groups:
                group.add(currency, state, micro, (came, went))
    return TeamSpending(runs=_told(runs), teachers=_told(teachers), months=_told(months), total=total.told(""), copied=copied)


def _told(groups: dict[str, _Sum]) -> tuple[Share, ...]:
    return tuple(groups[name].told(name) for name in sorted(groups))


def _attempts(book: Path) -> Iterator[tuple[Any, ...]]:
    with explained_database(book):
        connection = open_for_reading(book)
        try:
            yield from connection.execute(_ATTEMPTS)
        finally:
            connection.close()


def _month(started: int) -> str:
    return datetime.fromtimestamp(started / 1_000_000, UTC).strftime("%Y-%m")


def _below(directory: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(directory):
        path = Path(place)
        if "lock.toml" in files:
            folders.clear()
            if _id(path):
                yield path
        elif len(path.relative_to(directory).parts) >= DEEPEST:
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _id(path: Path) -> str:
    """Empty for the lock file of somebody else's tool."""
    try:
        lock = tomllib.loads((path / "lock.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""  # not a run of ours; one of ours that is damaged is told of when it is opened by name
    return str(lock.get("id", ""))
