"""What SQLite says when it cannot go on, told as the trouble that it is: no space, a broken disk, a wrong file."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seodang.errors import DataError, SeodangError
from seodang.files.durable import explained

_SYSTEM_ERRORS = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_IOERR": errno.EIO,
    "SQLITE_READONLY": errno.EROFS,
    "SQLITE_PERM": errno.EACCES,
}
_OWN_MESSAGES = {"SQLITE_NOTADB": "ledger.not-a-ledger", "SQLITE_CORRUPT": "ledger.damaged", "SQLITE_BUSY": "ledger.busy"}


@contextmanager
def explained_database(path: Path) -> Iterator[None]:
    """Turns the errors of SQLite into ones for a person."""
    try:
        yield
    except sqlite3.Error as error:
        raise trouble(error, path) from error


def trouble(error: BaseException, path: Path) -> SeodangError:
    """The message for whatever stopped the book. An error that nobody foresaw is named by what SQLite calls it."""
    if isinstance(error, SeodangError):
        return type(error)(error.code, **error.facts)
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name == "SQLITE_IOERR_WRITE":
        return _as_file_trouble(_why_nothing_can_be_written(path), path)
    for prefix, number in _SYSTEM_ERRORS.items():
        if name.startswith(prefix):
            return _as_file_trouble(number, path)
    for prefix, code in _OWN_MESSAGES.items():
        if name.startswith(prefix):
            return DataError(code, path=str(path))
    return DataError("ledger.broken", path=str(path), name=name, detail=str(error))


def _why_nothing_can_be_written(path: Path) -> int:
    """A full quota and a limit on the size of files are told by SQLite as "disk I/O error", like a disk that fails.

    So the system is asked once more, with a scratch file as long as the log: its own word for the trouble is the one to pass on.
    """
    scratch = path.with_name(f".{path.name}.scratch")
    log = path.with_name(f"{path.name}-wal")
    try:
        length = log.stat().st_size if log.exists() else path.stat().st_size
        descriptor = os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            os.pwrite(descriptor, bytes(8192), length)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return error.errno or errno.EIO
    finally:
        scratch.unlink(missing_ok=True)
    return errno.EIO


def _as_file_trouble(number: int, path: Path) -> SeodangError:
    try:
        with explained(path):
            raise OSError(number, os.strerror(number), str(path))
    except SeodangError as told:
        return told
    except OSError as untold:
        return DataError("ledger.broken", path=str(path), name=type(untold).__name__, detail=str(untold))
