"""Brings what was planned into the folder, telling how far it is, and finishes with a look at the recipe as it stands there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from seodang.errors import DataError, RemoteError
from seodang.fetching.folder import (
    INDEXED,
    README,
    RECIPE,
    REQUIREMENTS,
    SUMS,
    WHEELS,
    Copy,
    Notes,
    check_room,
    compare,
    copy_file,
    keep_notes,
    read_notes,
    refuse_secrets,
    sums_of,
    write_text,
)
from seodang.fetching.needing import Needs, needs_of, offers_of_steps
from seodang.fetching.places import Places
from seodang.fetching.planning import Plan, Source, carrier_of, planned
from seodang.fetching.readme import readme
from seodang.fetching.requirements import Pinned, pinned
from seodang.fetching.rewriting import rewritten
from seodang.recipes.options import names_options
from seodang.recipes.reading import Recipe, read_recipe
from seodang.recipes.resolving import Step, resolve
from seodang.recipes.scales import KEY
from seodang.recipes.settings import setting_value
from seodang.recipes.versions import read_requirement

if TYPE_CHECKING:
    from seodang.plugins.offers import Offers

Told = Callable[[str, int, int], None]
"""Hears of a piece how many bytes of how many are there."""
SECONDS = 0.5


class Fetching(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known before anything is brought."""

    recipe: Recipe
    text: str
    settings: tuple[str, ...]
    """The scales that are wanted; what `--set` says is written into the text."""
    needs: Needs
    plan: Plan
    requirements: tuple[Pinned, ...]
    notes: Any


def prepared(path: Path, settings: Sequence[str], folder: Path, offers: Offers) -> Fetching:
    """Asks the carriers what is there, and writes nothing."""
    if folder.resolve() == path.parent.resolve():
        raise DataError("fetching.in-use", folder=str(folder))
    recipe = read_recipe(path, settings)
    steps = resolve(recipe, offers)
    places = Places(recipe.text, settings)
    wishes = [setting.partition("=") for setting in settings if not setting.startswith(KEY)]
    text = rewritten(recipe.text, {places.of_setting(target.strip()): setting_value(value) for target, _, value in wishes})
    scales = tuple(setting for setting in settings if setting.startswith(KEY))
    needs = needs_of(recipe, steps, Places(text, scales), apart=folder)
    notes = read_notes(folder) or Notes(recipe=recipe.name)
    plan = planned(needs, path.parent, offers, notes.listings)
    needed = tuple(pinned(_distributions(recipe, steps, plan, offers)))
    return Fetching(
        recipe=recipe, text=text, settings=scales, needs=needs, plan=plan, requirements=needed, notes=notes
    )  # fmt: skip


def bring(work: Fetching, folder: Path, offers: Offers, told: Told, *, wheels: bool) -> None:
    """Everything, in an order in which an attempt that is broken off leaves what the next one finds."""
    notes: Notes = work.notes
    check_room(folder, work.plan.bytes - sum(_there(folder / source.folder) for source in work.plan.sources))
    folder.mkdir(parents=True, exist_ok=True)
    notes.finished = False
    notes.listings |= {source.key: source.listing for source in work.plan.sources if not source.here}
    keep_notes(folder, notes)
    text = rewritten(work.text, dict(work.plan.changes))
    write_text(folder, RECIPE, text)
    for copy in work.plan.copies:
        copy_file(copy, folder)
    for source in work.plan.sources:
        _bring_one(source, folder, work.recipe.path.parent, offers, told)
        if not source.here:
            compare(folder, source.listing, source.folder, notes)
            keep_notes(folder, notes)
    write_text(folder, REQUIREMENTS, "".join(f"{one.line}\n" for one in work.requirements))
    write_text(folder, INDEXED, "".join(f"{one.line}\n" for one in work.requirements if not one.source))
    if wheels:
        download_wheels(work.requirements, folder / WHEELS)
    _looked_at_again(folder / RECIPE, work.settings, offers)
    write_text(folder, README, readme(work.recipe, work.plan, work.needs, work.requirements, work.settings))
    refuse_secrets(folder, _secrets(work.needs))
    write_text(folder, SUMS, sums_of(folder, notes))
    notes.finished = True
    keep_notes(folder, notes)


def _bring_one(source: Source, folder: Path, directory: Path, offers: Offers, told: Told) -> None:
    place = folder / source.folder
    if source.here:
        for name, size in source.listing.files.items():
            target = f"{source.folder}/{name}"
            copy_file(Copy(source=str(Path(source.here, name)), target=target, bytes=size), folder)
        told(source.piece.name, source.bytes, source.bytes)
        return
    carrier = carrier_of(source.piece, directory, offers)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            carrier.bring(source.piece, source.listing, place)
        except BaseException as error:  # raised again where people are told
            raised.append(error)

    place.mkdir(parents=True, exist_ok=True)
    # A carrier says nothing while it brings 20 GB; how much is there already can be seen. As a daemon, so that Ctrl-C ends it.
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(SECONDS)
        told(source.piece.name, min(_there(place), source.bytes), source.bytes)
    if raised:
        raise raised[0]


def _there(place: Path) -> int:
    found = 0
    for directory, _, names in os.walk(place):
        for name in names:
            try:
                found += os.stat(os.path.join(directory, name)).st_size
            except OSError:  # renamed meanwhile: counted the next time
                continue
    return found


def _looked_at_again(path: Path, settings: Sequence[str], offers: Offers) -> None:
    """The recipe as it stands there has every file it names, and names nothing that would have to be brought."""
    recipe = read_recipe(path, settings)
    left = needs_of(recipe, resolve(recipe, offers), Places(recipe.text, settings))
    for needed in left.pieces:
        if needed.piece.carrier:
            raise DataError("fetching.still-elsewhere", step=needed.step, option=needed.piece.option, name=needed.piece.name)


def _distributions(recipe: Recipe, steps: Sequence[Step], plan: Plan, offers: Offers) -> list[str]:
    """Those of every plugin that works, of what their options name, of the language, of the files' types, and what the recipe requires."""
    found = {"seodang", *(offer.distribution for offer in offers_of_steps(steps))}
    for step in steps:
        for one in (step.capability, *(role[1] for role in (step.teacher, step.judge) if role)):
            for option, kind in names_options(type(one)).items():
                value = getattr(one.options, option)
                found |= {offers.find(kind, name).distribution for name in ([value] if isinstance(value, str) else value) if name}
    ends = {Path(copy.target).suffix.lower().removeprefix(".") for copy in plan.copies}
    found |= {offer.distribution for offer in offers.all("table") if offer.name in ends}
    found |= {offer.distribution for offer in offers.all("locale") if offer.name == recipe.language}
    found |= {requirement.name for text in recipe.requires if (requirement := read_requirement(text))}
    return sorted(found)


def _secrets(needs: Needs) -> dict[str, str]:
    names = [secret.removeprefix("env:") for secret in needs.secrets if secret.startswith("env:")]
    names += [name for name in os.environ if name.endswith(("_KEY", "_TOKEN", "_SECRET", "_PASSWORD"))]
    return {name: value for name in names if len(value := os.environ.get(name, "")) >= 8}


def download_wheels(requirements: Sequence[Pinned], place: Path) -> None:
    """By pip: what came from an index is downloaded as it is pinned, what came from a folder of this machine is built there."""
    place.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    indexed = [one.line for one in requirements if not one.source]
    built = [one.source for one in requirements if one.source]
    if indexed:
        _run([*pip, "download", "--no-deps", "--dest", str(place), *indexed])
    if built:
        _run([*pip, "wheel", "--no-deps", "--wheel-dir", str(place), *built])


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        detail = next((line for line in done.stderr.splitlines() if line.strip().startswith("ERROR")), done.stderr.strip()[-300:])
        raise NoWheels(detail)


class NoWheels(RemoteError):
    """pip could not bring a wheel."""

    message_code = "fetching.no-wheels"
