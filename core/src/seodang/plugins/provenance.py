"""What a distribution is made of, for the lock of a run: version, whether its files may change under it, and their hash."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from seodang.plugins.installed import canonical


class Provenance(NamedTuple):
    version: str
    editable: bool
    sha256: str


def provenance(distribution: str) -> Provenance | None:
    """None where no such distribution is installed.

    The hash covers the files of its modules as they are now, by their names and contents, so that a wheel and an editable
    installation of the same sources have the same one, and a file that was edited afterwards gives another.
    """
    found = _distribution(distribution)
    if found is None:
        return None
    editable = is_editable(found)
    files = _editable_files(found) if editable else _installed_files(found)
    digest = hashlib.sha256()
    for name, path in sorted(files):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return Provenance(found.version, editable, digest.hexdigest())


def is_editable(distribution: importlib.metadata.Distribution) -> bool:
    """As the installer wrote it down in `direct_url.json`."""
    text = distribution.read_text("direct_url.json")
    try:
        origin = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return False
    return isinstance(origin, dict) and bool((origin.get("dir_info") or {}).get("editable"))


def edited_files(distribution: str) -> list[str]:
    """The files of an installed wheel that are not as they were installed, by RECORD. Nothing where there is no RECORD."""
    found = _distribution(distribution)
    if found is None or is_editable(found):
        return []
    edited = []
    for file in found.files or ():
        if file.hash is None or file.hash.mode != "sha256":
            continue
        path = Path(str(file.locate()))
        if not path.is_file() or _record_hash(path) != file.hash.value:
            edited.append(str(file))
    return sorted(edited)


def _record_hash(path: Path) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()


def _distribution(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):  # ValueError: the empty name
        return None


def _installed_files(distribution: importlib.metadata.Distribution) -> Iterator[tuple[str, Path]]:
    """What RECORD lists, without metadata, compiled files and scripts, all of which the installer writes."""
    if distribution.files is None:
        yield from _editable_files(distribution)
        return
    for file in distribution.files:
        path = Path(str(file.locate()))
        if _counts(file.parts) and not file.parts[0].endswith((".dist-info", ".data", "..")) and path.is_file():
            yield "/".join(file.parts), path


def _editable_files(distribution: importlib.metadata.Distribution) -> Iterator[tuple[str, Path]]:
    """The files of the modules that the distribution is known to bring: those of its entry points and that of its name."""
    names = {canonical(distribution.metadata["Name"] or "").replace("-", "_")}
    names |= {entry.module.partition(".")[0] for entry in distribution.entry_points}
    for name in sorted(names):
        yield from _module_files(name)


def _module_files(name: str) -> Iterator[tuple[str, Path]]:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return
    if spec is None:
        return
    for place in spec.submodule_search_locations or ():
        for path in Path(place).rglob("*"):
            parts = path.relative_to(place).parts
            if _counts(parts) and path.is_file():
                yield "/".join((name, *parts)), path
    if not spec.submodule_search_locations and spec.origin:
        yield Path(spec.origin).name, Path(spec.origin)


def _counts(parts: tuple[str, ...]) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in parts) and not parts[-1].endswith((".pyc", ".pth"))
