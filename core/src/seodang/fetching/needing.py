"""What a recipe needs from outside itself: the pieces its plugins name, the files its options name, and what cannot be brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from seodang.capabilities import Capability
from seodang.context import matching_files
from seodang.errors import DataError
from seodang.fetching.places import PlaceOf, Places
from seodang.pieces import Piece
from seodang.recipes.lines import Path as Way
from seodang.recipes.options import elsewhere_options, files_options
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.wording import Phrase

if TYPE_CHECKING:
    from seodang.plugins.offers import Offer


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """A piece, and where in the recipe the option stands that names it, and those that have to change with it."""

    step: str
    piece: Piece
    place: Way
    settings: tuple[tuple[Way, Any], ...] = ()


class NeededFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files that one pattern of an option names. `number` is its place where the option is a list, else None."""

    step: str
    option: str
    pattern: str
    files: tuple[Path, ...]
    place: Way
    number: int | None = None


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    pieces: tuple[Needed, ...]
    files: tuple[NeededFiles, ...]
    hosts: dict[str, tuple[str, ...]]
    """Whom a step will still speak to over there, such as a teacher behind an address."""
    secrets: tuple[str, ...]
    unsaid: tuple[Phrase, ...]
    """What an option names, lies elsewhere, and its plugin does not say how to bring."""


class _Working(msgspec.Struct, frozen=True):
    """A capability that works in a step, and where its options stand."""

    step: str
    offer: Any
    capability: Any
    place: PlaceOf


def needs_of(recipe: Recipe, steps: Sequence[Step], places: Places, *, apart: Path | None = None) -> Needs:
    """`apart` is the folder that is being made: where it lies beside the recipe, a pattern must not find what was brought before."""
    working = list(_working(steps, places))
    directory = recipe.path.parent
    pieces: list[Needed] = []
    files: list[NeededFiles] = []
    unsaid: list[Phrase] = []
    hosts: dict[str, tuple[str, ...]] = {}
    for one in working:
        named = tuple(one.capability.pieces())
        pieces += [_needed(one, piece, places) for piece in named]
        said = {piece.option for piece in named}
        found, missing = _files(one, directory, said, apart)
        files += found
        unsaid += missing
        # A carrier's host is asked here, and never over there.
        left = () if named and any(piece.carrier for piece in named) else tuple(one.capability.network)
        if left:
            hosts[one.step] = tuple(dict.fromkeys((*hosts.get(one.step, ()), *left)))
    secrets = sorted({secret for one in working for secret in one.capability.secrets})
    return Needs(pieces=tuple(pieces), files=tuple(files), hosts=hosts, secrets=tuple(secrets), unsaid=tuple(unsaid))


def _needed(one: _Working, piece: Piece, places: Places) -> Needed:
    settings = [(one.place(option), value) for option, value in piece.settings.items()]
    # What is not written and shall be empty is so already.
    told = tuple((way, value) for way, value in settings if value or places.at(way) is not None)
    return Needed(step=one.step, piece=piece, place=one.place(piece.option), settings=told)


def offers_of_steps(steps: Sequence[Step]) -> list[Offer]:
    """Every plugin that works in the recipe, with the options it works with."""
    roles = [role for step in steps for role in (step.teacher, step.judge, *(role for _, role in step.students)) if role]
    return [step.offer for step in steps] + [offer for offer, _ in roles]


def _working(steps: Sequence[Step], places: Places) -> Iterator[_Working]:
    for number, step in enumerate(steps):
        entry = step.entry
        yield _Working(entry.name, step.offer, step.capability, places.of_step(number))
        for key, role in (("teacher", step.teacher), ("judge", step.judge)):
            if role is not None:
                yield _Working(entry.name, *role, places.of_role(number, "teachers", entry.reserved[key]))
        for name, role in step.students:
            yield _Working(entry.name, *role, places.of_role(number, "students", name))


def _files(one: _Working, directory: Path, said: set[str], apart: Path | None) -> tuple[list[NeededFiles], list[Phrase]]:
    """The files of the options that name files. What lies elsewhere and is no piece is told, never passed over."""
    cls: type[Capability] = type(one.capability)
    found: list[NeededFiles] = []
    unsaid: list[Phrase] = []
    for option in sorted(files_options(cls) - said):
        value = getattr(one.capability.options, option, "")
        patterns = [value] if isinstance(value, str) else list(value or ())
        for number, pattern in enumerate(patterns):
            if not pattern:
                continue
            matches = matching_files(directory, pattern) or matching_files(directory, f"{pattern}/**/*")
            matches = [file for file in matches if apart is None or not file.resolve().is_relative_to(apart.resolve())]
            if not matches and (option in elsewhere_options(cls) or "://" in pattern):
                unsaid.append(Phrase("fetching.unsaid", {"step": one.step, "option": option, "name": pattern}))
            elif not matches:
                raise DataError("fetching.no-files", step=one.step, option=option, pattern=pattern)
            else:
                place = one.place(option)
                at = None if isinstance(value, str) else number
                found.append(
                    NeededFiles(step=one.step, option=option, pattern=pattern, files=tuple(matches), place=place, number=at)
                )
    return found, unsaid
