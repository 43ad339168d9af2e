"""Writing that survives: private files, fsync before rename, and system errors told as what they mean."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from seodang.errors import DataError

_MEANINGS = {
    errno.ENOSPC: "files.no-space",
    errno.EDQUOT: "files.no-space",
    errno.EFBIG: "files.no-space",
    errno.EROFS: "files.read-only",
    errno.EACCES: "files.read-only",
    errno.EPERM: "files.read-only",
    errno.EIO: "files.io",
    errno.ESTALE: "files.io",
    errno.ENOLCK: "files.io",
    errno.EOPNOTSUPP: "files.io",
    errno.ENAMETOOLONG: "files.unusable-place",
    errno.ENOTDIR: "files.unusable-place",
    errno.EISDIR: "files.unusable-place",
    errno.ENOTEMPTY: "files.unusable-place",
    errno.EEXIST: "files.unusable-place",
    errno.ELOOP: "files.unusable-place",
}
_LONGEST_NAME = 240
"""Bytes that a file's name may have and still leave room for what is added while it is written; 255 is the usual limit."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns the system's word for a full disk, a read-only place or a failing device into a sentence with the remedy.

    What means something else to each caller, as a file that is not there, passes through.
    """
    try:
        yield
    except OSError as error:
        code = _MEANINGS.get(error.errno or 0)
        if code is None:
            raise
        raise DataError(code, path=str(path), error=error.strerror or "") from error


def make_private_directory(path: Path) -> None:
    """The directory and its parents, readable by their owner only where they are new."""
    with explained(path):
        missing = [place for place in (path, *path.parents) if not place.exists()]
        for place in reversed(missing):
            try:
                place.mkdir(mode=0o700, exist_ok=True)
            except FileNotFoundError as error:
                # The parent is there and takes no directories, as in /proc.
                raise NotADirectoryError(errno.ENOTDIR, error.strerror or "", str(place)) from error
            _sync_place(place.parent)
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def open_private(path: Path) -> int:
    """The descriptor of a new, empty file that only its owner can read. What stood there is removed, never written through."""
    with explained(path):
        path.unlink(missing_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def write_all(descriptor: int, content: bytes | bytearray) -> None:
    """Every byte. A disk that fills up takes some of them first and refuses with the next call."""
    with memoryview(content) as view:
        written = 0
        while written < len(view):
            written += os.write(descriptor, view[written:])


def sync(descriptor: int) -> None:
    """Waits until the file is on the disk. A failure is final: the system forgets what it could not write, so that a second
    call would lie."""
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync alone leaves it in the drive's cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


class DurableFile:
    """A file that appears whole under its name or not at all. For what is too long for `write_durably`.

    `with DurableFile(path) as file: file.write(…)`. The content is written beside the file under a name of its own, the same
    at every attempt, so that a killed one leaves nothing that the next does not clear away.
    """

    def __init__(self, path: Path) -> None:
        # A link is followed: its target is replaced, and the link stays what it is.
        self._path = Path(os.path.realpath(path))
        name = self._path.name
        if len(os.fsencode(name)) > _LONGEST_NAME:
            name = hashlib.sha256(os.fsencode(name)).hexdigest()
        self._partial = self._path.with_name(f".{name}.writing")
        self._descriptor = -1

    def __enter__(self) -> DurableFile:
        with explained(self._path):
            if self._path.exists() and not self._path.is_file():
                # Renaming over /dev/stdout or a pipe would remove it.
                raise DataError("files.not-a-file", path=str(self._path))
        self._descriptor = open_private(self._partial)
        return self

    def write(self, content: bytes | bytearray) -> None:
        with explained(self._path):
            write_all(self._descriptor, content)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        whole = False
        try:
            with explained(self._path):
                try:
                    if kind is None:
                        sync(descriptor)
                finally:
                    os.close(descriptor)
                if kind is None:
                    os.replace(self._partial, self._path)
                    whole = True
        finally:
            if not whole:
                self._partial.unlink(missing_ok=True)
        if whole:
            sync_directory(self._path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """The whole content or the old one, whatever happens: written beside, synced, renamed, and the directory synced."""
    with DurableFile(path) as file:
        file.write(content)


def sync_directory(path: Path) -> None:
    """Makes the names in the directory last: without it a renamed file may be gone after a power loss."""
    with explained(path):
        _sync_place(path)


def _sync_place(path: Path | str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def commit_directory(partial: Path, final: Path) -> None:
    """Everything in the folder is on disk, and private, before the folder has its name.

    Links are left as they are: what they lead to is not ours. A folder that stands there already is never replaced.
    """
    with explained(final):
        for place, _, names in os.walk(partial, topdown=False, onerror=_fail):
            for name in names:
                _make_last(os.path.join(place, name))
            os.chmod(place, 0o700)
            _sync_place(place)
        os.rename(partial, final)
    sync_directory(final.parent)


def _fail(error: OSError) -> None:
    raise error


def _make_last(path: str) -> None:
    if not stat.S_ISREG(os.lstat(path).st_mode):  # opening a pipe would wait for ever
        return
    os.chmod(path, 0o600)
    _sync_place(path)
