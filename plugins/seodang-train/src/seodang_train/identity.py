"""What a model is: the hash of the files that its answers depend on. Asked when a run is planned, so nothing heavy is imported."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

READ = (".safetensors", ".json", ".model", ".txt", ".jinja", ".py")
"""What transformers reads: weights, settings, tokenizer, chat template, and code where a model brings its own."""


def identity_of(place: Path) -> str:
    """The same for the same files wherever they lie. Empty where there are none."""
    files = sorted(found for found in place.iterdir() if found.suffix in READ and found.is_file()) if place.is_dir() else []
    digest = hashlib.sha256()
    for file in files:
        stat = os.stat(file)
        digest.update(f"{file.name}\0{_hash_of(file, stat.st_ino, stat.st_size, stat.st_mtime_ns)}\n".encode())
    return digest.hexdigest() if files else ""


@lru_cache(maxsize=4096)
def _hash_of(path: Path, inode: int, size: int, changed: int) -> str:
    """Remembered while the file stays as it is: the plan, the run and the training ask for it, and weights are large."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
