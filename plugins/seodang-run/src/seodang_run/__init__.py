"""Seeds from a step of another run, as they stand there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import seodang

WITH_RECORDS = ("seeds", "translate", "teach", "filter")


class Run(seodang.Seeds):
    """Reads the records of another run, with their ids, parents, tags and terms."""

    name = "run"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        # Neither is part of the fingerprint: the content of what they lead to is.
        path: Annotated[str, msgspec.Meta(min_length=1, description="The directory of the other run.", extra=seodang.CONDUCT)]
        step: Annotated[
            str,
            msgspec.Meta(description="The step whose records are read; else what flows out of the last.", extra=seodang.CONDUCT),
        ] = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._planned: list[str] | None = None

    def contents(self, directory: Path) -> Sequence[str]:
        self._planned = self._checked(directory / Path(self.options.path).expanduser()).contents(self.options.step or None)
        return self._planned

    def pieces(self) -> list[seodang.Piece]:
        """What of the other run is read: its steps' rows and manifests. Its ledger and its weights stay where they are."""
        return [
            seodang.Piece(
                option="path", name=self.options.path, holds="dataset", files=("*.toml", "*/*.jsonl", "*/manifest.json")
            )
        ]

    def read(self, context: seodang.Context) -> Iterator[seodang.Record]:
        run = self._checked(context.place(self.options.path))
        if self._planned is not None and run.contents(self.options.step or None) != self._planned:
            raise seodang.DataError("seodang_run:changed", path=str(run.path))
        yield from run.records(self.options.step or None)

    def _checked(self, path: Path) -> Any:
        """The run, if what is asked of it is there."""
        run = seodang.open_run(path)
        step = self.options.step
        if not step:
            if waiting := run.unfinished():
                raise seodang.DataError("seodang_run:unfinished", path=str(path), steps=waiting)
        elif run.manifest(step).verb not in WITH_RECORDS:
            raise seodang.DataError("seodang_run:no-records", path=str(path), step=step, verb=run.manifest(step).verb)
        return run


@seodang.hookimpl
def register_seeds(register: seodang.Register) -> None:
    register(Run)
