"""The rows that the seeds of a run hold out, for its evaluations."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.files.manifests import Manifest
from seodang.records import Record
from seodang.runs.holding_out import HELD_OUT

FIGURE = "held_out"
"""Where the manifest of a seeds step has their number and hash."""


class _Line(msgspec.Struct):
    code: str
    record: msgspec.Raw = msgspec.Raw(b"")
    """Not there where a source left out a row that never became a record."""


_line = msgspec.json.Decoder(_Line).decode
_record = msgspec.json.Decoder(Record).decode


class HeldOut(Collection[Record]):
    """The records in order; they can be read again and again, and are never all in memory."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._places = [folder / "dropped.jsonl" for folder in folders]

    def __iter__(self) -> Iterator[Record]:
        for place in self._places:
            with open(place, "rb") as file:
                for number, content in enumerate(file, 1):
                    try:
                        line = _line(content)
                        if line.code == HELD_OUT:
                            yield _record(line.record)
                    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                        facts = {"path": str(place), "line": number, "folder": str(place.parent), "detail": str(error)}
                        raise DataError("files.damaged", **facts) from None

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(record == held for held in self)


def held_out_of(manifests: Mapping[str, tuple[Path, Manifest]]) -> HeldOut:
    """Those of all seeds steps among these."""
    return HeldOut([folder for folder, manifest in manifests.values() if held_hash(manifest)])


def figures_of(records: Sequence[Record]) -> dict[str, Any]:
    """What a manifest says of the rows that its step holds out; nothing where it holds out none."""
    if not records:
        return {}
    digest = hashlib.sha256()
    for record in records:
        digest.update(msgspec.json.encode(record) + b"\n")
    return {FIGURE: {"rows": len(records), "sha256": digest.hexdigest()}}


def held_hash(manifest: Manifest) -> str:
    """The hash of the rows that a step holds out; "" where it holds out none."""
    return str(manifest.figures.get(FIGURE, {}).get("sha256", "")) if manifest.verb == "seeds" else ""
