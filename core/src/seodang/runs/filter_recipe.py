"""A recipe of two steps for one filter and one file, so that `seodang filter try` is a run like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.context import matching_files
from seodang.errors import DataError, PluginError, SeodangError
from seodang.ledger.money import Cap
from seodang.plugins.offers import Offer, Offers
from seodang.recipes.nearest import nearest
from seodang.recipes.options import build_options, elsewhere_options, files_options
from seodang.recipes.problems import Problem, Spot, raise_all
from seodang.recipes.settings import TABLES, apply_settings
from seodang.wording import Phrase

ROWS = "rows"
"""The name of the step that reads the file: `--set rows.encoding=cp949` is an option of its source."""
DEFAULT_SEEDS = "instruct-data"
"""What reads the file where nobody says otherwise; where it is not installed, people are told which sources are."""
ASK = {"judge", "teacher"}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for. `settings` are `option=value`; `limit` takes so many rows from the file's beginning."""

    filter: str
    file: Path
    settings: Sequence[str] = ()
    language: str
    seeds: str = DEFAULT_SEEDS
    limit: int | None = None
    caps: Sequence[Cap] = ()
    allow_unknown_price: bool = False


class FilterRecipe(msgspec.Struct, frozen=True):
    """`step` is the filter's name in it. `asks`: its answers may have to be paid for, and must be kept."""

    text: str
    step: str
    asks: bool


def recipe_for(wanted: Wanted, offers: Offers) -> FilterRecipe:
    """Problems of the filter's options are told with the `--set` that brought them: nobody has seen the recipe."""
    offer = offers.find("filter", wanted.filter)
    _check_file(wanted.file)
    _check_seeds(offers, wanted.seeds)
    step: dict[str, Any] = {"filter": wanted.filter, "name": offer.name}
    rows = {"seeds": wanted.seeds, "name": ROWS, "path": str(wanted.file.resolve())}
    document: dict[str, Any] = {"recipe": {"name": "filter-try", "language": wanted.language}, "step": [rows, step]}
    typed, problems = _settings(document, wanted.settings, offer.name)

    def spot_of(option: str) -> Spot:
        return Spot(setting=typed[option]) if option in typed else Spot(plugin=offer.name)

    own = {key: value for key, value in step.items() if key not in ("filter", "name")}
    if not ASK & own.keys():  # else some of them are the judge's: the run tells them apart
        problems += build_options(offer.cls, own, spot_of)[1]
    raise_all([*problems, *([] if problems else _located(step, offer, spot_of))])
    return FilterRecipe(_toml(document), offer.name, bool(ASK & own.keys()))


def _check_file(file: Path) -> None:
    if file.is_file():
        return
    found = nearest(file.name, (path.name for path in file.parent.iterdir())) if file.parent.is_dir() else None
    hint = Phrase("recipes.did-you-mean", {"nearest": str(file.parent / found)}) if found else ""
    raise DataError("filter.no-such-file", path=str(file), directory=str(Path.cwd()), hint=hint)


def _check_seeds(offers: Offers, wanted: str) -> None:
    """The source has to read a file, which its option `path` names."""
    name = wanted.rpartition(":")[2]
    able = sorted({offer.name for offer in offers.all("seeds") if "path" in files_options(offer.cls)})
    if name not in {offer.name for offer in offers.all("seeds")}:
        raise PluginError("filter.no-seeds", name=wanted, able=able or "–")
    if "path" not in files_options(offers.find("seeds", wanted).cls):
        raise PluginError("filter.seeds-without-path", name=wanted, able=able or "–")


def _settings(document: dict[str, Any], settings: Sequence[str], step: str) -> tuple[dict[str, str], list[SeodangError]]:
    """Writes the settings into the document. Gives back which option was typed how, and what is wrong."""
    typed: dict[str, str] = {}
    problems: list[SeodangError] = []
    for setting in settings:
        target, equals, _ = setting.partition("=")
        head, dot, _ = target.strip().partition(".")
        if not equals or not head:
            problems.append(Problem("filter.bad-setting", Spot(setting=setting)))
        elif dot and head in (ROWS, *TABLES):
            problems += apply_settings(document, (ROWS, step), [setting])[1]
        else:
            typed[head] = setting
            problems += apply_settings(document, (ROWS, step), [f"{step}.{setting}"])[1]
    return typed, problems


def _located(step: dict[str, Any], offer: Offer, spot_of: Any) -> list[SeodangError]:
    """A recipe's paths start from its own folder; those that are typed start from here."""
    problems: list[SeodangError] = []
    here = Path.cwd()
    for option in sorted(files_options(offer.cls) & step.keys()):
        patterns = step[option] if isinstance(step[option], list) else [step[option]]
        found = []
        for pattern in patterns:
            matches = matching_files(here, pattern) if "://" not in pattern else []
            if not matches and option not in elsewhere_options(offer.cls):
                facts = {"option": option, "pattern": pattern, "directory": str(here), "hint": ""}
                problems.append(Problem("recipes.no-such-files", spot_of(option), **facts))
            found.append(str(here / Path(pattern).expanduser()) if matches or pattern.startswith(".") else pattern)
        step[option] = found if isinstance(step[option], list) else found[0]
    return problems


def _toml(document: Mapping[str, Any]) -> str:
    tables = "".join(f"[{name}]\n{_pairs(document[name])}\n" for name in TABLES if name in document)
    return tables + "\n".join(f"[[step]]\n{_pairs(step)}" for step in document["step"])


def _pairs(table: Mapping[str, Any]) -> str:
    return "".join(f"{_value(name)} = {_value(value)}\n" for name, value in table.items())


def _value(value: Any) -> str:
    """A value as `tomllib` gave it. TOML reads a text, and a key, as JSON writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_value(name)} = {_value(member)}" for name, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else str(value)
