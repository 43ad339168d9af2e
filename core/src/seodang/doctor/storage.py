"""The disk that runs are written to: its kind, its free space, and how long it takes until something is really on it."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afpfs", "fuse.sshfs", "drvfs", "v9fs")
"""Where SQLite's write-ahead log and locks do not hold what they promise: network disks, and Windows' disks seen from WSL."""

NO_LONGER = ("tmpfs", "ramfs", "overlay", "overlayfs")
"""Memory, and the writable layer of a container: both are gone when it is stopped."""


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """`sync_seconds` is None where nothing could be written, and `error` says why."""

    directory: str
    kind: str
    free_bytes: int
    sync_seconds: float | None
    error: str = ""


def look_at_storage(directory: Path) -> Storage:
    """Of the directory, or of the nearest one above it that exists already."""
    place = directory.resolve()
    while not place.is_dir():
        place = place.parent
    seconds, error = _sync_seconds(place)
    return Storage(
        directory=str(place),
        kind=file_system_of(place),
        free_bytes=shutil.disk_usage(place).free,
        sync_seconds=seconds,
        error=error,
    )


def _sync_seconds(directory: Path, times: int = 15) -> tuple[float | None, str]:
    """The median of some writes of a page, each followed by fsync: what one paid answer waits for at least."""
    taken = []
    try:
        with tempfile.NamedTemporaryFile(dir=directory, prefix=".seodang-doctor-", buffering=0) as file:
            for _ in range(times):
                started = time.perf_counter()
                file.write(b"\0" * 4096)
                os.fsync(file.fileno())
                taken.append(time.perf_counter() - started)
    except OSError as error:
        return None, error.strerror or str(error)
    return statistics.median(taken), ""


def file_system_of(path: Path) -> str:
    """The kind of file system a path lies on, as the system calls it; empty where it does not tell."""
    try:
        if sys.platform == "linux":
            return kind_from_mountinfo(Path("/proc/self/mountinfo").read_text(errors="replace"), str(path))
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, errors="replace", timeout=10, check=False)
        return kind_from_mount(told.stdout, str(path))
    except (OSError, subprocess.SubprocessError):
        return ""


def kind_from_mountinfo(text: str, path: str) -> str:
    """From Linux' `/proc/self/mountinfo`: `… mount-point options - kind source …`; a blank in a path is written `\\040`."""
    mounts = []
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        if rest and len(parts := fields.split(" ")) > 4:
            mounts.append((parts[4].replace("\\040", " "), rest.split(" ")[0]))
    return _deepest(mounts, path)


def kind_from_mount(text: str, path: str) -> str:
    """From what `mount` prints on macOS: `/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)`."""
    mounts = []
    for line in text.splitlines():
        _, _, rest = line.partition(" on ")
        point, _, options = rest.rpartition(" (")
        if point:
            mounts.append((point, options.rstrip(")").split(",")[0].strip()))
    return _deepest(mounts, path)


def _deepest(mounts: list[tuple[str, str]], path: str) -> str:
    """The last mount wins where two are at the same place, because it lies on top."""
    holding = [(point, kind) for point, kind in mounts if Path(path).is_relative_to(point)]
    return max(reversed(holding), key=lambda mount: len(mount[0]), default=("", ""))[1]
