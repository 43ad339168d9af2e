"""What a run would do, known before it does anything: hosts, secrets, terms, prices, and what stands already."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from seodang.addresses import is_loopback
from seodang.asking.prices import price_of
from seodang.capabilities import Capability, Teacher, Translator
from seodang.errors import MissingSecret, PluginError, SeodangError, StepError, TermsError
from seodang.files.manifests import Manifest
from seodang.plugins.offers import Offer, Offers
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.requests import Price
from seodang.runs import personal_data
from seodang.runs.carried import Carried
from seodang.runs.personal_data import terms_added
from seodang.terms import known_terms
from seodang.translation.routing import is_same_language
from seodang.verdicts import Objection, Plan, Stage

MOST_PAIRS_TOLD = 12
"""More pairs of languages than these nobody reads."""


def parts(step: Step) -> list[tuple[Offer, Capability]]:
    """The plugins that work in a step: its own, and the teacher or judge it names."""
    return [(step.offer, step.capability), *(role for role in (step.teacher, step.judge) if role)]


def make_plan(recipe: Recipe, steps: Sequence[Step], run: Path, finished: Mapping[str, Manifest]) -> Plan:
    """`finished` holds the manifests of the steps that stand and will be skipped, by step name."""
    stages: list[Stage] = []
    carried = Carried()
    for step in steps:
        manifest = finished.get(step.entry.name)
        added = {term for _, capability in parts(step) for term in capability.terms}
        if step.entry.verb == "seeds":
            added.update(terms_added(step))
        stages.append(
            Stage(
                number=step.entry.number,
                name=step.entry.name,
                verb=step.entry.verb,
                plugin=step.offer.id,
                distribution=step.offer.distribution,
                network=tuple(sorted(_hosts(step))),
                secrets=tuple(sorted({secret for _, capability in parts(step) for secret in capability.secrets})),
                terms=tuple(sorted(added)),
                input_terms=carried.into(step),
                done=manifest is not None,
                clears=tuple(sorted(step.capability.clears)),
                personal=carried.personal(step),
                hold_out=int(step.entry.reserved.get("hold_out", 0)),
            )
        )
        carried.through(step, sorted(added), manifest)
    plan = Plan(recipe=recipe.name, language=recipe.language, run=str(run), stages=tuple(stages), carried=carried.behind())
    return _with_wishes(plan, recipe, steps) if recipe.license or recipe.commercial else plan


def _with_wishes(plan: Plan, recipe: Recipe, steps: Sequence[Step]) -> Plan:
    """What whoever reviews terms has to know besides. Nothing of it is read for recipes that want no licence."""
    known = known_terms(recipe.path.parent)
    stages = []
    for stage, step in zip(plan.stages, steps, strict=True):
        models = models_without_terms(step)
        presumed = {model: known.of_model(model) for model in models}
        told = tuple(sorted({term for term in presumed.values() if term}))
        unstated = tuple(model for model, term in presumed.items() if not term)
        added_by = {term: offer.id for offer, capability in parts(step) for term in capability.terms}
        stages.append(msgspec.structs.replace(stage, presumed=told, unstated=unstated, added_by=added_by))
    texts = {
        recipe.license,
        *plan.carried,
        *(term for stage in stages for term in (*stage.terms, *stage.input_terms, *stage.presumed)),
    }
    meanings = known.told_in(texts)
    return msgspec.structs.replace(
        plan, stages=tuple(stages), license=recipe.license, commercial=recipe.commercial, meanings=meanings
    )


def models_without_terms(step: Step) -> list[str]:
    """The models of a step that write or become something, where who opens them declares no terms. A judge only reads."""
    if step.entry.verb not in ("translate", "teach", "train"):
        return []
    working = [step.capability, *([step.teacher[1]] if step.teacher else [])]
    named = [str(getattr(each.options, "model", "") or "") for each in working if not each.terms]
    return [model for model in named if model and not model.startswith("step:")]


def _hosts(step: Step) -> set[str]:
    """Whom the step speaks to: its plugin, its teacher or judge, and students that are servers."""
    working = [capability for _, capability in parts(step)] + [student for _, (_, student) in step.students]
    return {host for capability in working for host in capability.network}


def problems(plan: Plan, steps: Sequence[Step], *, allow_unknown_price: bool) -> list[SeodangError]:
    """What would stop the run before anything is spent: a key that is not set, a price nobody knows, a host while offline."""
    found: list[SeodangError] = []
    for stage, step in zip(plan.stages, steps, strict=True):
        if stage.done:
            continue
        for secret in stage.secrets:
            name = secret.removeprefix("env:")
            if not os.environ.get(name, "").strip():
                error = MissingSecret(secret)
                error.facts |= {"number": stage.number, "step": stage.name}
                error.code = "runs.missing-secret" if _has_a_stand_in(step) else "runs.missing-key"
                found.append(error)
        outside = [host for host in stage.network if not is_loopback(host)]
        if outside and os.environ.get("SEODANG_OFFLINE") == "1":
            found.append(PluginError("runs.offline", number=stage.number, step=stage.name, hosts=", ".join(outside)))
        found += _pair_problems(plan, stage, step.capability)
        for offer, capability in parts(step):
            unknown = _price_of(capability) is None if isinstance(capability, (Teacher, Translator)) else False
            if unknown and not allow_unknown_price:
                model = str(getattr(capability.options, "model", "")) or offer.name
                found.append(PluginError("runs.unknown-price", number=stage.number, step=stage.name, model=model))
    return found


def _pair_problems(plan: Plan, stage: Stage, capability: Capability) -> list[SeodangError]:
    """A translator that offers no pair with the recipe's language. From which languages it has to translate the records say."""
    if not isinstance(capability, Translator) or not capability.pairs:
        return []
    if any(is_same_language(target, plan.language) for _, target in capability.pairs):
        return []
    facts = {"number": stage.number, "translator": capability.name, "language": plan.language, "pairs": _told(capability.pairs)}
    return [PluginError("translation.no-such-pair", **facts)]


def _told(pairs: Sequence[tuple[str, str]]) -> str:
    """The pairs one by one, or, of a service that has hundreds, its languages on each side."""
    if len(pairs) <= MOST_PAIRS_TOLD:
        return ", ".join(f"{source} → {target}" for source, target in pairs)
    return " → ".join(", ".join(sorted({pair[side] for pair in pairs})) for side in (0, 1))


def _price_of(capability: Teacher | Translator) -> Price | None:
    return price_of(capability) if isinstance(capability, Teacher) else capability.price()


def _has_a_stand_in(step: Step) -> bool:
    """Whether `echo`, which teaches and translates, can take the place of who works in the step."""
    return any(isinstance(capability, (Teacher, Translator)) for _, capability in parts(step))


def raise_problems(found: Iterable[SeodangError]) -> None:
    """One error for all of them, with the exit code of the first."""
    errors = list(found)
    if not errors:
        return
    first = errors[0]
    for other in errors[1:]:
        first.add_note(str(other))
    raise first


def review(offers: Offers, plan: Plan) -> None:
    """Asks everybody who may object. One objection is enough."""
    found = objections(offers, plan)
    if found:
        error = TermsError("runs.objection", step=found[0].step, reason=found[0].reason)
        for objection in found[1:]:
            error.add_note(f"{objection.step}: {objection.reason}")
        raise error


def objections(offers: Offers, plan: Plan) -> list[Objection]:
    """Ours and everybody else's."""
    return [*personal_data.objections(plan, offers), *offers.review_plan(plan)]


def unfinished(steps: Sequence[Step], until: str) -> Sequence[Step]:
    """The steps up to the one that the person named, by name or number."""
    if not until:
        return steps
    for place, step in enumerate(steps):
        if until in (step.entry.name, str(step.entry.number)):
            return steps[: place + 1]
    raise StepError("runs.no-such-step", step=until, steps=", ".join(step.entry.name for step in steps))
