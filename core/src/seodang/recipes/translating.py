"""The keys of a translate step that belong to core, checked: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from seodang.capabilities import Capability, Translator
from seodang.context import matching_files
from seodang.errors import SeodangError
from seodang.recipes.expectations import expectation, faults, given
from seodang.recipes.nearest import did_you_mean
from seodang.recipes.problems import Problem, Spot
from seodang.translation import checks
from seodang.translation.glossary import read_glossary
from seodang.translation.settings import Fields, Settings
from seodang.wording import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from seodang.plugins.offers import Offers
    from seodang.recipes.reading import Recipe
    from seodang.recipes.shape import Entry

_FIELDS = get_type_hints(Fields)
_COLUMNS = "columns."


class _Reading:
    """One step's keys."""

    def __init__(self, entry: Entry, recipe: Recipe, offers: Offers, spot_of: Callable[[str], Spot]) -> None:
        self.problems: list[SeodangError] = []
        self._given = entry.reserved
        self._recipe = recipe
        self._offers = offers
        self._spot_of = spot_of

    def settings(self, translator: type[Capability] | None) -> Settings:
        plain: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in self._given.items()
            if key in Settings.__struct_fields__ and key not in ("fields", "glossary")
        }
        fields, columns = self._fields()
        self._known("without_checks", checks.names())
        self._known("languages", [offer.name for offer in self._offers.all("locale")])
        self._register()
        self._splitter()
        settings = Settings(fields=fields, columns=columns, glossary=self._glossary(translator), **plain)
        if settings.keep_answer_as and fields.assistant != "regenerate":
            self._tell("translation.nothing-to-keep", "keep_answer_as")
        return settings

    def _tell(self, code: str, at: str, **facts: Any) -> None:
        self.problems.append(Problem(code, self._spot_of(at), **facts))

    def _fields(self) -> tuple[Fields, tuple[str, ...]]:
        values = dict(_flat(self._given.get("fields", {})))
        columns = []
        good: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith(_COLUMNS) and name != _COLUMNS:
                if value == "translate":
                    columns.append(name.removeprefix(_COLUMNS))
                elif value != "leave":
                    self._wrong(f"fields.{name}", value, ("translate", "leave"))
            elif name not in _FIELDS:
                hint = did_you_mean(name, [*_FIELDS, "columns.NAME"])
                self._tell("recipes.unknown-option", "fields", option=f"fields.{name}", hint=hint)
            elif found := next(faults(_FIELDS[name], value, f"fields.{name}"), None):
                self._tell(
                    "recipes.wrong-value", "fields", option=found.path, expected=expectation(_FIELDS[name]), given=given(value),
                    hint="", about="",
                )  # fmt: skip
            else:
                good[name] = value
        return Fields(**good), tuple(columns)

    def _wrong(self, option: str, value: Any, choices: tuple[str, ...]) -> None:
        expected = Phrase("recipes.one-of", {"choices": [given(choice) for choice in choices]})
        self._tell("recipes.wrong-value", "fields", option=option, expected=expected, given=given(value), hint="", about="")

    def _known(self, key: str, names: list[str]) -> None:
        for name in self._given.get(key, ()):
            if name not in names:
                self._tell("translation.unknown-name", key, key=key, name=name, hint=did_you_mean(name, names))

    def _register(self) -> None:
        register = self._given.get("register", "")
        if not register:
            return
        language = self._recipe.language
        found = [offer for offer in self._offers.all("locale") if offer.name == language]
        levels = list(getattr(found[0].cls(), "speech_levels", ())) if found else []
        if register not in levels:
            hint = did_you_mean(register, levels)
            self._tell("translation.unknown-register", "register", name=register, language=language, hint=hint)

    def _splitter(self) -> None:
        from seodang.recipes.roles import found_offer

        if name := self._given.get("splitter", ""):
            found_offer(self._offers, "splitter", name, self._spot_of("splitter"), self.problems)

    def _glossary(self, translator: type[Capability] | None) -> Mapping[str, str]:
        name = self._given.get("glossary", "")
        if not name:
            return {}
        directory = self._recipe.path.parent
        found = matching_files(directory, name)
        if len(found) != 1:
            facts = {"option": "glossary", "pattern": name, "directory": str(directory.resolve()), "hint": ""}
            self._tell("recipes.no-such-files", "glossary", **facts)
            return {}
        try:
            glossary = read_glossary(found[0], self._recipe.language)
        except (SeodangError, UnicodeDecodeError) as error:
            phrase = (
                Phrase(error.code, error.facts) if isinstance(error, SeodangError)
                else Phrase("translation.glossary-unreadable", {"file": found[0].name, "line": 1, "detail": str(error)})
            )  # fmt: skip
            self._tell("recipes.plugin", "glossary", problem=phrase)
            return {}
        terms = [term for term, meant in glossary.items() if term != meant]
        if terms and isinstance(translator, type) and issubclass(translator, Translator) and "glossary" not in translator.heeds:
            self._tell("translation.glossary-not-taken", "glossary", translator=translator.name, term=terms[0], number=len(terms))
        return glossary


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """`[step.fields]` with `columns.title = …` under it is a table in a table."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        found += _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", value)]
    return found


def translate_settings(
    entry: Entry, recipe: Recipe, offers: Offers, translator: type[Capability] | None, spot_of: Callable[[str], Spot]
) -> tuple[Settings, list[SeodangError]]:
    """The settings of a translate step, and what is wrong in them."""
    reading = _Reading(entry, recipe, offers, spot_of)
    try:
        settings = reading.settings(translator)
    except msgspec.ValidationError:  # told where the shape is checked
        settings = Settings()
    return settings, reading.problems
