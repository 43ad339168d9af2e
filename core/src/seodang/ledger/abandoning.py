"""Gives up a batch that its service does not know any more: what `seodang ledger abandon` does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from seodang.errors import DataError
from seodang.ledger.batching import read_batches
from seodang.ledger.holding import Holding
from seodang.ledger.schema import open_for_writing
from seodang.ledger.trouble import explained_database

_ATTEMPTS = """
UPDATE attempts SET state = 'in-doubt', ended = ?1 WHERE state = 'open' AND id IN (SELECT attempt FROM batched WHERE batch = ?2)
"""


def abandon(path: Path, identifier: str, *, run: str | None = None, now: Callable[[], float] = time.time) -> int:
    """Tells how many questions may be asked again. They may have been paid for, and count so for good.

    `identifier` is the service's id of the batch, or our name for it where nobody has learned the id.
    """
    holding = Holding(path)
    try:
        connection = open_for_writing(path)
        try:
            with explained_database(path):
                there = [batch for batch in read_batches(connection, run) if batch.state == "open"]
                found = [batch for batch in there if identifier in (batch.identifier, batch.name)]
                if not found:
                    names = ", ".join(batch.identifier or batch.name for batch in there)
                    raise DataError("ledger.no-such-batch", identifier=identifier, there=names)
                moment = int(now() * 1_000_000)
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE batches SET state = 'abandoned', ended = ? WHERE id = ?", (moment, found[0].id))
                questions = connection.execute(_ATTEMPTS, (moment, found[0].id)).rowcount
                connection.execute("COMMIT")
                return questions
        finally:
            connection.close()
    finally:
        holding.release()
