"""What has been written is on the disk, and not only in the memory of the machine that may lose its power."""

from __future__ import annotations

import os
from pathlib import Path


def sync(path: Path) -> None:
    """A file or a folder; of a folder the names in it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_all(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        sync(path)
    sync(folder)
