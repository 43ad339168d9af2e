"""What the loaded plugins offer, and who may be asked about a run."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import pluggy

from seodang import hooks
from seodang.capabilities import Capability
from seodang.errors import PluginError
from seodang.plugins.calling import Called, call_each
from seodang.plugins.installed import canonical
from seodang.verdicts import Objection, Plan
from seodang.wording import Phrase, render


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """A loaded entry point. `printed` counts what it wrote while it was loaded, which nobody has seen."""

    distribution: str
    version: str
    entry_point: str
    target: str = ""
    file: str = ""
    seconds: float = 0.0
    printed: int = 0

    @property
    def id(self) -> str:
        return f"{self.distribution}:{self.entry_point}"


class Offer(msgspec.Struct, frozen=True):
    """A capability that a recipe can name."""

    kind: str
    name: str
    cls: type[Capability]
    distribution: str
    version: str
    entry_point: str

    @property
    def id(self) -> str:
        """The name that is never ambiguous, as in `seodang-openai:openai`."""
        return f"{self.distribution}:{self.name}"


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """An entry point that could not be loaded. `reason` is a sentence in the reader's language, `code` is for programs."""

    distribution: str
    version: str
    entry_point: str
    reason: str
    code: str = ""
    target: str = ""
    file: str = ""
    needs: str = ""
    """The module that was not found, where that was the reason."""

    @property
    def id(self) -> str:
        return f"{self.distribution}:{self.entry_point}"


class Offers:
    """The capabilities of the loaded plugins. Their order never matters: a name that two offer has to be chosen."""

    def __init__(
        self,
        manager: pluggy.PluginManager,
        plugins: Iterable[Plugin],
        offers: Iterable[Offer],
        broken: Iterable[Broken] = (),
        blocked: Sequence[str] = (),
        unknown: Sequence[str] = (),
    ) -> None:
        self.plugins = tuple(sorted(plugins, key=lambda plugin: plugin.id))
        self.broken = tuple(sorted(broken, key=lambda broken: broken.id))
        self.blocked = tuple(blocked)
        """Distributions that `SEODANG_PLUGINS` leaves out."""
        self.unknown = tuple(unknown)
        """What `SEODANG_PLUGINS` names and is not installed."""
        self._manager = manager
        self._offers = sorted(offers, key=lambda offer: (offer.kind, offer.name, offer.distribution))
        self._titles = {plugin.id: f"{plugin.distribution} {plugin.version}" for plugin in self.plugins}

    def all(self, kind: str | None = None) -> list[Offer]:
        """Sorted by kind, name and distribution."""
        return [offer for offer in self._offers if kind is None or offer.kind == kind]

    def find(self, kind: str, wanted: str) -> Offer:
        """The capability of this name, or of this `distribution:name`.

        Never guesses: a name that two distributions offer is an error that names both.
        """
        distribution, colon, name = wanted.rpartition(":")
        found = [offer for offer in self.all(kind) if offer.name == name]
        if colon:
            found = [offer for offer in found if offer.distribution == canonical(distribution)]
        if len(found) == 1:
            return found[0]
        raise _ambiguous(wanted, found) if found else self._missing(kind, wanted)

    def by(self, plugin: Plugin) -> list[Offer]:
        """What one plugin offers."""
        own = (plugin.distribution, plugin.entry_point)
        return [offer for offer in self._offers if (offer.distribution, offer.entry_point) == own]

    def hooks_of(self, plugin: Plugin) -> list[str]:
        """The hooks that a plugin implements."""
        return sorted(caller.name for caller in self._manager.get_hookcallers(self._manager.get_plugin(plugin.id)) or ())

    def review_plan(self, plan: Plan) -> list[Objection]:
        """Everybody's objections. Whoever fails in here, or answers with something else, has objected."""
        objections: list[Objection] = []
        for called in call_each(self._manager, "review_plan", {"plan": plan}, title=self._title, take=_objections):
            if called.error is None:
                objections += called.result
            else:
                objections.append(Objection("", render("plugins.review-failed", self._facts(called))))
        return objections

    def announce(self, event: str, **facts: Any) -> list[str]:
        """Tells every observer. One that fails is named in a warning; the run and the other observers go on."""
        shown = {name: types.MappingProxyType(fact) if isinstance(fact, dict) else fact for name, fact in facts.items()}
        called = call_each(self._manager, event, shown, title=self._title)
        return [render("plugins.observer-failed", {"hook": event, **self._facts(one)}) for one in called if one.error]

    def _title(self, plugin: str) -> str:
        return self._titles.get(plugin, plugin)

    def _facts(self, called: Called) -> Mapping[str, Any]:
        from seodang.plugins.guarding import told

        assert called.error is not None
        return {"plugin": self._title(called.plugin), "error": told(called.error)}

    def _missing(self, kind: str, wanted: str) -> PluginError:
        from seodang.recipes.nearest import nearest

        installed = [offer.name for offer in self.all(kind)]
        near = nearest(wanted, [*installed, *(offer.id for offer in self.all(kind))])
        hint = Phrase("recipes.did-you-mean", {"nearest": near}) if near else ""
        choices = sorted(set(installed))
        error = PluginError("plugins.missing", kind=kind_phrase(kind), wanted=wanted, hint=hint, installed=choices)
        for note in self._notes(kind, wanted):
            error.add_note(render("plugins.note", {"note": note}))
        return error

    def _notes(self, kind: str, wanted: str) -> Iterable[Phrase]:
        """What may be the reason that something is missing."""
        name = wanted.rpartition(":")[2]
        for other in sorted({offer.kind for offer in self._offers if offer.name == name and offer.kind != kind}):
            yield Phrase("plugins.other-kind", {"name": name, "kind": kind_phrase(other)})
        for broken in self.broken:
            facts = {"distribution": broken.distribution, "entry_point": broken.entry_point, "reason": broken.reason}
            yield Phrase("plugins.not-loaded", facts)
        if self.blocked:
            yield Phrase("plugins.left-out", {"distributions": self.blocked})
        if self.unknown:
            yield Phrase("plugins.not-installed", {"names": self.unknown})


def kind_phrase(kind: str) -> Phrase:
    """The word for a kind of capability, in the reader's language."""
    return Phrase(f"plugins.kind-{kind}")


def _ambiguous(wanted: str, found: Sequence[Offer]) -> PluginError:
    distributions = _joined("and", [offer.distribution for offer in found])
    choices = _joined("or", [f"'{offer.id}'" for offer in found])
    return PluginError("plugins.ambiguous", name=wanted, distributions=distributions, choices=choices)


def _joined(word: str, members: Sequence[str]) -> Phrase:
    return Phrase(f"plugins.{word}", {"most": members[:-1], "last": members[-1]})


def _objections(answer: Any) -> list[Objection]:
    objections = [] if answer is None else list(answer)
    for objection in objections:
        if not isinstance(objection, Objection):
            raise TypeError(f"review_plan() must return seodang.Objection, not {type(objection).__name__}")
    return objections


def new_manager() -> pluggy.PluginManager:
    """One for each load: nothing is registered for the whole process."""
    manager = pluggy.PluginManager("seodang")
    manager.add_hookspecs(hooks)
    return manager


def offers_of(*plugins: object) -> Offers:
    """What these modules or objects offer, and nothing that happens to be installed. For tests: a broken one is an error.

    The distribution of a plugin is its attribute `distribution`, else its module's name with hyphens.
    """
    from seodang.plugins.admission import Inadmissible, admit

    manager = new_manager()
    offers: list[Offer] = []
    admitted = []
    for number, found in enumerate(plugins, 1):
        module = found.__name__ if isinstance(found, types.ModuleType) else type(found).__module__
        distribution = canonical(getattr(found, "distribution", "") or module.partition(".")[0])
        plugin = Plugin(distribution=distribution, version="0", entry_point=f"{number}", target=module)
        try:
            offers += admit(manager, found, plugin, offers)
        except Inadmissible as refused:
            raise PluginError("plugins.refused", plugin=module, reasons=refused.reasons) from refused
        admitted.append(plugin)
    return Offers(manager, admitted, offers)
