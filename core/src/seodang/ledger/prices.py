"""At what prices the answers of a book were counted, and from where these are: a price that a plugin knows changes with the plugin."""

from __future__ import annotations

import sqlite3

import msgspec

TABLE = """CREATE TABLE IF NOT EXISTS prices (
    source INTEGER NOT NULL REFERENCES sources, since INTEGER NOT NULL, price TEXT NOT NULL, PRIMARY KEY (source, since)
) STRICT, WITHOUT ROWID;"""
"""Beside the tables of the first format, which older books have. `since` is the first attempt that was counted so."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """From attempt `since` on the answers of a model in a step were counted at this price."""

    step: str
    teacher: str
    model: str
    since: int
    price: str


def note(connection: sqlite3.Connection, source: int, since: int, price: str) -> None:
    connection.execute("INSERT INTO prices VALUES (?, ?, ?)", (source, since, price))


def latest(connection: sqlite3.Connection) -> dict[int, str]:
    """The last price of each source."""
    return dict(connection.execute("SELECT source, price FROM prices ORDER BY since").fetchall())


def counted(connection: sqlite3.Connection, run: str | None = None) -> tuple[Counted, ...]:
    """In the order in which they were first used."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'prices'").fetchall():
        return ()
    rows = connection.execute(
        """SELECT step, teacher, model, since, price FROM prices JOIN sources ON sources.id = source
           WHERE ?1 IS NULL OR run = ?1 ORDER BY since""",
        (run,),
    )
    return tuple(Counted(step=row[0], teacher=row[1], model=row[2], since=row[3], price=row[4]) for row in rows.fetchall())
