"""`--set step.option=value`: what the command line changes in a recipe, before the recipe is checked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from seodang.recipes.lines import Path
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.problems import Problem, Spot

TABLES = ("recipe", "teachers", "students", "rates")
"""What stands beside the steps; a step of such a name cannot be set."""


def apply_settings(
    document: dict[str, Any], names: Sequence[str], settings: Sequence[str]
) -> tuple[dict[Path, str], list[Problem]]:
    """Writes the settings into the document. Returns where each has gone, and what is wrong with the rest."""
    places: dict[Path, str] = {}
    problems: list[Problem] = []
    for setting in settings:
        target, equals, text = setting.partition("=")
        path = _path(document, names, target.strip())
        if not equals or "." not in target:
            problems.append(Problem("recipes.bad-setting", Spot(setting=setting)))
        elif path is None or not _write(document, path, setting_value(text)):
            name = target.strip().partition(".")[0]
            problems.append(
                Problem("recipes.unknown-setting", Spot(setting=setting), name=name, hint=did_you_mean(name, {*names} - {""}))
            )
        else:
            places[path] = setting
    return places, problems


def setting_value(text: str) -> Any:
    """The value as TOML has it (`0.5`, `true`, `["a"]`), else the text itself, so that words need no quotation marks."""
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return document["value"] if list(document) == ["value"] else text


def _path(document: dict[str, Any], names: Sequence[str], target: str) -> Path | None:
    # A step's name may contain dots (`koalpaca-v1.1`), so the longest name that fits is meant.
    fitting = [name for name in names if name and target.startswith(f"{name}.")]
    if fitting:
        name = max(fitting, key=len)
        return ("step", names.index(name), *target[len(name) + 1 :].split("."))
    keys = target.split(".")
    return tuple(keys) if keys[0] in TABLES else None


def _write(document: dict[str, Any], path: Path, value: Any) -> bool:
    """Whether there was a place for the value. Tables are made where they are missing."""
    place: Any = document
    for key in path[:-1]:
        if isinstance(place, list) and isinstance(key, int) and key < len(place):
            place = place[key]
        elif isinstance(place, dict):
            place = place.setdefault(key, {})
        else:
            return False
    if not isinstance(place, dict) or not path[-1]:
        return False
    place[path[-1]] = value
    return True
