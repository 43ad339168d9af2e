"""The file of a batch: written and on the disk before anything else is done about it, gone when the service has it."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from seodang.files.durable import explained, make_private_directory, open_private, sync, sync_directory, write_all
from seodang.ledger.places import batch_folder

if TYPE_CHECKING:
    from seodang.ledger.ledger import Ledger

_BUFFER_BYTES = 1024 * 1024


def folder_of(ledger: Ledger) -> Path:
    return batch_folder(ledger.path)


class BatchFile:
    """`with BatchFile(folder) as file: file.write(line)`; afterwards its lines are on the disk, and it has a name."""

    def __init__(self, folder: Path) -> None:
        make_private_directory(folder)
        # Drawn and not counted: two runs, two books or two machines must never give two batches one name.
        self._token = secrets.token_hex(8)
        self.path = folder / f"{self._token}.jsonl"
        self.bytes = 0
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._descriptor = -1

    @property
    def name(self) -> str:
        """What the service's list shows: the token, and the beginning of the content's hash."""
        return f"{self._token}-{self._hash.hexdigest()[:16]}"

    def write(self, line: bytes) -> None:
        self._hash.update(line)
        self._buffer += line
        self.bytes += len(line)
        if len(self._buffer) > _BUFFER_BYTES:
            self._flush()

    def __enter__(self) -> BatchFile:
        self._descriptor = open_private(self.path)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
                with explained(self.path):
                    sync(self._descriptor)
        finally:
            os.close(self._descriptor)
        if kind is None:
            sync_directory(self.path.parent)
        else:
            remove(self.path)

    def _flush(self) -> None:
        with explained(self.path):
            write_all(self._descriptor, self._buffer)
        self._buffer.clear()


def path_of(folder: Path, name: str) -> Path:
    """Where the file of a batch lies, or lay."""
    return folder / f"{name.partition('-')[0]}.jsonl"


def remove(path: Path) -> None:
    """The file, and the folder with the last of them. The questions stand in the book."""
    with explained(path):
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def tidy(ledger: Ledger) -> None:
    """Removes what a killed process had begun to write and never entered in the book. Once for each opening of a book."""
    if ledger.tidied:
        return
    ledger.tidied = True
    folder = folder_of(ledger)
    if folder.is_dir():
        for path in sorted(folder.glob("*.jsonl")):
            remove(path)
