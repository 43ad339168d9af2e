"""The shape of a recipe, without knowing any plugin: tables, verbs, the keys that every step may have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from seodang.errors import SeodangError
from seodang.recipes.expectations import faults, given
from seodang.recipes.nearest import did_you_mean, nearest
from seodang.recipes.problems import Problem, Source, Spot
from seodang.recipes.versions import is_clauses, read_requirement
from seodang.translation.settings import KEYS as TRANSLATE_KEYS

VERBS = {
    "seeds": "seeds",
    "translate": "translator",
    "teach": "lesson",
    "filter": "filter",
    "train": "trainer",
    "evaluate": "evaluation",
}
"""Each verb of a step and the kind of plugin that it names."""

TEACHER_KEYS = ("model", "base_url", "in_flight", "input_price", "output_price", "temperature", "max_tokens")
"""Options of a teacher or judge that may stand flat in the step that names one."""

NEWEST = ("newest", "base")
"""Students that need no table: the one that was trained last, and what it was before."""

_NAME = r"^[^\W_][\w.-]*$"
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
COMMON_KEYS: dict[str, Any] = {
    "name": Name,
    "only": Annotated[list[str], msgspec.Meta(min_length=1)],
    "teacher": str,
    "judge": str,
    "student": str,
    "students": Annotated[list[str], msgspec.Meta(min_length=1)],
    "personal": bool,
    "hold_out": Annotated[int, msgspec.Meta(ge=1, le=100_000)],
}
FITTING_VERBS = {
    "only": ("translate", "teach", "filter"),
    "teacher": ("translate", "teach", "filter", "evaluate"),
    "judge": ("teach", "filter", "evaluate"),
    "student": ("evaluate",),
    "students": ("evaluate",),
    "personal": ("seeds",),
    "hold_out": ("seeds",),
}
"""The verbs to which a common key means something: elsewhere it is a problem, because nothing is accepted and ignored."""


def keys_of(verb: str) -> dict[str, Any]:
    """The keys of core in a step with this verb. Those of `translate` are a translator's business nowhere, and elsewhere a plugin's."""
    return {**COMMON_KEYS, **TRANSLATE_KEYS} if verb == "translate" else COMMON_KEYS


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One step as the recipe says it. `line` and `lines` are 0 or missing where `--set` or an inline table brought it."""

    number: int
    verb: str
    plugin: str
    name: str
    options: dict[str, Any]
    line: int
    lines: dict[str, int]
    only: tuple[str, ...] = ()
    reserved: dict[str, Any] = {}


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[recipe]`."""

    name: Name
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    description: str = ""
    license: str = ""
    commercial: bool = False
    requires: list[str] = []
    seodang: str = ""
    format: Annotated[int, msgspec.Meta(ge=1)] = 1


def read_head(document: Mapping[str, Any], source: Source, path: Path) -> tuple[Head, list[SeodangError]]:
    """The head; what is wrong in it is replaced by something harmless and told."""
    problems: list[SeodangError] = []
    for key in document:
        if key not in ("recipe", "step", "teachers", "students", "rates"):
            hint = did_you_mean(key, ("[recipe]", "[[step]]", "[teachers]", "[students]", "[rates]", "[scales]"))
            problems.append(Problem("recipes.unknown-table", source.spot((key,)), key=key, hint=hint))
    stem = path.stem if re.match(_NAME, path.stem) else "recipe"
    values = document.get("recipe")
    if not isinstance(values, dict):
        problems.append(Problem("recipes.no-recipe-table", source.spot(("recipe",)), name=stem))
        return Head(name=stem, language="und"), problems
    good = {"name": stem, "language": "und", **values}
    for fault in faults(Head, {"name": stem, **values}, ""):
        key = fault.path.lstrip(".").partition("[")[0]
        spot = source.spot(("recipe", key))
        problems.append(_key_problem(fault.path.lstrip("."), fault, spot))
        good.pop(key, None)
    good = {"name": stem, "language": "und", **good}
    head = msgspec.convert(good, Head)
    for requirement in head.requires:
        if read_requirement(requirement) is None:
            problems.append(Problem("recipes.bad-requirement", source.spot(("recipe", "requires")), requirement=requirement))
    if not is_clauses(head.seodang):
        problems.append(Problem("recipes.bad-requirement", source.spot(("recipe", "seodang")), requirement=head.seodang))
    return head, problems


def _key_problem(path: str, fault: Any, spot: Spot) -> Problem:
    if fault.unknown:
        return Problem("recipes.unknown-key", spot, key=path, hint=did_you_mean(path, fault.choices))
    if fault.missing:
        return Problem("recipes.missing-key", spot, key=path, expected=fault.expected)
    if path == "name":
        return Problem("recipes.bad-name", spot, given=given(fault.value))
    if path == "language":
        return Problem("recipes.bad-language", spot, given=given(fault.value))
    return Problem("recipes.wrong-value", spot, option=path, expected=fault.expected, given=given(fault.value), hint="", about="")


def read_tables(document: Mapping[str, Any], source: Source) -> tuple[dict[str, Any], list[SeodangError]]:
    """The named teachers and students, and the rates of exchange."""
    problems: list[SeodangError] = []
    found: dict[str, Any] = {}
    for kind, annotation in (
        ("teachers", dict[str, dict[str, Any]]),
        ("students", dict[str, dict[str, Any]]),
        ("rates", dict[str, Annotated[float, msgspec.Meta(gt=0)]]),
    ):
        value = document.get(kind, {})
        wrong = list(faults(annotation, value, kind))
        problems += [_key_problem(fault.path, fault, source.spot(tuple(fault.path.split(".")))) for fault in wrong]
        found[kind] = {} if wrong else msgspec.convert(value, annotation)
    for pair in found["rates"]:
        if not re.fullmatch(r"[A-Z]{3}-[A-Z]{3}", pair):
            problems.append(Problem("recipes.bad-rate", source.spot(("rates", pair)), pair=pair))
    return found, problems


def step_names(steps: Any) -> list[str]:
    """The name of every step, "" for what is no step: the one it gives itself, else its plugin's, with `-2` when it is taken."""
    tables = [step if isinstance(step, dict) else {} for step in steps] if isinstance(steps, list) else []
    given_names = [step["name"] if isinstance(step.get("name"), str) else "" for step in tables]
    taken = set(given_names)
    names = []
    for step, name in zip(tables, given_names, strict=True):
        if not name:
            plugin = next((step[verb] for verb in VERBS if isinstance(step.get(verb), str)), "")
            base = name = plugin.rpartition(":")[2]
            number = 2
            while name and name in taken:
                name = f"{base}-{number}"
                number += 1
            taken.add(name)
        names.append(name)
    return names


def read_steps(steps: Any, source: Source) -> tuple[list[Entry], list[SeodangError]]:
    """The steps that say what they do; the others are problems."""
    if steps is None:
        return [], []
    if not isinstance(steps, list):
        return [], [Problem("recipes.step-is-no-list", source.spot(("step",)))]
    entries: list[Entry] = []
    problems: list[SeodangError] = []
    names = step_names(steps)
    for index, step in enumerate(steps):
        entry, found = _read_step(index, step, names[index], source)
        problems += found
        if entry is None:
            continue
        if any(other.name == entry.name for other in entries):
            spot = source.spot(("step", index, "name"), entry.number, entry.verb, entry.plugin)
            problems.append(Problem("recipes.two-steps-of-one-name", spot, name=entry.name))
        entries.append(entry)
    return entries, problems + _references(entries, source)


def _read_step(index: int, step: Any, name: str, source: Source) -> tuple[Entry | None, list[SeodangError]]:
    unknown = source.spot(("step", index), index + 1)
    if not isinstance(step, dict):
        return None, [Problem("recipes.step-is-no-list", unknown)]
    verbs = [verb for verb in VERBS if verb in step]
    if len(verbs) > 1:
        return None, [Problem("recipes.two-verbs", unknown, verbs=verbs)]
    if not verbs:
        meant = next(((key, found) for key in step if key not in COMMON_KEYS and (found := nearest(key, VERBS))), None)
        if meant:
            return None, [
                Problem("recipes.unknown-verb", source.spot(("step", index, meant[0]), index + 1), key=meant[0], nearest=meant[1])
            ]
        return None, [Problem("recipes.no-verb", unknown, verbs=list(VERBS), keys=list(step))]
    verb, plugin = verbs[0], step[verbs[0]]
    if not isinstance(plugin, str) or not plugin:
        return None, [Problem("recipes.verb-names-no-plugin", unknown, verb=verb, given=given(plugin))]

    def spot(key: str) -> Spot:
        return source.spot(("step", index, key), index + 1, verb, plugin)

    common, options, problems = _sorted_keys(step, verb, spot)
    entry = Entry(
        number=index + 1,
        verb=verb,
        plugin=plugin,
        name=name,
        options=options,
        line=source.lines.get(("step", index), 0),
        lines={key: source.lines.get(("step", index, key), 0) for key in step if ("step", index, key) not in source.settings},
        only=tuple(common.pop("only", ())),
        reserved=common,
    )
    return entry, problems


def _sorted_keys(step: Mapping[str, Any], verb: str, spot: Any) -> tuple[dict[str, Any], dict[str, Any], list[SeodangError]]:
    """The keys of core and those of the plugin."""
    common: dict[str, Any] = {}
    options: dict[str, Any] = {}
    problems: list[SeodangError] = []
    keys = keys_of(verb)
    for key, value in step.items():
        if key == verb:
            continue
        if key == "model" and verb in ("train", "evaluate") and isinstance(value, str) and value.startswith("step:"):
            common[key] = value
        elif key not in keys:
            options[key] = value
        elif found := list(faults(keys[key], value, key)):
            problems += [_key_problem(fault.path, fault, spot(key)) for fault in found]
        elif key in FITTING_VERBS and verb not in FITTING_VERBS[key]:
            problems.append(Problem("recipes.key-not-here", spot(key), key=key, verb=verb, verbs=list(FITTING_VERBS[key])))
        elif key != "name":
            common[key] = value
    if "student" in common and "students" in common:
        problems.append(Problem("recipes.student-and-students", spot("students")))
    return common, options, problems


def _references(entries: Sequence[Entry], source: Source) -> list[SeodangError]:
    """`only` names seeds that come before; `model = "step:NAME"` and students of that form name a training that comes before."""
    problems: list[SeodangError] = []
    for place, entry in enumerate(entries):
        seeds = [other.name for other in entries[:place] if other.verb == "seeds"]
        trained = [other.name for other in entries[:place] if other.verb == "train"]

        def spot(key: str, entry: Entry = entry) -> Spot:
            return source.spot(("step", entry.number - 1, key), entry.number, entry.verb, entry.plugin)

        for name in entry.only:
            if name not in seeds:
                problems.append(Problem("recipes.only-names-no-seeds", spot("only"), name=name, hint=did_you_mean(name, seeds)))
        for key, wanted in _students(entry):
            name = wanted.removeprefix("step:")
            if wanted in NEWEST and not trained:
                problems.append(Problem("recipes.no-training", spot(key), key=key, name=wanted))
            elif name != wanted and name not in trained:
                hint = did_you_mean(name, trained)
                problems.append(Problem("recipes.names-no-training", spot(key), key=key, name=name, hint=hint))
    return problems


def students_of_options(entry: Entry) -> list[tuple[str, str]]:
    """Options of a trainer that name a student of this recipe, as `teacher_model = "step:NAME"` does."""
    if entry.verb != "train":
        return []
    return [(key, value) for key, value in entry.options.items() if isinstance(value, str) and value.startswith("step:")]


def _students(entry: Entry) -> list[tuple[str, str]]:
    """The students that a step names, with the key that names them."""
    named: list[tuple[str, str]] = [(key, entry.reserved[key]) for key in ("model", "student") if key in entry.reserved]
    named += students_of_options(entry)
    return named + [("students", name) for name in entry.reserved.get("students", ())]
