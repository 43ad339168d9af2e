"""A few rows down the real path: the same recipe, plugins and ledger, a folder of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from seodang.errors import StepError
from seodang.files.durable import make_private_directory
from seodang.ledger.book import Book
from seodang.ledger.entries import Bought
from seodang.ledger.money import Cap
from seodang.plugins.loading import load_plugins
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import Step, resolve
from seodang.runs.costs import summed
from seodang.runs.directory import RunDirectory
from seodang.runs.engine import run_recipe
from seodang.runs.opened import OpenedRun, open_run
from seodang.runs.session import Wishes
from seodang.runs.summary import summary_of

FOLDER = "try"


class Row(msgspec.Struct, frozen=True):
    id: str
    question: str


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """`fates` tells for every seed what became of it: its answers, or why it was left out.

    `spent` is what this rehearsal cost, `bought` what its answers have cost whenever they were bought: a rehearsal that is repeated costs
    nothing and compares the same.
    """

    teacher: str
    run: Path
    seeds: tuple[Row, ...]
    fates: dict[str, list[str]]
    spent: dict[str, str]
    bought: Bought = Bought()


def rehearse(
    path: Path,
    run_directory: Path | None,
    *,
    settings: Sequence[str] = (),
    until: str = "",
    rows: int = 5,
    teachers: Sequence[str] = (),
    caps: Sequence[Cap] = (),
    allow_unknown_price: bool = False,
) -> list[Rehearsal]:
    """One rehearsal for each teacher, over the same rows. What they answer is in the run's ledger afterwards."""
    offers = load_plugins()
    recipe = read_recipe(path, settings)
    steps = resolve(recipe, offers)
    place = run_directory or Path("runs") / recipe.name
    make_private_directory(place)
    ledger = RunDirectory.create_or_open(place).ledger
    asking = [step for step in steps if step.teacher]
    if teachers and not asking:
        raise StepError("runs.try-teachers")
    wishes = Wishes(
        ledger=ledger,
        until=until or _last_before_training(steps),
        sample=rows,
        caps=caps,
        allow_unknown_price=allow_unknown_price,
    )
    found = []
    for teacher in teachers or ("",):
        chosen = [f'{step.entry.name}.teacher="{teacher}"' for step in asking] if teacher else []
        folder = place / FOLDER / (teacher.replace(":", "-") or "rehearsal")
        run_recipe(path, folder, settings=[*settings, *chosen], offers=offers, wishes=wishes)
        found.append(_told(teacher, folder, resolve(read_recipe(path, [*settings, *chosen]), offers)))
    return found


def _last_before_training(steps: Sequence[Step]) -> str:
    names = []
    for step in steps:
        if step.entry.verb in ("train", "evaluate"):
            break
        names.append(step.entry.name)
    return names[-1] if names else ""


def _told(teacher: str, folder: Path, steps: Sequence[Step]) -> Rehearsal:
    run = open_run(folder)
    seeds = [
        Row(record.id, record.question + (f"\n{record.input}" if record.input else ""))
        for name in run.steps
        if run.manifest(name).verb == "seeds"
        for record in run.records(name)
    ]
    fates: dict[str, list[str]] = {seed.id: [] for seed in seeds}
    for name in run.steps:
        for lines in (run.dropped(name), run.quarantined(name)):
            for line in lines:
                if (seed := line.get("record", {}).get("id")) in fates:
                    fates[seed].append(f"[{name}] {line['code']} {line.get('detail', '')}".rstrip())
    for record in run.records():
        for seed in (record.id, *record.parents):
            if seed in fates:
                fates[seed].append(record.answer or record.question)
    return Rehearsal(teacher=teacher, run=folder, seeds=tuple(seeds), fates=fates, spent=_spent(run), bought=_bought(run, steps))


def _bought(run: OpenedRun, steps: Sequence[Step]) -> Bought:
    """By the records that the steps were given, so that what was bought for others does not count."""
    parts = []
    records: set[str] = {record.id for name in run.steps for record in run.records(name)}
    with Book.open(run.path) as book:
        for step in steps:
            if step.teacher and step.entry.name in run.steps:
                offer, teacher = step.teacher
                whose = (offer.id, teacher.identity, str(getattr(teacher.options, "model", "")))
                parts.append(book.bought_for(records, whose=whose, step=step.entry.name))
    return Bought(
        answers=sum(part.answers for part in parts),
        input_tokens=sum(part.input_tokens for part in parts),
        output_tokens=sum(part.output_tokens for part in parts),
        seconds=sum(part.seconds for part in parts),
        micro=summed(part.micro for part in parts),
    )


def _spent(run: OpenedRun) -> dict[str, str]:
    return summary_of(run.path).spent
