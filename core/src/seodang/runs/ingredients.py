"""The ingredients of a step's fingerprint: everything its result depends on, readable for `seodang why`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seodang.capabilities import Capability, Evaluation, Filter, Trainer
from seodang.files.manifests import Manifest, content_hash
from seodang.recipes.resolving import Step
from seodang.recipes.shape import students_of_options
from seodang.runs.fingerprints import RECORD_FORMAT, of_capability, plain
from seodang.runs.held_out import held_hash
from seodang.runs.holding_out import HOLDING_RULE
from seodang.runs.personal_data import is_personal
from seodang.runs.session import Session
from seodang.runs.students import wanted_students
from seodang.translation.settings import Settings, ingredients


def ingredients_of(session: Session, step: Step, inputs: Sequence[str], known: Mapping[str, Manifest]) -> dict[str, Any]:
    """`inputs` are the content hashes of what flows in, `known` the manifests of the steps before."""

    def find(kind: str, name: str) -> tuple[str, type[Capability]]:
        offer = session.offers.find(kind, name)
        return offer.id, offer.cls

    entry, directory = step.entry, session.recipe.path.parent
    found: dict[str, Any] = {
        "format": RECORD_FORMAT,
        "verb": entry.verb,
        "name": entry.name,
        **of_capability(step.capability, step.offer.id, directory, find),
        "language": session.recipe.language,
    }
    if session.locale:
        found["locale"] = [session.locale[0], type(session.locale[1]).revision]
    for role, named in (("teacher", step.teacher), ("judge", step.judge)):
        if named:
            offer, teacher = named
            found[role] = of_capability(teacher, offer.id, directory, find) | {"identity": teacher.identity}
    if not type(step.capability).deterministic or session.wishes.sample:
        found["seed"] = session.recipe.seed
    if isinstance(step.capability, Trainer):
        found |= _of_training(step, step.capability, known, directory)
    if retries := session.retried.get(entry.name):
        found["retries"] = retries
    if entry.only:
        found["only"] = list(entry.only)
    if step.translation is not None:
        found["translation"] = _of_translation(session, step.translation, find)
    if entry.verb == "seeds":
        for wish in ("limit", "sample"):
            if getattr(session.wishes, wish) is not None:
                found[wish] = getattr(session.wishes, wish)
        found |= _of_seeds(session, step, inputs, known)
    else:
        found["inputs"] = list(inputs)
    if entry.verb == "evaluate":
        found["students"] = {name: content_hash(manifest) for name, manifest in known.items() if manifest.trained is not None}
        found["asked"] = list(wanted_students(step))
        if students := _named_students(step, directory, find):
            found["named"] = students
        if isinstance(step.capability, Evaluation) and step.capability.sees_run:
            found["evaluated"] = {
                name: [side.sha256 for side in manifest.sides] for name, manifest in known.items() if manifest.verb == "evaluate"
            }
        else:
            found.pop("inputs")
        if held := _held_by(known):
            found["held_out"] = held
    if isinstance(step.capability, Filter) and step.capability.sees_evaluations:
        # What their texts are follows from the plugin and its options; reading them here would make every plan wait for it.
        found["evaluations"] = {
            other.entry.name: of_capability(other.capability, other.offer.id, directory, find) for other in session.evaluations
        }
        found["held_out"] = _held_by(known)
    result: dict[str, Any] = plain(found)
    return result


def _of_training(step: Step, trainer: Trainer, known: Mapping[str, Manifest], directory: Path) -> dict[str, Any]:
    """The models that it begins with by their content: other weights at the same place make another student."""
    found: dict[str, Any] = {}
    wanted = str(step.entry.reserved.get("model", ""))
    if wanted.startswith("step:"):
        found["base"] = content_hash(known[wanted.removeprefix("step:")])
    if others := students_of_options(step.entry):
        found["models"] = {option: content_hash(known[name.removeprefix("step:")]) for option, name in others}
    if contents := list(trainer.contents(directory)):
        found["contents"] = contents
    return found


def _named_students(step: Step, directory: Path, find: Callable[..., tuple[str, type[Capability]]]) -> dict[str, Any]:
    """Those of the recipe that this step measures, by their content: another model at the same place is measured anew."""
    wanted = wanted_students(step)
    return {
        name: of_capability(student, offer.id, directory, find) | {"identity": student.identity}
        for name, (offer, student) in step.students
        if name in wanted
    }


def _of_translation(session: Session, settings: Settings, find: Callable[..., tuple[str, type[Capability]]]) -> dict[str, Any]:
    """The keys of core, with what finds sentences and tells languages. Which languages come is known when the records do, so the locales
    of those count that the recipe names, in the step or in its seeds."""
    found = ingredients(settings)
    if settings.splitter:
        found["splitter"] = _revision(find("splitter", settings.splitter))
    said = [str(getattr(step.capability.options, "language", "")) for step in session.steps if step.entry.verb == "seeds"]
    names = {offer.name for offer in session.offers.all("locale")}
    languages = sorted({*settings.languages, *said} & names - {session.recipe.language})
    if languages:
        found["locales"] = {language: _revision(find("locale", language)) for language in languages}
    return found


def _revision(offered: tuple[str, type[Capability]]) -> list[Any]:
    return [offered[0], offered[1].revision]


def _of_seeds(session: Session, step: Step, inputs: Sequence[str], known: Mapping[str, Manifest]) -> dict[str, Any]:
    """What is read beside the options, and what marks rows or leaves them out."""
    found: dict[str, Any] = {}
    if contents := list(step.capability.contents(session.recipe.path.parent)):
        found["contents"] = contents
    if is_personal(step):
        found["personal"] = True
    if held := _held_by(known):
        found["held_out"] = held
    if wanted := step.entry.reserved.get("hold_out"):
        found["hold_out"] = {"rows": wanted, "rule": HOLDING_RULE}
        found["seed"] = session.recipe.seed
        if inputs:
            # Of what flows already nothing is held out.
            found["beside"] = list(inputs)
    return found


def _held_by(known: Mapping[str, Manifest]) -> list[str]:
    return [mark for manifest in known.values() if (mark := held_hash(manifest))]
