"""Where the book of a run lies."""

from __future__ import annotations

import tomllib
from pathlib import Path

from seodang.errors import DataError


def ledger_of(run: Path) -> Path:
    """The run's own book, or the one that it shares (`--ledger`); a path that is a book already is given back.

    The book need not exist: a run that has not paid yet has none.
    """
    if run.is_file():
        return run
    try:
        shared = tomllib.loads((run / "lock.toml").read_text(encoding="utf-8")).get("ledger")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError("ledger.no-run", path=str(run)) from error
    return Path(shared) if shared else run / "ledger.sqlite"


def batch_folder(book: Path) -> Path:
    """Where the files of batches lie until their service has them: beside the book, so that who holds it may tidy up there."""
    return book.with_suffix(".batches")
