"""Runs a recipe: step after step, each made under a temporary name, skipped when its fingerprint stands already.

Follow a record: `seeding` gives it an identity, `translating`, `teaching` and `sifting` change it or leave it out, `training`
makes a student of it, `evaluating` measures the student. What is common to all steps is here.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from seodang.asking.stop import Stop
from seodang.capabilities import Locale
from seodang.errors import DataError, Interrupted, SeodangError, StepError
from seodang.files.durable import make_private_directory
from seodang.files.manifests import Manifest, content_hash, read_manifest, write_manifest
from seodang.files.run_lock import RunLock
from seodang.plugins.offers import Offers
from seodang.recipes.reading import Recipe, read_recipe, wanted
from seodang.recipes.resolving import Step, resolve
from seodang.runs import plan as planning
from seodang.runs.directory import RunDirectory, folder_name
from seodang.runs.exam_texts import evaluations_of
from seodang.runs.fingerprints import fingerprint
from seodang.runs.ingredients import ingredients_of
from seodang.runs.log import Log
from seodang.runs.made import Made
from seodang.runs.outcome import Outcome
from seodang.runs.progress import Progress
from seodang.runs.provenance import check_lock, lock_facts
from seodang.runs.purse import Purse
from seodang.runs.redaction import Redactor
from seodang.runs.session import Session, Wishes
from seodang.runs.signals import stop_on_signals
from seodang.runs.students import base_of
from seodang.traffic.clock import Clock, SystemClock
from seodang.verdicts import Plan, Rehearsal
from seodang.wording import render

REHEARSED = "rehearsal"
"""What stands in the place of a fingerprint in the name of a rehearsal's folder."""
CHANGES_RECORDS = {"seeds", "translate", "teach", "filter"}


def run_recipe(
    path: Path,
    run_directory: Path | None = None,
    *,
    settings: Sequence[str] = (),
    offers: Offers | None = None,
    wishes: Wishes | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Outcome:
    """Runs a recipe to its end, or from where it stopped. Raises what a person has to know about as a `SeodangError`."""
    from seodang.plugins.loading import load_plugins

    installed = offers is None
    offers = load_plugins() if offers is None else offers
    recipe = wanted(read_recipe(path, settings), commercial=wishes is not None and wishes.commercial)
    steps = resolve(recipe, offers)
    place = run_directory or Path("runs") / recipe.name
    make_private_directory(place.parent)
    make_private_directory(place)
    with RunLock(place):
        session = open_session(recipe, steps, offers, place, wishes or Wishes(), progress, clock or SystemClock(), settings)
        session.installed = installed
        try:
            return _completed(session)
        finally:
            session.close()


def _completed(session: Session) -> Outcome:
    """Runs the session to its end, in a thread of its own where a loop is running already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_run(session))
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _run(session)).result()


def open_session(
    recipe: Recipe,
    steps: Sequence[Step],
    offers: Offers,
    place: Path,
    wishes: Wishes,
    progress: Progress | None,
    clock: Clock,
    settings: Sequence[str],
) -> Session:
    run = RunDirectory.create_or_open(place)
    redact = Redactor()
    shared = {"ledger": str(wishes.ledger.resolve())} if wishes.ledger else {}
    if wishes.locked:
        check_lock(run.lock, steps, offers)
    given = {"recipe_path": str(recipe.path.resolve()), "settings": list(settings), "rates": dict(recipe.rates), "license": ""}
    run.write_lock({**lock_facts(recipe, steps, offers), **given, **shared, "limit": wishes.limit or 0})
    run.keep_recipe(recipe.text)
    return Session(
        recipe=recipe,
        steps=planning.unfinished(steps, wishes.until),
        offers=offers,
        run=run,
        wishes=wishes,
        clock=clock,
        stop=Stop(),
        log=Log(run.path / "log.jsonl", clock, redact),
        progress=progress or Progress(clock, quiet=True),
        redact=redact,
        locale=spoken_locale(recipe.language, offers),
        evaluations=evaluations_of(steps),
    )


def spoken_locale(language: str, offers: Offers) -> tuple[str, Locale] | None:
    """The locale of a recipe's language, where one is installed; a step that needs one says so itself."""
    if language not in {offer.name for offer in offers.all("locale")}:
        return None
    offer = offers.find("locale", language)
    locale = offer.cls()
    assert isinstance(locale, Locale)
    return offer.id, locale


async def _run(session: Session) -> Outcome:
    """Objections first, then the steps; whatever happens, observers and the log hear how it ended."""
    outcome = "stopped"
    purse = Purse(session)
    session.progress.money_from(purse.line)
    ticker = asyncio.create_task(session.progress.tick())
    tell(session, "run_started", run=str(session.run.path))
    try:
        with stop_on_signals(session.stop, session.progress):
            plan = planning.make_plan(session.recipe, session.steps, session.run.path, standing(session))
            session.stages = plan.stages
            wishes = session.wishes
            planning.raise_problems(planning.problems(plan, session.steps, allow_unknown_price=wishes.allow_unknown_price))
            planning.review(session.offers, plan)
            await _foretell(session, plan)
            for step in session.steps:
                purse.begin(step.entry.name)
                await _run_step(session, step, plan)
            if not session.wishes.until:
                session.run.set_aside_all_but(folder for folder, _ in session.manifests.values())
                _promise_licence(session)
            outcome = "finished"
    except Interrupted:
        outcome = "interrupted"
        raise
    except BaseException as error:
        if not isinstance(error, SeodangError) or error.__cause__ is not None:
            session.log.traceback(error)
            error.add_note(render("runs.see-log", {"log": str(session.log.path)}))
        raise
    finally:
        await _let_go(session)
        ticker.cancel()
        session.progress.end()
        tell(session, "run_finished", run=str(session.run.path), outcome=outcome)
    return Outcome.of(session)


async def _foretell(session: Session, plan: Plan) -> None:
    """Where a cap is given: not for a rehearsal, whose rows are few, nor where another run's book holds answers that a forecast does not see."""
    wishes = session.wishes
    if not wishes.caps or wishes.sample or wishes.rehearse or wishes.reuse or all(stage.done for stage in plan.stages):
        return
    from seodang.runs.foretelling import tell_of_caps  # which is built on this module

    await tell_of_caps(session)


def _promise_licence(session: Session) -> None:
    """The wished licence goes onto the cards only where nothing objects to what the rows really carry in the end.

    Rows may bring terms that no step declared, and behind the last step that pays nobody has asked again.
    """
    if not session.recipe.license:
        return
    known = {name: manifest for name, (_, manifest) in session.manifests.items()}
    found = planning.objections(session.offers, planning.make_plan(session.recipe, session.steps, session.run.path, known))
    if not found:
        session.run.write_lock({"license": session.recipe.license})
    for objection in found:
        facts = {"license": session.recipe.license, "step": objection.step, "reason": objection.reason}
        session.warn(render("runs.no-licence", facts))


async def _let_go(session: Session) -> None:
    """Closes what the steps' plugins hold open. One that fails at it spoils nothing: all is stored by then."""
    for step in session.steps:
        for capability in (step.capability, *(role[1] for role in (step.teacher, step.judge) if role)):
            try:
                await capability.close()
            except Exception as error:  # a stranger's code, and the run has its outcome already: the log gets the reason
                session.log.traceback(error)


def tell(session: Session, event: str, **facts: Any) -> None:
    """The log and the observers; an observer that fails is named and does not stop the run."""
    session.log.write(event, **facts)
    for warning in session.offers.announce(event, **facts):
        session.warn(warning)


def standing(session: Session) -> dict[str, Manifest]:
    """The steps that stand as the recipe wants them, as far as that can be known before running: up to the first that does not."""
    finished = session.run.finished()
    found: dict[str, Manifest] = {}
    flow: list[Manifest] = []
    for step in session.steps:
        mark = fingerprint(ingredients_of(session, step, [content_hash(manifest) for manifest in flow], found))
        if mark not in finished:
            break
        manifest = read_manifest(finished[mark])
        if manifest is None:
            break
        found[step.entry.name] = manifest
        flow = _flow_after(step, flow, manifest)
    return found


def _flow_after(step: Step, flow: list[Any], result: Any) -> list[Any]:
    """Seeds add to what flows; the other verbs that change records replace it; students leave it as it is."""
    if step.entry.verb == "seeds":
        return [*flow, result]
    return [result] if step.entry.verb in CHANGES_RECORDS else flow


async def _run_step(session: Session, step: Step, plan: Plan) -> None:
    entry = step.entry
    known = {name: manifest for name, (_, manifest) in session.manifests.items()}
    inputs = [content_hash(_manifest(folder)) for folder in session.flow]
    ingredients = ingredients_of(session, step, inputs, known)
    mark = fingerprint(ingredients)
    name = folder_name(entry.number, entry.verb, entry.name)
    session.progress.begin(f"{entry.verb} {entry.name}", entry.number, len(session.steps))
    if session.wishes.rehearse and step is session.steps[-1]:
        session.rehearsal = await _rehearse(session, step, name)
        return
    folder = session.run.finished().get(mark)
    if folder is None:
        _unless_stopped(session)
        folder = await _make(session, step, plan, name, mark, ingredients)
    folder = session.run.put_in_place(folder, name)
    session.manifests[entry.name] = (folder, _manifest(folder))
    session.flow = _flow_after(step, session.flow, folder)


async def _rehearse(session: Session, step: Step, name: str) -> Rehearsal:
    """Tries the training in a folder that is gone afterwards. Whoever may object is asked, as before the training itself."""
    from seodang.runs.training import rehearse_train

    known = {name: manifest for name, (_, manifest) in session.manifests.items()}
    planning.review(session.offers, planning.make_plan(session.recipe, session.steps, session.run.path, known))
    directory = session.run.partial(name, REHEARSED)
    try:
        return await rehearse_train(session, step, directory, base_of(session, step))
    finally:
        await step.capability.close()
        shutil.rmtree(directory, ignore_errors=True)


async def _make(session: Session, step: Step, plan: Plan, name: str, mark: str, ingredients: dict[str, Any]) -> Path:
    """Makes the step in its partial folder and writes the manifest last."""
    if any(stage.network for stage in plan.stages if stage.name == step.entry.name) or step.entry.verb == "train":
        known = {name: manifest for name, (_, manifest) in session.manifests.items()}
        planning.review(session.offers, planning.make_plan(session.recipe, session.steps, session.run.path, known))
    directory = session.run.partial(name, mark)
    tell(session, "step_started", run=str(session.run.path), step=step.entry.name)
    started, clock = session.clock.now(), time.monotonic()
    try:
        made = await _work(session, step, directory)
    finally:
        for _, capability in planning.parts(step):
            await capability.close()
    manifest = Manifest(
        step=step.entry.name,
        verb=step.entry.verb,
        plugin=step.offer.id,
        distribution=step.offer.distribution,
        version=step.offer.version,
        revision=type(step.capability).revision,
        fingerprint=mark,
        ingredients=ingredients,
        inputs=tuple(content_hash(_manifest(folder)) for folder in session.flow),
        shards=made.shards,
        sides=made.sides,
        rows=dict(made.rows),
        dropped=dict(made.dropped),
        quarantined=dict(made.quarantined),
        terms=made.terms,
        language=session.recipe.language,
        figures=dict(made.figures),
        trained=made.trained,
    )
    if made.trained is not None:
        _write_card(session, manifest, directory)
    write_manifest(directory, manifest)
    seconds = round(time.monotonic() - clock, 3)
    session.progress.say(session.progress.line())
    tell(session, "step_finished", run=str(session.run.path), step=step.entry.name, report=msgspec.to_builtins(manifest))
    session.log.write("step_time", step=step.entry.name, started=started.isoformat(), seconds=seconds)
    return directory


def _write_card(session: Session, manifest: Manifest, directory: Path) -> None:
    """Beside the weights, so that a student that is copied away still says what it is. Not among the step's shards: an evaluation adds
    to it (`seodang card`)."""
    from seodang.files.durable import write_durably
    from seodang.reports.student_card import NAME, student_card

    assert manifest.trained is not None
    place = directory / str(manifest.trained.options.get("path", ""))
    if place != directory and place.is_dir():
        write_durably(place / NAME, student_card(session.run.path, manifest.step, manifest).encode())


async def _work(session: Session, step: Step, directory: Path) -> Made:
    """The verb. Each is imported when a recipe uses it."""
    match step.entry.verb:
        case "seeds":
            from seodang.runs.seeding import run_seeds

            return await run_seeds(session, step, directory)
        case "translate":
            from seodang.runs.translating import run_translate

            return await run_translate(session, step, directory)
        case "teach":
            from seodang.runs.teaching import run_teach

            return await run_teach(session, step, directory)
        case "filter":
            from seodang.runs.sifting import run_filter

            return await run_filter(session, step, directory)
        case "train":
            from seodang.runs.training import run_train

            return await run_train(session, step, directory, base_of(session, step))
        case "evaluate":
            from seodang.runs.evaluating import run_evaluate

            return await run_evaluate(session, step, directory)
        case verb:
            raise StepError("runs.unknown-verb", verb=verb)


def _manifest(folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None:
        raise DataError("runs.folder-vanished", path=os.fspath(folder))
    return manifest


def _unless_stopped(session: Session) -> None:
    if session.stop.requested:
        raise Interrupted("runs.interrupted")
