"""Manifests: what a finished step's folder holds, and what it was made of."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.files.durable import explained, write_durably
from seodang.verdicts import Trained

FORMAT = 1
NAME = "manifest.json"


class Shard(msgspec.Struct, frozen=True):
    """A file of a step and what it must hold."""

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Holds no time and no place, so that an interrupted and an uninterrupted run end in identical folders.

    `shards` are what later steps depend on; `sides` are the files for people (dropped, quarantined, items).
    """

    format: int = FORMAT
    step: str
    verb: str
    plugin: str
    distribution: str
    version: str
    revision: int
    fingerprint: str
    ingredients: dict[str, Any]
    inputs: tuple[str, ...] = ()
    shards: tuple[Shard, ...] = ()
    sides: tuple[Shard, ...] = ()
    rows: dict[str, int] = {}
    dropped: dict[str, int] = {}
    quarantined: dict[str, int] = {}
    terms: tuple[str, ...] = ()
    language: str = ""
    figures: dict[str, Any] = {}
    trained: Trained | None = None


class _Format(msgspec.Struct):
    format: int = 0


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Written last: it is what makes the folder exist."""
    write_durably(directory / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def read_manifest(directory: Path) -> Manifest | None:
    """The manifest, or None: a folder without one does not exist."""
    place = directory / NAME
    with explained(place):
        try:
            content = place.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
    try:
        # The number first: a newer format may lack what this one needs, and that is no damage.
        if msgspec.json.decode(content, type=_Format).format > FORMAT:
            raise DataError("files.newer-manifest", path=str(place))
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError("files.damaged-manifest", path=str(place), folder=str(directory), detail=str(error)) from error


def content_hash(manifest: Manifest) -> str:
    """The content of a step by the hashes of its shards and nothing else: identical rows stop a cascade."""
    return hashlib.sha256("\n".join(shard.sha256 for shard in manifest.shards).encode()).hexdigest()
