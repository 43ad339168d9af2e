"""Who writes into a book: one process at a time."""

from __future__ import annotations

from pathlib import Path

from seodang.errors import DataError
from seodang.files.durable import make_private_directory
from seodang.files.run_lock import RunLock


class Holding:
    """A lock on `<book>.lock`, held until `release`. Shared books need one of their own: the run's lock covers one run only."""

    def __init__(self, path: Path) -> None:
        make_private_directory(path.parent)
        self._lock = RunLock(path.parent, f"{path.name}.lock")
        try:
            self._lock.__enter__()
        except DataError as error:
            if error.code != "files.locked":
                raise
            raise DataError("ledger.held", **{**error.facts, "path": str(path)}) from None

    def release(self) -> None:
        self._lock.__exit__(None, None, None)
