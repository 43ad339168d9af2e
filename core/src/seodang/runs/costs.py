"""What each step of a run cost, what of it was wasted, and what a row cost that was kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from seodang.files.manifests import Manifest
from seodang.ledger.book import Book
from seodang.ledger.entries import LeftOutRow, Spent
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import OpenedRun

PAID_VERBS = ("translate", "teach", "filter", "evaluate")


class StepCost(msgspec.Struct, frozen=True, kw_only=True):
    """Money is in millionths by currency; none is converted. `rows` are those that the step made, changed or let through: what the
    money bought. `wasted_for` tells for each reason what was paid for nothing."""

    step: str
    verb: str
    answers: int
    rows: int
    spent_micro: dict[str, int]
    wasted_micro: dict[str, int]
    wasted_for: dict[str, dict[str, int]]
    per_row_micro: dict[str, int]


class _Id(msgspec.Struct):
    id: str = ""


class _Line(msgspec.Struct):
    code: str
    record: _Id | None = None


def costs_of(run: RunDirectory) -> tuple[StepCost, ...]:
    """In the order of the steps; a step that is not finished yet has its money and no rows."""
    if not run.ledger.is_file():
        return ()
    with Book.open(run.ledger) as book:
        spent = spent_in(run, book)
    manifests = {manifest.step: manifest for _, manifest in run.steps()}
    order = [*manifests, *dict.fromkeys(one.step for one in spent if one.step not in manifests)]
    by_step: dict[str, list[Spent]] = {}
    for one in spent:
        by_step.setdefault(one.step, []).append(one)
    return tuple(_cost(name, manifests.get(name), by_step[name]) for name in order if name in by_step)


def spent_in(run: RunDirectory, book: Book) -> tuple[Spent, ...]:
    """What the run has spent and for what in vain: by how its answers ended, and by the rows that its steps set aside."""
    totals = book.totals(run.id)
    # Nothing of what was free can be wasted, and a run without money needs no look into its rows.
    paid = any(map(totals.total_micro, totals.settled_micro))
    return book.spending([row for row in left_out_rows(OpenedRun(run)) if row.failed] if paid else [], run.id)


def _cost(step: str, manifest: Manifest | None, parts: list[Spent]) -> StepCost:
    wasted: dict[str, dict[str, int]] = {}
    for part in parts:
        if part.waste and part.micro:
            money = wasted.setdefault(part.waste, {})
            money[part.currency] = money.get(part.currency, 0) + part.micro
    spent, rows = summed({part.currency: part.micro} for part in parts), _bought(manifest) if manifest else 0
    return StepCost(
        step=step,
        verb=manifest.verb if manifest else "",
        answers=sum(part.answers for part in parts),
        rows=rows,
        spent_micro=spent,
        wasted_micro=summed(wasted.values()),
        wasted_for=dict(sorted(wasted.items(), key=lambda pair: -sum(pair[1].values()))),
        per_row_micro=per_row(spent, rows),
    )


def _bought(manifest: Manifest) -> int:
    """A lesson that lets some rows pass has not been paid for these."""
    rows = manifest.rows
    return rows.get("changed", 0) + rows.get("made", 0) if manifest.verb in ("teach", "translate") else rows.get("kept", 0)


def left_out_rows(run: OpenedRun) -> Iterator[LeftOutRow]:
    """The rows that the paid steps dropped or quarantined, with their codes."""
    for name in run.steps:
        manifest = run.manifest(name)
        if manifest.verb in PAID_VERBS and (manifest.dropped or manifest.quarantined):
            for kind in ("quarantined", "dropped"):
                failed = kind == "quarantined" or manifest.verb == "teach"
                place = run.folder(name) / f"{kind}.jsonl"
                if place.is_file():
                    yield from _rows(place, name, failed)


def _rows(place: Path, step: str, failed: bool) -> Iterator[LeftOutRow]:
    decode = msgspec.json.Decoder(_Line).decode
    with open(place, "rb") as file:
        for text in file:
            line = decode(text)
            if line.record is not None and line.record.id:
                yield LeftOutRow(step, line.record.id, line.code, failed)


def summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Amounts added up, each currency for itself."""
    found: dict[str, int] = {}
    for part in parts:
        for currency, micro in part.items():
            if micro:
                found[currency] = found.get(currency, 0) + micro
    return dict(sorted(found.items()))


def per_row(spent: Mapping[str, int], rows: int) -> dict[str, int]:
    """Rounded up to the next millionth."""
    return {currency: -(-micro // rows) for currency, micro in spent.items()} if rows else {}
