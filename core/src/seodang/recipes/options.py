"""A plugin's options: checked one by one, so that all problems are told; and what the core and the documentation read of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

import msgspec

from seodang.capabilities import Capability
from seodang.errors import PluginError, SeodangError
from seodang.recipes.expectations import Fault, choices, expectation, faults, fits, given, peel
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.problems import Problem, Spot
from seodang.wording import Phrase

if TYPE_CHECKING:
    from seodang.plugins.offers import Offers

SpotOf = Callable[[str], Spot]
"""Where the option of this name stands."""

_SECRET = re.compile(r"(^|_)(api_key|secret|password|passwd|credentials?)$|^token$|(^|_)(access|auth|api|bearer|hub)_token$")


class Built(NamedTuple):
    """The options, or None, and the problems that prevented them. A pair, because it is unpacked wherever options are built."""

    options: Any
    problems: list[SeodangError]


class OptionDoc(msgspec.Struct, frozen=True, kw_only=True):
    """One option as documentation shows it. `type` is rendered in the reader's language."""

    name: str
    type: Phrase
    description: str
    required: bool
    default: Any
    choices: tuple[str, ...]
    conduct: bool
    files: bool
    names: str


def build_options(cls: type[Capability], raw: Mapping[str, Any], spot_of: SpotOf | None = None) -> Built:
    """The options of a plugin class from what a recipe says, with every problem there is.

    `spot_of` tells where an option stands; without it a message begins with the plugin's name.
    """
    spot_of = spot_of or (lambda _: Spot(plugin=cls.name))
    problems = check_given(cls, raw, spot_of)
    if problems:
        return Built(None, problems)
    problems = missing_options(cls, raw, spot_of)
    if problems:
        return Built(None, problems)
    try:
        return Built(msgspec.convert(dict(raw), cls.Options), [])
    except msgspec.ValidationError as error:
        # Each option is right on its own: this is what the class says about several together.
        detail = str(error).removesuffix(" - at `$`")
        return Built(None, [Problem("recipes.options-disagree", spot_of(""), plugin=cls.name, detail=detail)])


def check_given(cls: type[Capability], raw: Mapping[str, Any], spot_of: SpotOf) -> list[SeodangError]:
    """What is wrong with the options that are given; what is missing is `missing_options`."""
    try:
        annotations = _annotations(cls)
    except Exception as error:  # a stranger's class: whatever it raises is the problem that is reported
        return [Problem("recipes.broken-options", spot_of(""), plugin=cls.name, error=type(error).__name__, detail=str(error))]
    problems: list[SeodangError] = []
    for name, value in raw.items():
        if name not in annotations:
            problems.append(Problem("recipes.unknown-option", spot_of(name), option=name, hint=did_you_mean(name, annotations)))
        elif _SECRET.search(name) and isinstance(value, str) and value and not value.startswith("env:"):
            problems.append(Problem("recipes.secret-in-recipe", spot_of(name), option=name))
        else:
            found = faults(annotations[name], value, name)
            problems += [_problem(fault, annotations[name], spot_of(name)) for fault in found]
    return problems


def missing_options(cls: type[Capability], raw: Mapping[str, Any], spot_of: SpotOf) -> list[SeodangError]:
    annotations = _annotations(cls)
    return [
        Problem(
            "recipes.missing-option",
            spot_of(""),
            option=name,
            expected=expectation(annotations[name]),
            about=_about(annotations[name], name),
        )
        for name, field in option_fields(cls).items()
        if field.required and name not in raw
    ]


def _problem(fault: Fault, annotation: Any, spot: Spot) -> Problem:
    about = _about(annotation, re.split(r"[.\[]", fault.path)[0])
    if fault.unknown:
        return Problem(
            "recipes.unknown-option", spot, option=fault.path, hint=did_you_mean(fault.path.rpartition(".")[2], fault.choices)
        )
    if fault.missing:
        return Problem("recipes.missing-option", spot, option=fault.path, expected=fault.expected, about=about)
    return Problem(
        "recipes.wrong-value",
        spot,
        option=fault.path,
        expected=fault.expected,
        given=given(fault.value),
        hint=_hint(fault, annotation),
        about=about,
    )


def _hint(fault: Fault, annotation: Any) -> Phrase | str:
    if not isinstance(fault.value, str):
        return ""
    hint = did_you_mean(fault.value, fault.choices)
    if isinstance(hint, Phrase) and hint.code == "recipes.did-you-mean":
        return hint
    try:
        unquoted = tomllib.loads(f"value = {fault.value}")
    except tomllib.TOMLDecodeError:
        return ""
    whole = "[" not in fault.path and fits(annotation, unquoted.get("value"))
    return Phrase("recipes.unquote", {"value": fault.value}) if whole else ""


def _about(annotation: Any, name: str) -> Phrase | str:
    description = _description(annotation)
    return Phrase("recipes.about", {"option": name, "description": description}) if description else ""


def _description(annotation: Any) -> str:
    return next((meta.description for meta in peel(annotation)[1] if meta.description), "")


def _read_fields(cls: type[Capability]) -> Mapping[str, msgspec.structs.FieldInfo]:
    return MappingProxyType({field.encode_name: field for field in msgspec.structs.fields(cls.Options)})


option_fields: Callable[[Any], Mapping[str, msgspec.structs.FieldInfo]] = lru_cache(maxsize=1024)(_read_fields)
"""msgspec's account of each option. Remembered: to give it takes longer than everything else that is looked at in a class."""


def _read_annotations(cls: type[Capability]) -> Mapping[str, Any]:
    """Each option's annotation. Raises whatever a broken class raises."""
    hints = get_type_hints(cls.Options, include_extras=True)
    msgspec.inspect.type_info(cls.Options)  # tells types that msgspec cannot check
    return {name: hints[field.name] for name, field in option_fields(cls).items()}


# Remembered, because a class is asked several times while plugins are loaded, and evaluating annotations takes the time.
_annotations: Callable[[Any], Mapping[str, Any]] = lru_cache(maxsize=1024)(_read_annotations)


def _marks(cls: type[Capability]) -> dict[str, dict[str, Any]]:
    """What `msgspec.Meta(extra=…)` says about each option."""
    found: dict[str, dict[str, Any]] = {}
    for name, annotation in _annotations(cls).items():
        found[name] = {}
        for meta in reversed(peel(annotation)[1]):
            found[name] |= meta.extra or {}
    return found


def conduct_options(cls: type[Capability]) -> set[str]:
    """The options that say how and not what: they stay out of the fingerprint."""
    return {name for name, marks in _marks(cls).items() if marks.get("conduct")}


def files_options(cls: type[Capability]) -> set[str]:
    """The options that name files relative to the recipe: their content is part of the fingerprint."""
    return {name for name, marks in _marks(cls).items() if marks.get("files")}


def elsewhere_options(cls: type[Capability]) -> set[str]:
    """Those of them that may also name something that is no file here, such as a data set of a hub."""
    return {name for name, marks in _marks(cls).items() if marks.get("elsewhere")}


def names_options(cls: type[Capability]) -> dict[str, str]:
    """The options that name another capability, and of which kind."""
    return {name: marks["names"] for name, marks in _marks(cls).items() if marks.get("names")}


def revisions_named(capability: Capability, offers: Offers) -> dict[str, list[int]]:
    """The revisions of what the options name, by option. What is not offered is told elsewhere and left out here."""
    found: dict[str, list[int]] = {}
    for option, kind in names_options(type(capability)).items():
        value = getattr(capability.options, option)
        for name in [value] if isinstance(value, str) else value or ():
            with suppress(PluginError):
                found.setdefault(option, []).append(offers.find(kind, name).cls.revision)
    return found


def capability_of(offers: Offers, kind: str, name: str, options: Mapping[str, Any], directory: Path) -> Capability:
    """A capability as a recipe in `directory` would have it, with options as a recipe would write them."""
    offer = offers.find(kind, name)
    built, problems = build_options(offer.cls, options)
    if problems:
        raise PluginError("runs.bad-capability-options", kind=kind, name=name, problem=str(problems[0]))
    found: Capability = offer.cls(built)
    found.directory = directory
    found.named = revisions_named(found, offers)
    return found


def option_docs(cls: type[Capability]) -> list[OptionDoc]:
    """The options in the order of the class, as documentation shows them."""
    annotations, marks = _annotations(cls), _marks(cls)
    return [
        OptionDoc(
            name=name,
            type=expectation(annotations[name]),
            description=_description(annotations[name]),
            required=field.required,
            default=_default(field),
            choices=choices(annotations[name]),
            conduct=bool(marks[name].get("conduct")),
            files=bool(marks[name].get("files")),
            names=marks[name].get("names", ""),
        )
        for name, field in option_fields(cls).items()
    ]


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None
