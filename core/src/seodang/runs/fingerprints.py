"""What a step's result depends on, and nothing else: readable ingredients, and their hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from seodang.capabilities import Capability
from seodang.context import matching_files
from seodang.recipes.options import conduct_options, files_options, names_options

RECORD_FORMAT = 1

_encode = msgspec.json.Encoder(order="deterministic").encode


def fingerprint(ingredients: Mapping[str, Any]) -> str:
    return hashlib.sha256(_encode(ingredients)).hexdigest()


def of_capability(
    capability: Capability, identity: str, directory: Path, find: Callable[[str, str], tuple[str, type[Capability]]]
) -> dict[str, Any]:
    """The part of a plugin: who it is, its revision, and its options, with files by content and other capabilities by revision.

    `find` gives the id and the class behind a kind and a name.
    """
    cls = type(capability)
    conduct, files, named = conduct_options(cls), files_options(cls), names_options(cls)
    options: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(capability.options)):
        if field.name in conduct:
            continue
        value = getattr(capability.options, field.name)
        if field.name in files and value:
            patterns = [value] if isinstance(value, str) else value
            found = [path for pattern in patterns for path in files_of(directory, pattern)]
            # Without a file it is something elsewhere, which has nothing but its name.
            options[field.name] = [[path.name, file_hash(path)] for path in found] or value
        elif field.name in named and value:
            names = [value] if isinstance(value, str) else value
            offers = [find(named[field.name], name) for name in names]
            options[field.name] = [[offer_id, offered.revision] for offer_id, offered in offers]
        else:
            options[field.name] = msgspec.to_builtins(value)
    return {"plugin": identity, "class": cls.__qualname__, "revision": cls.revision, "options": options}


def files_of(directory: Path, pattern: str) -> list[Path]:
    """What a path or a pattern names; all the files in it where it names a directory."""
    return matching_files(directory, pattern) or matching_files(directory, f"{pattern}/**/*")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content; its time and place do not count."""
    stat = os.stat(path)
    return _hash_of(path, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4096)
def _hash_of(path: Path, inode: int, size: int, changed: int) -> str:
    """Remembered while the file stays as it is: an invocation asks for it several times, and files are large."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any, Any]]:
    """Which ingredients differ, as (path, old, new), for `seodang why`."""
    found: list[tuple[str, Any, Any]] = []
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += differences(before, after, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", before, after))
    return found


def plain(values: Mapping[str, Any]) -> Any:
    """Values as JSON has them, so that ingredients compare equal after a manifest was read back."""
    return msgspec.json.decode(_encode(values))
