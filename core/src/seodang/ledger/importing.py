"""Takes in answers that were bought elsewhere, so that they are not bought again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from seodang.asking.bodies import body_of, ended
from seodang.asking.keys import canonical_request
from seodang.files.lines import BadLine
from seodang.files.reading import read_rows
from seodang.ledger.figures import Source
from seodang.ledger.holding import Holding
from seodang.ledger.posting import add_source
from seodang.ledger.schema import open_for_writing
from seodang.ledger.trouble import explained_database
from seodang.requests import Answer, Request

_BATCH = 500
_KNOWN = "SELECT 1 FROM attempts JOIN answers ON answers.attempt = attempts.id WHERE key = ?"
_ATTEMPT = """
INSERT INTO attempts (key, source, record, started, ended, state, worst, cost, finish)
VALUES (?1, ?2, '', ?3, ?3, 'answered', 0, 0, ?4)
"""


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file. `options` are the teacher's that shape its answers; `model` is the one that nearly all have.

    `seodang ledger RUN --sent --json` shows the questions of a run in this shape.
    """

    teacher: str
    identity: str
    request: Request
    answer: Answer
    model: str = ""
    options: dict[str, Any] = {}


class BadImport(msgspec.Struct, frozen=True, kw_only=True):
    where: str
    code: str
    detail: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`known` were in the book already, as an answer: the first one stays. `bad` lines are named, none is passed over."""

    imported: int
    known: int
    bad: tuple[BadImport, ...]


def import_answers(path: Path, file: Path, *, run: str = "", now: Callable[[], float] = time.time) -> ImportReport:
    """Enters the answers of a JSON Lines file at no cost; a line is a `Bought`.

    A question that had failed for good is answered by this.
    """
    imported = known = 0
    bad: list[BadImport] = []
    rows = _read(file, bad)
    batch = list(islice(rows, _BATCH))  # before anything is made: the file may not be there
    holding = Holding(path)
    try:
        connection = open_for_writing(path)
        try:
            while batch:
                with explained_database(path):
                    connection.execute("BEGIN IMMEDIATE")
                    new = sum(_enter(connection, bought, f"import:{file.name}", run, int(now() * 1_000_000)) for bought in batch)
                    connection.execute("COMMIT")
                imported += new
                known += len(batch) - new
                batch = list(islice(rows, _BATCH))
        finally:
            connection.close()
    finally:
        holding.release()
    return ImportReport(imported=imported, known=known, bad=tuple(bad))


def _read(file: Path, bad: list[BadImport]) -> Iterator[Bought]:
    for row in read_rows(file):
        if isinstance(row, BadLine):
            bad.append(BadImport(where=row.where, code=row.code, detail=row.detail))
            continue
        try:
            yield msgspec.convert(row.values, Bought)
        except msgspec.ValidationError as error:
            bad.append(BadImport(where=row.where, code="not-an-answer", detail=str(error)))


def _enter(connection: sqlite3.Connection, bought: Bought, origin: str, run: str, time: int) -> bool:
    options = {"model": bought.model, **bought.options} if bought.model else bought.options
    key, request = canonical_request(bought.teacher, bought.identity, options, bought.request)
    if connection.execute(_KNOWN, (key,)).fetchall():
        return False
    model = str(options.get("model", ""))
    source = add_source(connection, Source(run, bought.teacher, bought.identity, model, "", "", "", origin))
    attempt = connection.execute(_ATTEMPT, (key, source, time, ended(bought.answer, bought.request.schema).finish)).lastrowid
    connection.execute("INSERT INTO requests (attempt, body) VALUES (?, ?)", (attempt, request))
    connection.execute("INSERT INTO answers (attempt, body) VALUES (?, ?)", (attempt, body_of(bought.answer)))
    connection.execute("DELETE FROM failures WHERE key = ?", (key,))
    return True
