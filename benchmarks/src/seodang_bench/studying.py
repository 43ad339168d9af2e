"""A recipe over sizes of its data and over bases: a run for each pair, all with one ledger, read into one table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import seodang
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.ledger.entries import Totals
    from seodang.ledger.money import Cap

OWN = "recipe"
"""What the base is called that the recipe itself names."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What a study says of one student: its scores by their name, and by item how like the teacher's its answer is in the mean of so many
    `measures`, how long both are, and whether it was right."""

    scores: dict[str, seodang.Score]
    measures: int
    likeness: tuple[float, ...]
    lengths: tuple[int, ...]
    teacher_lengths: tuple[int, ...]
    right: tuple[bool, ...]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One run: what was trained on what, its student, the base that this came from, and what the teacher's second answers come to."""

    base: str
    size: str
    rows: int
    parameters: int
    student: Side
    floor: Side
    ceiling: dict[str, seodang.Score]


class Steps(msgspec.Struct, frozen=True):
    """The names of the steps that a study needs."""

    sample: str
    train: str
    study: str
    base: str


def sizes_of(text: str) -> list[tuple[str, float]]:
    """`1/8,1/4,1`: shares of the data as they are written, the smallest first."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            share = float(Fraction(part))
        except (ValueError, ZeroDivisionError):
            share = 0.0
        if not 0 < share <= 1:
            raise click.UsageError(render("seodang_bench:study-bad-size", {"size": part}))
        found[share] = part
    if not found:
        raise click.UsageError(render("seodang_bench:study-bad-size", {"size": text}))
    return [(name, share) for share, name in sorted(found.items())]


def steps_of(recipe: Path, settings: Sequence[str]) -> Steps:
    """The filter `sample`, the training after it, and the evaluation `study` after that; what is missing is said with the lines to add."""
    from seodang.recipes.reading import read_recipe

    entries = read_recipe(recipe, settings).entries
    named = [(entry.verb, entry.plugin.rpartition(":")[2], entry) for entry in entries]
    samples = [entry for verb, plugin, entry in named if (verb, plugin) == ("filter", "sample")]
    trains = [entry for verb, _, entry in named if verb == "train"]
    studies = [entry for verb, plugin, entry in named if (verb, plugin) == ("evaluate", "study")]
    missing = [
        lines
        for found, lines in (
            (samples, '[[step]] filter = "sample" share = 1.0'),
            (trains, '[[step]] train = "sft"'),
            (studies, '[[step]] evaluate = "study"'),
        )
        if not found
    ]
    if missing:
        raise click.UsageError(render("seodang_bench:study-steps", {"recipe": recipe.name, "missing": missing}))
    sample, train, study = samples[-1], trains[-1], studies[-1]
    if not sample.number < train.number < study.number:
        raise click.UsageError(render("seodang_bench:study-order", {"recipe": recipe.name}))
    return Steps(sample.name, train.name, study.name, str(study.options.get("base", "base")))


def base_settings(base: str, train: str) -> list[str]:
    """A model by its name or directory, or options of the training, as in `width=32+layers=2`."""
    if "=" not in base:
        place = Path(base).expanduser()
        # Relative to where the command is given, not to the recipe: that is where it was typed.
        return [f"{train}.model={json.dumps(str(place.absolute()) if place.exists() else base, ensure_ascii=False)}"]
    return [f"{train}.{option.strip()}" for option in base.split("+")]


def run_study(
    recipe: Path,
    place: Path,
    *,
    sizes: Sequence[tuple[str, float]],
    bases: Sequence[str],
    settings: Sequence[str],
    caps: Sequence[str],
    quiet: bool,
) -> list[Cell]:
    """Runs what is not done yet. Every run is one of the recipe, and stands where it was when the command is given again."""
    from seodang.ledger.money import parse_cap
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    steps = steps_of(recipe, settings)
    place.mkdir(parents=True, exist_ok=True)
    names = _names(bases)
    ledger, most = place / "ledger.sqlite", [parse_cap(cap) for cap in caps]
    clock, cells = SystemClock(), []
    for base in bases or (OWN,):
        for size, share in sizes:
            # A row's lot comes from its id: what a smaller share keeps a larger one keeps too.
            sized = (f"{steps.sample}.share={share!r}", f"{steps.sample}.rows=0")
            chosen = [*settings, *sized, *(base_settings(base, steps.train) if bases else ())]
            run = place / f"{names[base]} {size.replace('/', '-')}"
            progress = Progress(clock, quiet=quiet)
            progress.say(render("seodang_bench:study-cell", {"base": names[base], "size": size}))
            wishes = Wishes(ledger=ledger, caps=left_of(most, ledger, run))
            run_recipe(recipe, run, settings=chosen, wishes=wishes, progress=progress, clock=clock)
            cells.append(cell_of(run, steps, names[base], size))
    return cells


def left_of(caps: Sequence[Cap], ledger: Path, run: Path) -> list[Cap]:
    """A run's cap is its own. What the other runs of the grid have spent is taken from it, so that the caps hold for all together."""
    from seodang.ledger.book import Book
    from seodang.runs.directory import RunDirectory

    if not caps or not ledger.is_file():
        return list(caps)
    with Book.open(ledger) as book:
        whole = book.totals()
        own = book.totals(RunDirectory.open(run).id) if (run / "lock.toml").is_file() else None
    return [
        msgspec.structs.replace(cap, micro=max(0, cap.micro - _spent(whole, cap.currency) + _spent(own, cap.currency)))
        for cap in caps
    ]


def _spent(totals: Totals | None, currency: str) -> int:
    if totals is None:
        return 0
    return sum(money.get(currency, 0) for money in (totals.settled_micro, totals.reserved_micro, totals.in_doubt_micro))


def cell_of(run: Path, steps: Steps, base: str, size: str) -> Cell:
    opened = seodang.open_run(run)
    manifest = opened.manifest(steps.train)
    scores = opened.scores(steps.study)
    roles = [score.student for score in scores]
    student = next((role for role in roles if role not in (steps.base, "teacher")), "")
    if not student or steps.base not in roles:
        raise seodang.DataError("seodang_bench:study-students", step=steps.study, base=steps.base, students=sorted(set(roles)))

    items = list(opened.items(steps.study))
    return Cell(
        base=base,
        size=size,
        rows=manifest.rows.get("in", 0),
        parameters=int(manifest.figures.get("parameters", 0)),
        student=_side(student, scores, items),
        floor=_side(steps.base, scores, items),
        ceiling={score.name: score for score in scores if score.student == "teacher"},
    )


def _side(role: str, scores: Sequence[seodang.Score], items: Sequence[Mapping[str, Any]]) -> Side:
    style = [item["values"] for item in items if item["student"] == role and item["task"] == "style"]
    return Side(
        scores={score.name: score for score in scores if score.student == role},
        measures=len(style[0]["likeness"]) if style else 0,
        likeness=tuple(sum(values["likeness"].values()) / len(values["likeness"]) for values in style),
        lengths=tuple(len(values["answer"].strip()) for values in style),
        teacher_lengths=tuple(len(values["teacher"].strip()) for values in style),
        right=tuple(item["values"]["right"] for item in items if item["student"] == role and item["task"] == "capability"),
    )


def _names(bases: Sequence[str]) -> dict[str, str]:
    """What the bases are called, in the table and on the disk: the last part of a path, where that tells them apart."""
    short = [Path(base).name if "=" not in base else base for base in bases]
    found = {base: name if short.count(name) == 1 else base.replace("/", "-") for base, name in zip(bases, short, strict=True)}
    return found or {OWN: OWN}
