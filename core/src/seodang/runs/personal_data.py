"""Personal data that is not masked: whose rows hold it, where it is taken away, and which step must not be given it.

A host of this machine (localhost, 127.0.0.0/8, ::1) is nobody else's: what is asked of it leaves nothing, and a model of one's own
is what such rows are for. A port that is forwarded elsewhere cannot be told from one that is not; whoever forwards it knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from seodang.addresses import is_loopback
from seodang.capabilities import Capability
from seodang.personal import PERSONAL_DATA
from seodang.plugins.offers import Offers
from seodang.recipes.options import build_options
from seodang.recipes.resolving import Step
from seodang.verdicts import Objection, Plan
from seodang.wording import Phrase, render


def is_personal(step: Step) -> bool:
    """Whether the rows of a source hold personal data: what the recipe says goes before what the plugin says."""
    return bool(step.entry.reserved.get("personal", step.capability.personal))


def terms_added(step: Step) -> tuple[str, ...]:
    """The terms that a source adds to its rows."""
    return (*step.capability.terms, *((PERSONAL_DATA,) if is_personal(step) else ()))


def objections(plan: Plan, offers: Offers) -> list[Objection]:
    """One for each step that is still to be made and would show personal data to somebody else's computer."""
    found = []
    for stage in plan.stages:
        hosts = [host for host in stage.network if not is_loopback(host)]
        if hosts and stage.personal and not stage.done:
            facts = {"seeds": list(stage.personal), "hosts": hosts, "masks": _masks(offers)}
            found.append(Objection(stage.name, render("runs.personal-data", facts)))
    return found


def _masks(offers: Offers) -> Phrase | str:
    """The installed filters that mask, so that a person is told what there is."""
    names = [offer.name for offer in offers.all("filter") if PERSONAL_DATA in _cleared_by(offer.cls)]
    return Phrase("runs.personal-masks", {"filters": names}) if names else ""


def _cleared_by(cls: type[Capability]) -> Sequence[str]:
    """What a filter takes away as it comes: a declaration that depends on the options is asked with the defaults."""
    declared: object = cls.clears
    if not isinstance(declared, property):
        return cls.clears
    options, problems = build_options(cls, {})
    return () if problems else cls(options).clears
