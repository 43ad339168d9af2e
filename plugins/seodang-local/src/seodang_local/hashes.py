"""What a model is: the hash of its files. Of large ones it is remembered on this machine, for they take seconds to read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from seodang_local.places import READ, parts_of

REMEMBERED_FROM = 64 * 1024 * 1024
"""A smaller file is hashed as fast as it is looked up."""


def identity_of(path: Path) -> str:
    """The same for the same files wherever they lie, and another as soon as one that is read has changed."""
    files = parts_of(path) if path.is_file() else sorted({found for one in READ for found in path.glob(one) if found.is_file()})
    lines = "".join(f"{_hash_of(file)}  {'' if path.is_file() else file.name}\n" for file in files)
    return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def _hash_of(file: Path) -> str:
    stat = os.stat(file)
    if stat.st_size < REMEMBERED_FROM:
        return _digest(file)
    known = f"{file.resolve()}\0{stat.st_ino}\0{stat.st_size}\0{stat.st_mtime_ns}"
    memory = _memory() / hashlib.sha256(known.encode(errors="surrogateescape")).hexdigest()
    try:
        remembered = memory.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):  # not seen yet, or the note is torn: the file itself is asked
        remembered = ""
    if len(remembered) == 64:
        return remembered
    digest = _digest(file)
    _remember(memory, digest)
    return digest


def _digest(file: Path) -> str:
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _memory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "seodang" / "models"


def _remember(memory: Path, digest: str) -> None:
    """Written whole or not at all. A place that cannot be written to costs time at the next run, and nothing else."""
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=memory.parent)
    except OSError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(digest)
    os.replace(partial, memory)
