"""Reads a recipe's file. What cannot be read at all is one problem; what is wrong inside is gathered and told together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang import __version__
from seodang.errors import RecipeError, SeodangError
from seodang.recipes.lines import key_lines
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.problems import Problem, Source, Spot, raise_all
from seodang.recipes.scales import apply_scales
from seodang.recipes.settings import apply_settings
from seodang.recipes.shape import Entry, Head, read_head, read_steps, read_tables, step_names
from seodang.recipes.versions import fits_version

FORMAT = 1
"""The newest form of recipes that this version reads; `format` in `[recipe]` says which one is meant."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe as it was read. `problems` are those found so far: `resolve` tells them together with its own."""

    path: Path
    text: str
    name: str
    language: str
    seed: int
    requires: tuple[str, ...]
    license: str
    commercial: bool
    description: str
    rates: dict[str, float]
    entries: tuple[Entry, ...]
    teachers: dict[str, dict[str, Any]]
    students: dict[str, dict[str, Any]]
    source: Source
    problems: tuple[SeodangError, ...]


def read_recipe(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """The recipe with `settings` (`step.option=value`, `scale=toy`) applied.

    Raises when nothing can be made of the file: it is missing, unreadable, empty, no TOML, has no steps, or is written for a
    newer seodang. Every other problem is in `Recipe.problems`, so that `resolve` can tell all of them at once.
    """
    text = _text(path)
    document = _document(path, text)
    lines = key_lines(text)
    _refuse_newer(document, Source(str(path), lines))
    names = step_names(document.get("step"))
    remaining, scale_problems = apply_scales(document, names, lines, Source(str(path), dict(lines)), settings)
    names = step_names(document.get("step"))
    places, setting_problems = apply_settings(document, names, remaining)
    source = Source(str(path), lines, places)
    head, problems = read_head(document, source, path)
    entries, more = read_steps(document.get("step"), source)
    tables, others = read_tables(document, source)
    problems = [*problems, *more, *others, *scale_problems, *setting_problems]
    if not entries and not more:
        raise_all([*problems, Problem("recipes.no-steps", Spot(str(path)))])
    return _recipe(path, text, head, entries, tables, source, problems)


def wanted(recipe: Recipe, *, commercial: bool) -> Recipe:
    """The recipe with what the person wants of this invocation beside it."""
    return msgspec.structs.replace(recipe, commercial=True) if commercial else recipe


def _recipe(path: Path, text: str, head: Head, entries: Any, tables: Any, source: Source, problems: Any) -> Recipe:
    return Recipe(
        path=path,
        text=text,
        name=head.name,
        language=head.language,
        seed=head.seed,
        requires=tuple(head.requires),
        license=head.license,
        commercial=head.commercial,
        description=head.description,
        entries=tuple(entries),
        source=source,
        problems=tuple(problems),
        **tables,
    )


def _text(path: Path) -> str:
    spot = Spot(str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RecipeError([Problem("recipes.no-such-file", spot, hint=_recipes_near(path))]) from None
    except (IsADirectoryError, NotADirectoryError):
        raise RecipeError([Problem("recipes.not-a-file", spot, hint=_recipes_near(path / "recipe.toml"))]) from None
    except OSError as error:
        raise RecipeError([Problem("recipes.unreadable", spot, detail=error.strerror or str(error))]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Spot(str(path), content.count(b"\n", 0, error.start) + 1)
        raise RecipeError([Problem("recipes.not-utf8", place, byte=f"0x{content[error.start]:02x}")]) from None


def _recipes_near(path: Path) -> Any:
    try:
        return did_you_mean(path.name, [found.name for found in path.parent.glob("*.toml")])
    except OSError:  # the directory cannot be listed; the problem itself has been said
        return ""


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError([_syntax(path, text, str(error))]) from None
    except RecursionError:
        raise RecipeError([Problem("recipes.nested", Spot(str(path)))]) from None
    if not document:
        raise RecipeError([Problem("recipes.empty", Spot(str(path)))])
    return document


def _syntax(path: Path, text: str, said: str) -> Problem:
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", said, re.DOTALL)
    rows = text.splitlines() or [""]
    line = int(found.group(2) or len(rows)) if found else 0
    column = int(found.group(3) or len(rows[-1]) + 1) if found else 0
    detail = found.group(1) if found else said
    quoted = rows[line - 1].strip()[:80] if 0 < line <= len(rows) else ""
    return Problem("recipes.syntax", Spot(str(path), line), column=column, detail=detail, quoted=quoted)


def _refuse_newer(document: dict[str, Any], source: Source) -> None:
    """Alone, because every other problem of such a recipe may only be that this version does not know it yet."""
    recipe = document.get("recipe")
    if not isinstance(recipe, dict):
        return
    wanted, form = recipe.get("seodang"), recipe.get("format", FORMAT)
    if isinstance(wanted, str) and not fits_version(__version__, wanted):
        raise RecipeError(
            [Problem("recipes.other-version", source.spot(("recipe", "seodang")), wanted=wanted, version=__version__)]
        )
    if isinstance(form, int) and form > FORMAT:
        spot = source.spot(("recipe", "format"))
        raise RecipeError([Problem("recipes.newer-format", spot, format=form, known=FORMAT, version=__version__)])
