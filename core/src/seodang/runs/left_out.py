"""The rows that a step left out, some of each reason, beside what they collided with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from seodang.files.manifests import read_manifest
from seodang.runs.opened import OpenedRun
from seodang.wording import render

Kind = Literal["dropped", "quarantined"]
KINDS: tuple[Kind, ...] = ("dropped", "quarantined")


class Collided(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a row collided with. A record of the run comes with its id, the step where it was found and its fate there; anything
    else is the text that the filter gave."""

    id: str = ""
    step: str = ""
    fate: str = ""
    text: str = ""
    record: dict[str, Any] | None = None

    @property
    def title(self) -> str:
        """Who it is, in words."""
        if self.record is None:
            return render("show.collided", {})
        return render("show.collided-with", {"id": self.id, "fate": render(f"show.{self.fate}", {}), "step": self.step})


class Shown(msgspec.Struct, frozen=True):
    """A row as it stands in the step's file, and what it collided with, where it did."""

    row: dict[str, Any]
    collided: Collided | None = None

    @property
    def where(self) -> str:
        """The record's id, or file and line of what never became one."""
        return str(self.row.get("where") or self.row.get("record", {}).get("id", ""))

    def told(self) -> dict[str, Any]:
        """The row for programs."""
        return {**self.row, "collided": self.collided} if self.collided else self.row


class LeftOut:
    """What one step dropped or quarantined. At most `each` rows of a reason are shown; 0 is all of them.

    Nothing but the places of the records that are shown beside others is held, so that a million dropped rows can be listed.
    """

    def __init__(self, run: OpenedRun, step: str, kind: Kind, each: int) -> None:
        self.manifest = run.manifest(step)
        self.counts: dict[str, int] = dict(sorted(getattr(self.manifest, kind).items(), key=lambda pair: (-pair[1], pair[0])))
        self._lines = run.dropped if kind == "dropped" else run.quarantined
        self._each = each
        self._others = _Others(run, self.manifest.step, {row["other"] for row in self._rows("") if row.get("other")})

    def rows(self, code: str = "") -> Iterator[Shown]:
        """Those of one reason, or of all, in the order in which they came."""
        for row in self._rows(code):
            yield Shown(row, self._others.find(row["other"]) if row.get("other") else None)

    def _rows(self, wanted: str) -> Iterator[dict[str, Any]]:
        left = Counter({code: self._each or count for code, count in self.counts.items() if wanted in ("", code)})
        for row in self._lines(self.manifest.step) if left else ():
            if left[row["code"]] > 0:
                left[row["code"]] -= 1
                yield row
            if not +left:
                return


def collided(run: OpenedRun, step: str, row: Mapping[str, Any]) -> Collided | None:
    """What one row of a step collided with."""
    other = row.get("other", "")
    return _Others(run, step, {other}).find(other) if other else None


class _Id(msgspec.Struct, frozen=True):
    id: str = ""


class _Dropped(msgspec.Struct, frozen=True):
    record: _Id = _Id()


_id_of = msgspec.json.Decoder(_Id).decode
_id_of_dropped = msgspec.json.Decoder(_Dropped).decode


class _Others:
    """Where the records stand that others collided with. They are read again when they are shown."""

    def __init__(self, run: OpenedRun, step: str, wanted: set[str]) -> None:
        self._places: dict[str, tuple[Path, int, str, str]] = {}
        self._missing = set(wanted)
        steps = run.steps
        for name in reversed(steps[: steps.index(step) + 1]):
            if not self._missing:
                return
            folder = run.folder(name)
            manifest = read_manifest(folder)
            for shard in manifest.shards if manifest else ():
                self._look(folder / shard.name, name, "kept")
            self._look(folder / "dropped.jsonl", name, "dropped")

    def find(self, other: str) -> Collided:
        if other not in self._places:
            return Collided(text=other)
        path, offset, step, fate = self._places[other]
        with open(path, "rb") as file:
            file.seek(offset)
            row = msgspec.json.decode(file.readline())
        return Collided(id=other, step=step, fate=fate, record=row["record"] if fate == "dropped" else row)

    def _look(self, path: Path, step: str, fate: str) -> None:
        if not self._missing or not path.is_file():
            return
        offset = 0
        with open(path, "rb") as file:
            for line in file:
                found = _id_of(line).id if fate == "kept" else _id_of_dropped(line).record.id
                if found in self._missing:
                    self._missing.discard(found)
                    self._places[found] = (path, offset, step, fate)
                    if not self._missing:
                        return
                offset += len(line)


def conversation(record: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Who said what in a record as it stands in a file: role and text, the separate input behind the question it belongs to."""
    if not record:
        return []
    said = [(str(message["role"]), str(message["text"])) for message in record.get("messages", ())]
    if record.get("input"):
        said.insert(1, ("input", str(record["input"])))
    return said
