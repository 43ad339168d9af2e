"""`--scale toy`: a recipe's own table of settings for one size of it, applied before the settings of the command line.

    [scales.toy]
    sft.max_steps = 3                                      # a step's option
    teachers.gpt.base_url = "http://127.0.0.1:8011/v1"     # one of a named teacher's

    [[scales.toy.step]]                                    # a step that only this size has, before all others
    seeds = "handcrafted"

In the list of settings, which a run keeps, it stands as `scale=toy`: so every command that reads a run's recipe again reads it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seodang.errors import SeodangError
from seodang.recipes.lines import Path
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.problems import Problem, Source, Spot

KEY = "scale="
NAMED = ("teachers", "students")
"""Tables of tables: a scale sets options of their entries, not the whole entry."""


def scale_setting(name: str) -> str:
    return f"{KEY}{name}"


def apply_scales(
    document: dict[str, Any], names: Sequence[str], lines: dict[Path, int], source: Source, settings: Sequence[str]
) -> tuple[list[str], list[SeodangError]]:
    """Writes what the wanted scales say into the document and their lines into `lines`. Returns the settings that remain.

    A scale that nobody wants is looked at as well: what it names has to be there. The recipe's name gets the scale's behind it, so
    that two sizes do not share a folder.
    """
    wanted = [setting.removeprefix(KEY) for setting in settings if setting.startswith(KEY)]
    others = [setting for setting in settings if not setting.startswith(KEY)]
    scales = document.pop("scales", {})
    if not isinstance(scales, dict) or not all(isinstance(scale, dict) for scale in scales.values()):
        return others, [Problem("recipes.scales-are-no-tables", source.spot(("scales",)))]
    problems: list[SeodangError] = []
    for name in wanted:
        if name not in scales:
            hint = did_you_mean(name, scales)
            spot = Spot(setting=scale_setting(name))
            problems.append(Problem("recipes.unknown-scale", spot, name=name, scales=sorted(scales), hint=hint))
    for name, scale in scales.items():
        problems += _checked(document, names, source, name, scale)
    if not problems:
        for name in wanted:
            _apply(document, names, lines, name, scales[name])
    return others, problems


def _checked(
    document: dict[str, Any], names: Sequence[str], source: Source, name: str, scale: dict[str, Any]
) -> list[SeodangError]:
    """What a scale names and the recipe has not."""
    problems: list[SeodangError] = []
    for key, options in scale.items():
        spot = source.spot(("scales", name, key))
        if key == "step":
            if not isinstance(options, list) or not all(isinstance(step, dict) for step in options):
                problems.append(Problem("recipes.step-is-no-list", spot))
        elif key in NAMED:
            known = document.get(key, {})
            problems += [
                Problem("recipes.scale-names-nothing", spot, scale=name, name=f"{key}.{one}", hint=did_you_mean(one, known))
                for one in (options if isinstance(options, dict) else {key: None})
                if one not in known or not isinstance(options[one], dict)
            ]
        elif (key not in names and key != "recipe") or not key or not isinstance(options, dict):
            hint = did_you_mean(key, {*names, "recipe"} - {""})
            problems.append(Problem("recipes.scale-names-nothing", spot, scale=name, name=key, hint=hint))
    return problems


def _apply(document: dict[str, Any], names: Sequence[str], lines: dict[Path, int], name: str, scale: dict[str, Any]) -> None:
    head = document.get("recipe")
    if isinstance(head, dict) and isinstance(head.get("name"), str):
        head["name"] = f"{head['name']}-{name}"
    for key, options in scale.items():
        if key in NAMED:
            for one, values in options.items():
                document[key][one].update(values)
        elif key != "step":
            place: Path = ("recipe",) if key == "recipe" else ("step", names.index(key))
            table = document["recipe"] if key == "recipe" else document["step"][names.index(key)]
            table.update(options)
            for option in options:
                if line := lines.get(("scales", name, key, option), 0):
                    lines[(*place, option)] = line
    _put_before(document, lines, name, scale.get("step", []))


def _put_before(document: dict[str, Any], lines: dict[Path, int], name: str, steps: list[Any]) -> None:
    """Steps that only this scale has; the lines of the others move with their numbers."""
    if not steps:
        return
    document["step"] = [*steps, *document.get("step", [])]
    moved: dict[Path, int] = {}
    for path, line in list(lines.items()):
        if len(path) > 1 and path[0] == "step" and isinstance(path[1], int):
            moved[("step", path[1] + len(steps), *path[2:])] = line
            del lines[path]
        elif path[:3] == ("scales", name, "step") and len(path) > 3:
            moved[path[2:]] = line
    lines.update(moved)
