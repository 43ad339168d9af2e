"""What one filter says of the rows of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from seodang.files.durable import explained, make_private_directory
from seodang.records import Record
from seodang.runs.engine import run_recipe
from seodang.runs.filter_recipe import ROWS, FilterRecipe, Wanted
from seodang.runs.opened import OpenedRun, open_run
from seodang.runs.progress import Progress
from seodang.runs.session import Wishes


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one row. `row` counts the records of the file from 1; `other_row` is the one that `other` names."""

    row: int
    id: str
    verdict: str
    reason: str
    detail: str = ""
    other: str = ""
    other_row: int = 0
    question: str
    tags: dict[str, Any] = {}
    """Those that the filter gave."""
    record: Record | None = None
    """As the filter left it, where it changed it."""


class FilterRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    run: OpenedRun
    step: str

    def verdicts(self) -> Iterator[Verdict]:
        """One for each record that was read, in the file's order, in which each of the step's files stands already."""
        rows_of = self._rows_of_others()
        kept = iter(self.run.records(self.step))
        refused = {"drop": self.run.dropped(self.step), "quarantine": self.run.quarantined(self.step)}
        first_kept = next(kept, None)
        first = {verdict: next(lines, None) for verdict, lines in refused.items()}
        for number, record in enumerate(self.run.records(ROWS), 1):
            if first_kept is not None and first_kept.id == record.id:
                yield _kept(number, record, first_kept)
                first_kept = next(kept, None)
                continue
            for verdict, lines in refused.items():
                line = first[verdict]
                if line is not None and line["record"]["id"] == record.id:
                    yield _refused(number, verdict, line, rows_of)
                    first[verdict] = next(lines, None)

    def _rows_of_others(self) -> dict[str, int]:
        others = {line["other"] for line in self.run.dropped(self.step) if "other" in line}
        if not others:
            return {}
        return {record.id: number for number, record in enumerate(self.run.records(ROWS), 1) if record.id in others}


def _kept(number: int, before: Record, after: Record) -> Verdict:
    tags = {name: value for name, value in after.tags.items() if before.tags.get(name) != value}
    # Terms are the core's doing: a filter that masks takes those of personal data from every row.
    changed = msgspec.structs.replace(after, tags=before.tags, terms=before.terms) != before
    return Verdict(
        row=number,
        id=before.id,
        verdict="keep",
        reason="",
        question=after.question,
        tags=tags,
        record=after if changed else None,
    )


def _refused(number: int, verdict: str, line: Mapping[str, Any], rows_of: Mapping[str, int]) -> Verdict:
    other = line.get("other", "")
    # As it stands in the step's file: the filter may have masked what nobody should read.
    written = msgspec.convert(line["record"], Record)
    return Verdict(
        row=number,
        id=written.id,
        verdict=verdict,
        reason=line["code"],
        detail=line.get("detail", ""),
        other=other,
        other_row=rows_of.get(other, 0),
        question=written.question,
    )


def try_filter(
    wanted: Wanted, recipe: FilterRecipe, place: Path, *, workers: int | None = None, progress: Progress | None = None
) -> FilterRehearsal:
    """Runs the recipe; it and the run are kept in `place`. A row that cannot be read stops nothing: people are told of it."""
    make_private_directory(place)
    path = place / "recipe.toml"
    with explained(path):
        path.write_text(recipe.text, encoding="utf-8")
    wishes = Wishes(
        limit=wanted.limit,
        quarantine_limit=1.0,
        caps=wanted.caps,
        allow_unknown_price=wanted.allow_unknown_price,
        workers=workers,
    )
    run_recipe(path, place / "run", wishes=wishes, progress=progress)
    return FilterRehearsal(run=open_run(place / "run"), step=recipe.step)
