"""A finished or half-finished run, for reading: from Python, from a notebook, from the other commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seodang.errors import DataError
from seodang.files.manifests import Manifest, content_hash
from seodang.files.shards import RecordStream
from seodang.recipes.reading import read_recipe
from seodang.records import Record
from seodang.runs.directory import RunDirectory
from seodang.verdicts import Score

HAS_RECORDS = ("seeds", "translate", "teach", "filter")
"""The verbs whose steps leave records."""

_Place = TypeVar("_Place")


def _flow_after(manifest: Manifest, flow: list[_Place], place: _Place) -> list[_Place]:
    """Seeds add to what flows, other steps with records replace it, and the rest leave it as it is."""
    if manifest.verb == "seeds":
        return [*flow, place]
    return [place] if manifest.verb in HAS_RECORDS else flow


class OpenedRun:
    """Reads only; takes no lock, so that a run can be looked at while it goes on."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory

    @property
    def path(self) -> Path:
        return self._directory.path

    @property
    def steps(self) -> list[str]:
        """The names of the finished steps, in order."""
        return [manifest.step for _, manifest in self._directory.steps()]

    def manifest(self, step: str) -> Manifest:
        return self._directory.step(step)[1]

    def folder(self, step: str) -> Path:
        return self._directory.step(step)[0]

    def records(self, step: str | None = None) -> RecordStream:
        """The records that a step left, or those that flow out of the last one. They can be iterated again and again.
        A training or an evaluation leaves none."""
        if step is None:
            return RecordStream(self.flow())
        folder, manifest = self._directory.step(step)
        return RecordStream([folder] if manifest.verb in HAS_RECORDS else [])

    def flow(self) -> list[Path]:
        """The folders that hold what flows out of the last step."""
        folders: list[Path] = []
        for folder, manifest in self._directory.steps():
            folders = _flow_after(manifest, folders, folder)
        if not folders:
            raise DataError("runs.nothing-finished", path=str(self.path))
        return folders

    def contents(self, step: str | None = None) -> list[str]:
        """The hash of the records in each folder that `records` would read: equal ones hold equal records."""
        return [content_hash(self._directory.step(folder.name)[1]) for folder in ([self.folder(step)] if step else self.flow())]

    def unfinished(self) -> list[str]:
        """The steps of the run's recipe that have yet to leave their records, or to leave them anew because something before
        them has changed. Without these, what flows out of the last step is not what the recipe means."""
        recipe = read_recipe(self.path / "recipe.toml", self._directory.lock.get("settings", ()))
        finished = {manifest.step: manifest for _, manifest in self._directory.steps()}
        flow: list[str] = []
        waiting: list[str] = []
        for entry in recipe.entries:
            if entry.verb not in HAS_RECORDS:
                continue
            manifest = finished.get(entry.name)
            if manifest is None or waiting or (entry.verb != "seeds" and list(manifest.inputs) != flow):
                waiting.append(entry.name)
            else:
                flow = _flow_after(manifest, flow, content_hash(manifest))
        return waiting

    def dropped(self, step: str) -> Iterator[dict[str, Any]]:
        return self._lines(step, "dropped.jsonl")

    def quarantined(self, step: str) -> Iterator[dict[str, Any]]:
        return self._lines(step, "quarantined.jsonl")

    def items(self, step: str) -> Iterator[dict[str, Any]]:
        return self._lines(step, "items.jsonl")

    def scores(self, step: str) -> list[Score]:
        place = self.folder(step) / "scores.json"
        return msgspec.json.decode(place.read_bytes(), type=list[Score]) if place.is_file() else []

    def origin(self, record: str) -> list[tuple[str, str, Record | dict[str, Any]]]:
        """What became of a record, step by step: (step, fate, row)."""
        found: list[tuple[str, str, Record | dict[str, Any]]] = []
        for name in self.steps:
            for kept in self.records(name):
                if kept.id == record:
                    found.append((name, "kept", kept))
                elif record in kept.parents:
                    found.append((name, "made", kept))
            for fate, lines in (("dropped", self.dropped(name)), ("quarantined", self.quarantined(name))):
                found += [(name, fate, line) for line in lines if line.get("record", {}).get("id") == record]
        return found

    def _lines(self, step: str, name: str) -> Iterator[dict[str, Any]]:
        place = self.folder(step) / name
        if place.is_file():
            with open(place, "rb") as file:
                for line in file:
                    yield msgspec.json.decode(line)


def open_run(path: str | Path) -> OpenedRun:
    """Opens a run's directory for reading."""
    return OpenedRun(RunDirectory.open(Path(path)))
