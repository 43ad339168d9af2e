"""What a model is: the hash of the files that its answers depend on. Asked when a run is planned, so nothing heavy is imported."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

READ = ("*.safetensors", "config.json", "tokenizer*", "*.model", "vocab*", "merges*", "special_tokens_map.json")


def identity_of(place: Path) -> str:
    """The same for the same files wherever they lie. Empty where there are none."""
    files = sorted({found for pattern in READ for found in place.glob(pattern) if found.is_file()})
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
