"""A training that is tried: the rows that would flow into it, everything that can be known before its first step, and no training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from seodang.errors import RecipeError, SeodangError, StepError
from seodang.files.durable import make_private_directory
from seodang.ledger.money import Cap
from seodang.plugins.loading import load_plugins
from seodang.plugins.offers import Offers
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import Step, resolve
from seodang.runs import plan as planning
from seodang.runs.directory import RunDirectory
from seodang.runs.engine import run_recipe
from seodang.runs.forecast import standing_in
from seodang.runs.session import Wishes
from seodang.verdicts import Segment
from seodang.wording import render

FOLDER = "try/training"
SAMPLE = 5
"""So many seeds go down a path on which somebody is asked. Where nobody is, all do: their figures are those of the training."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, in words."""

    code: str
    text: str
    facts: dict[str, object] = {}
    warning: bool = False


class TrainingRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` says which rows it was tried with: `run` (those of the run itself), `all`, or `sample`."""

    step: str
    run: Path
    rows: str
    examples: tuple[tuple[Segment, ...], ...]
    findings: tuple[Found, ...]


def is_training(path: Path, settings: Sequence[str], wanted: str) -> bool:
    """Whether the step of this name or number trains. A recipe that cannot be read is told of where it is run."""
    try:
        recipe = read_recipe(path, settings)
        return any(entry.verb == "train" and wanted in (entry.name, str(entry.number)) for entry in recipe.entries)
    except RecipeError:
        return False


def rehearse_training(
    path: Path,
    run_directory: Path | None,
    *,
    step: str,
    settings: Sequence[str] = (),
    rows: int | None = None,
    caps: Sequence[Cap] = (),
    allow_unknown_price: bool = False,
    offers: Offers | None = None,
) -> TrainingRehearsal:
    """With the rows of the run where all steps before stand there; else with a sample, for which the steps before are gone through."""
    offers = load_plugins() if offers is None else offers
    recipe = read_recipe(path, settings)
    steps = planning.unfinished(resolve(recipe, offers), step)
    place = run_directory or Path("runs") / recipe.name
    before = {each.entry.name: each for each in steps[:-1]}
    standing = standing_in(recipe, resolve(recipe, offers), offers, place)
    if rows is None and before.keys() <= standing:
        source, folder = "run", place
    else:
        for earlier in before.values():
            if earlier.entry.verb in ("train", "evaluate"):
                facts = {"number": steps[-1].entry.number, "step": steps[-1].entry.name, "earlier": earlier.entry.name}
                raise StepError("runs.rehearsal-after-training", **facts)
        rows = rows or (SAMPLE if any(map(_asks, before.values())) else None)
        source, folder = "sample" if rows else "all", place / FOLDER
    make_private_directory(place)
    wishes = Wishes(
        ledger=RunDirectory.create_or_open(place).ledger if folder != place else None,
        until=steps[-1].entry.name,
        sample=rows if source == "sample" else None,
        rehearse=True,
        caps=caps,
        allow_unknown_price=allow_unknown_price,
    )
    found = run_recipe(path, folder, settings=settings, offers=offers, wishes=wishes).rehearsal
    if found is None:
        raise SeodangError("runs.no-such-step", step=step, steps=", ".join(before))
    told = tuple(
        Found(code=each.code, text=render(each.code, each.facts), facts=dict(each.facts), warning=each.warning)
        for each in found.findings
    )
    return TrainingRehearsal(step=steps[-1].entry.name, run=folder, rows=source, examples=found.examples, findings=told)


def _asks(step: Step) -> bool:
    """Whether somebody is asked in the step, which takes time and perhaps money."""
    return bool(step.teacher or step.judge or step.entry.verb == "translate" or step.capability.network)
