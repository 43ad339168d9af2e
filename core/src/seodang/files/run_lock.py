"""One process on one run: a lock that the system takes away when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import socket
import weakref
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seodang.errors import DataError
from seodang.files.durable import explained

_held: weakref.WeakSet[RunLock] = weakref.WeakSet()


class RunLock:
    """Holds `run.lock` for the life of the process; what is written in it is only for the message to the second one."""

    def __init__(self, run: Path, name: str = "run.lock") -> None:
        self._path = run / name
        self._file: int | None = None

    def __enter__(self) -> RunLock:
        with explained(self._path):
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                since = datetime.now(UTC).isoformat(timespec="seconds")
                note = msgspec.json.encode({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
                # Written over the old one and cut afterwards, so that no reader meets an empty file.
                os.ftruncate(file, os.pwrite(file, note, 0))
            except BlockingIOError:
                holder = _holder(os.pread(file, 4096, 0))
                os.close(file)
                raise DataError("files.locked", path=str(self._path.parent), **holder) from None
            except BaseException:
                os.close(file)
                raise
        self._file = file
        _held.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _holder(note: bytes) -> dict[str, object]:
    """Who holds the run. The lock is what counts: a note that cannot be read makes the message poorer and nothing else."""
    try:
        known = msgspec.json.decode(note, type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        known = {}
    return {name: known.get(name, "?") for name in ("pid", "host", "since")}


def _leave_to_the_parent() -> None:
    """A forked child shares the lock: it would keep it after the parent was killed, and nobody could go on with the run."""
    for lock in list(_held):
        lock._let_go()


os.register_at_fork(after_in_child=_leave_to_the_parent)
