"""Who works in a step besides its plugin: teachers, judges and students, named in a table of the recipe or by their plugin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seodang.capabilities import Capability
from seodang.errors import PluginError, SeodangError
from seodang.plugins.offers import kind_phrase
from seodang.recipes.nearest import nearest
from seodang.recipes.options import SpotOf, build_options, check_given
from seodang.recipes.problems import Problem, Source, Spot
from seodang.wording import Phrase

if TYPE_CHECKING:
    from seodang.plugins.offers import Offer, Offers

Role = tuple["Offer", Any]
"""A plugin and its instance."""


class Cast:
    """The named teachers (or students) of a recipe, and who is offered beside them. Gathers problems."""

    def __init__(self, kind: str, tables: Mapping[str, Mapping[str, Any]], source: Source, offers: Offers) -> None:
        self.problems: list[SeodangError] = []
        self._kind = kind
        self._tables = tables
        self._source = source
        self._offers = offers
        self._offers_of_tables = {name: self._offer_of_table(name, table) for name, table in tables.items()}

    def _spot(self, name: str, key: str = "") -> Spot:
        return self._source.spot((f"{self._kind}s", name, key))

    def _offer_of_table(self, name: str, table: Mapping[str, Any]) -> Offer | None:
        """The plugin of a table, whose options are checked here once, however many steps name it."""
        plugin = table.get("use")
        if not isinstance(plugin, str):
            names = [offer.name for offer in self._offers.all(self._kind)]
            self.problems.append(
                Problem("recipes.no-use", self._spot(name), kind=kind_phrase(self._kind), name=name, installed=names or "–")
            )
            return None
        offer = found_offer(self._offers, self._kind, plugin, self._spot(name, "use"), self.problems)
        if offer is not None:
            self.problems += check_given(offer.cls, _without_use(table), lambda key: self._spot(name, key))
        return offer

    def play(self, name: str, flat: Mapping[str, Any], spot: Spot, spot_of: SpotOf) -> Role | None:
        """The one whom a step names, with the options that stand flat in the step over those of the table.

        None when there is a problem. A table goes before a plugin of the same name.
        """
        if name in self._tables:
            offer, table = self._offers_of_tables[name], _without_use(self._tables[name])
        else:
            offer, table = self._unnamed(name, spot), {}
        if offer is None:
            return None
        if problems := self._misplaced(offer, flat, spot_of):
            self.problems += problems
            return None
        if check_given(offer.cls, table, lambda _: spot):
            return None  # told at the table
        built, problems = build_options(offer.cls, {**table, **flat}, spot_of)
        self.problems += problems
        return None if problems else made(offer, built, spot, self.problems)

    def _unnamed(self, name: str, spot: Spot) -> Offer | None:
        if (
            self._tables
            and not any(offer.name == name for offer in self._offers.all(self._kind))
            and (found := nearest(name, self._tables))
        ):
            hint = Phrase("recipes.did-you-mean", {"nearest": found})
            self.problems.append(
                Problem("recipes.unknown-role", spot, kind=kind_phrase(self._kind), table=f"{self._kind}s", name=name, hint=hint)
            )
            return None
        return found_offer(self._offers, self._kind, name, spot, self.problems)

    def _misplaced(self, offer: Offer, flat: Mapping[str, Any], spot_of: SpotOf) -> list[SeodangError]:
        """Flat keys that this teacher does not know: `echo has no option 'temperature'`."""
        known = offer.cls.Options.__struct_encode_fields__
        return [
            Problem("recipes.role-has-no-option", spot_of(key), kind=kind_phrase(self._kind), name=offer.name, option=key)
            for key in flat
            if key not in known
        ]


def _without_use(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key != "use"}


def found_offer(offers: Offers, kind: str, name: str, spot: Spot, problems: list[SeodangError]) -> Offer | None:
    """The offer of this name. What `find` says of a missing or an ambiguous one becomes a problem with a place."""
    try:
        return offers.find(kind, name)
    except PluginError as error:
        problem = Problem("recipes.plugin", spot, problem=Phrase(error.code, error.facts))
        for note in getattr(error, "__notes__", ()):
            problem.add_note(note)
        problems.append(problem)
        return None


def made(offer: Offer, options: Any, spot: Spot, problems: list[SeodangError]) -> Role | None:
    """An instance of the plugin's class, or None and the problem."""
    try:
        capability: Capability = offer.cls(options)
    except SeodangError as error:
        problems.append(Problem("recipes.plugin", spot, problem=Phrase(error.code, error.facts)))
    except Exception as error:  # a stranger's code: whatever it raises is the problem that is reported
        facts = {"plugin": offer.id, "version": offer.version, "error": type(error).__name__, "detail": str(error)}
        problems.append(Problem("recipes.plugin-raised", spot, **facts))
    else:
        return offer, capability
    return None
