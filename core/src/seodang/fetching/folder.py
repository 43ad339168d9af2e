"""The folder that goes to the other side: what of it is there already, and the pages and sums that tell what is in it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from seodang.carrying import Listing
from seodang.errors import DataError
from seodang.files.durable import explained

NOTES, RECIPE, README, REQUIREMENTS, INDEXED, SUMS, WHEELS = (
    "fetched.json", "recipe.toml", "README.md", "requirements.txt", "requirements-index.txt", "SHA256SUMS", "wheels",
)  # fmt: skip
OURS = (NOTES, RECIPE, README, REQUIREMENTS, INDEXED, SUMS, WHEELS)
"""What we write ourselves: no file of the recipe may have such a name."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an option names, and where it lies afterwards."""

    source: str
    target: str
    bytes: int


class Hash(msgspec.Struct, frozen=True):
    """A file's hash, which stands as long as its size and time do: weights take minutes to read again."""

    size: int
    changed: int
    sha256: str


class Notes(msgspec.Struct, kw_only=True):
    """What an attempt leaves for the next: the exact revisions that it began with, and the hashes that it knows."""

    recipe: str
    finished: bool = False
    listings: dict[str, Listing] = {}
    hashes: dict[str, Hash] = {}


def read_notes(folder: Path) -> Notes | None:
    """Those of an attempt before. A folder with other things in it is nobody's to fill."""
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise DataError("fetching.in-use", folder=str(folder))
    file = folder / NOTES
    if not file.is_file():
        if any(folder.iterdir()):
            raise DataError("fetching.in-use", folder=str(folder))
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Notes)
    except msgspec.DecodeError:
        raise DataError("fetching.in-use", folder=str(folder)) from None


def write_text(folder: Path, name: str, text: str) -> None:
    """Whole or not at all."""
    with explained(folder):
        partial = folder / f".{name}.writing"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, folder / name)


def keep_notes(folder: Path, notes: Notes) -> None:
    write_text(folder, NOTES, msgspec.json.format(msgspec.json.encode(notes), indent=1).decode() + "\n")


def copy_file(copy: Copy, folder: Path) -> None:
    """Copied unless it is there: the copy keeps the time of its original, so that an equal one is known without reading it."""
    source, target = Path(copy.source), folder / copy.target
    with explained(target):
        about = source.stat()
        if target.is_file():
            there = target.stat()
            if (there.st_size, there.st_mtime_ns) == (about.st_size, about.st_mtime_ns):
                return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{hashlib.sha256(target.name.encode()).hexdigest()[:16]}.writing")
        shutil.copyfile(source, partial)
        os.utime(partial, ns=(about.st_atime_ns, about.st_mtime_ns))
        os.replace(partial, target)


def check_room(folder: Path, bytes: int) -> None:
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if bytes > free:
        raise DataError("fetching.no-room", folder=str(folder), needed=bytes, free=free)


def hash_of(file: Path, name: str, notes: Notes) -> str:
    about = file.stat()
    known = notes.hashes.get(name)
    if known is not None and (known.size, known.changed) == (about.st_size, about.st_mtime_ns):
        return known.sha256
    with open(file, "rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    notes.hashes[name] = Hash(about.st_size, about.st_mtime_ns, digest)
    return digest


def compare(folder: Path, listing: Listing, place: str, notes: Notes) -> None:
    """Every file of a piece is there, as long as the other side said, and with its hash where that was told."""
    for name, size in listing.files.items():
        file = folder / place / name
        if not file.is_file() or file.stat().st_size != size:
            file.unlink(missing_ok=True)  # so that the next attempt brings it anew
            raise DataError("fetching.torn", file=f"{place}/{name}")
        wanted = listing.sha256.get(name)
        if wanted and hash_of(file, f"{place}/{name}", notes) != wanted:
            file.unlink()
            raise DataError("fetching.torn", file=f"{place}/{name}")


def files_of(folder: Path) -> Iterator[str]:
    """What people carry over, sorted; not our notes, nor what a carrier notes for itself."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if file.is_file() and not any(part.startswith(".") for part in name.parts) and name.as_posix() not in (NOTES, SUMS):
            yield name.as_posix()


def sums_of(folder: Path, notes: Notes) -> str:
    """As `sha256sum -c` reads it."""
    names = list(files_of(folder))
    lines = [f"{hash_of(folder / name, name, notes)}  {name}\n" for name in names]
    for gone in notes.hashes.keys() - set(names):
        del notes.hashes[gone]
    return "".join(lines)


def refuse_secrets(folder: Path, secrets: Mapping[str, str]) -> None:
    """The value of none of these stands in a text that we wrote or copied; small files are looked through, weights are not texts."""
    for name in files_of(folder):
        file = folder / name
        if file.stat().st_size > 4_000_000:
            continue
        content = file.read_bytes()
        for variable, value in secrets.items():
            if value.encode() in content:
                raise DataError("fetching.secret", file=name, variable=variable)
