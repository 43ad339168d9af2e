"""Runs a recipe in a test and tells what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import SeodangError
from seodang.files.manifests import Manifest
from seodang.files.shards import RecordStream
from seodang.plugins.offers import offers_of
from seodang.records import Record
from seodang.runs.directory import RunDirectory
from seodang.runs.engine import run_recipe
from seodang.runs.outcome import Outcome
from seodang.runs.session import Wishes


class RunOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended, and what is in its directory. `error` is what a person would have been told."""

    run: Path
    exit_code: int
    error: SeodangError | None = None
    outcome: Outcome | None = None

    @property
    def ok(self) -> bool:
        """Finished, with no more rows quarantined than were allowed."""
        return self.exit_code == 0

    @property
    def failed(self) -> bool:
        return not self.ok

    def manifest(self, step: str) -> Manifest:
        """What the finished step says of itself: rows, reasons, terms."""
        return RunDirectory.open(self.run).step(step)[1]

    def records(self, step: str) -> list[Record]:
        """The records that the finished step let through."""
        return list(RecordStream([RunDirectory.open(self.run).step(step)[0]]))

    def lines(self, step: str, name: str) -> list[Any]:
        """The rows of `dropped.jsonl`, `quarantined.jsonl` or `items.jsonl` of the finished step; none where there is no file."""
        path = RunDirectory.open(self.run).step(step)[0] / name
        return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def run_in(
    directory: Path,
    text: str,
    *,
    plugins: Sequence[Any] | None = None,
    files: Mapping[str, str | bytes] | None = None,
    settings: Sequence[str] = (),
    run_directory: Path | None = None,
    **wishes: Any,
) -> RunOutcome:
    """Writes the recipe and its files into `directory` and runs it. Errors meant for a person are returned, others raised."""
    for name, content in {"recipe.toml": text, **(files or {})}.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)
    place = run_directory or directory / "run"
    try:
        outcome = run_recipe(
            directory / "recipe.toml",
            place,
            settings=settings,
            offers=None if plugins is None else offers_of(*plugins),
            wishes=Wishes(**wishes),
        )
    except SeodangError as error:
        return RunOutcome(run=place, exit_code=error.exit_code, error=error)
    return RunOutcome(run=place, exit_code=outcome.exit_code, outcome=outcome)
