"""Looks ahead without spending: what stands, what will run again and why, what will be asked and what that can cost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seodang.asking.bodies import Unreadable, read_answer
from seodang.asking.prices import price_of
from seodang.asking.stop import Stop
from seodang.capabilities import Filter, Lesson, Teacher
from seodang.errors import SeodangError
from seodang.files.manifests import Manifest, content_hash, read_manifest
from seodang.ledger.book import Book
from seodang.plugins.offers import Offers
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.recipes.roles import Role
from seodang.records import Message
from seodang.requests import Answer, Outlook
from seodang.runs import plan as planning
from seodang.runs.costs import summed
from seodang.runs.directory import RunDirectory, folder_name
from seodang.runs.engine import spoken_locale, standing
from seodang.runs.estimating import (
    ANSWER_TOKENS,
    Counting,
    Estimate,
    count_asked_texts,
    count_questions,
    count_sifting,
    count_texts,
)
from seodang.runs.exam_texts import evaluations_of, warnings
from seodang.runs.examining import Examining, count_examining
from seodang.runs.fingerprints import differences, fingerprint
from seodang.runs.foreseen import Concerned, Flow
from seodang.runs.ingredients import ingredients_of
from seodang.runs.log import Log
from seodang.runs.progress import Progress
from seodang.runs.redaction import Redactor
from seodang.runs.session import Session, Wishes
from seodang.traffic.clock import SystemClock
from seodang.verdicts import Plan
from seodang.wording import render

Counter = TypeVar("Counter", bound=Counting)


class Change(msgspec.Struct, frozen=True):
    """One ingredient that differs from the last time."""

    ingredient: str
    before: Any
    now: Any


class StepForecast(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is `stands`, `runs` (never run or never finished), `changed`, or `follows` (something before it will run)."""

    number: int
    name: str
    verb: str
    plugin: str
    state: str
    changes: tuple[Change, ...] = ()
    estimate: Estimate | None = None
    judge_estimate: Estimate | None = None
    """What is asked of the judge of a step that names a teacher, too."""
    notes: tuple[str, ...] = ()
    """What binds whoever trains, in words."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    plan: Plan
    steps: tuple[StepForecast, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """What stops nothing and should be known."""
    spent_micro: dict[str, int] = {}
    """What the run has spent already, by currency."""
    likely_micro: dict[str, int] = {}
    most_micro: dict[str, int] = {}
    """What is yet to be spent, all steps together."""
    rates: dict[str, float] = {}


def forecast(
    recipe: Recipe, steps: Sequence[Step], offers: Offers, place: Path, *, allow_unknown_price: bool = False
) -> Forecast:
    """Opens nothing for writing: the run's directory need not exist."""
    session = preview(recipe, steps, offers, place)
    stands = standing(session) if place.is_dir() else {}
    plan = planning.make_plan(recipe, steps, place, stands)
    session.stages = plan.stages
    problems: list[SeodangError] = planning.problems(plan, steps, allow_unknown_price=allow_unknown_price)
    problems += [SeodangError("runs.objection", step=each.step, reason=each.reason) for each in planning.objections(offers, plan)]
    found = tuple(asyncio.run(look_ahead(session, stands)))
    estimates = estimates_of(found)
    return Forecast(
        plan=plan,
        steps=found,
        spent_micro=_spent(session),
        likely_micro=summed({estimate.currency: estimate.likely_micro} for estimate in estimates),
        most_micro=summed({estimate.currency: estimate.most_micro} for estimate in estimates),
        rates=dict(recipe.rates),
        problems=tuple(str(problem) for problem in problems),
        warnings=tuple(warnings(session)),
    )


def estimates_of(steps: Sequence[StepForecast]) -> list[Estimate]:
    return [estimate for step in steps for estimate in (step.estimate, step.judge_estimate) if estimate is not None]


def standing_in(recipe: Recipe, steps: Sequence[Step], offers: Offers, place: Path) -> set[str]:
    """The names of the steps that stand in a run's directory as the recipe wants them."""
    return set(standing(preview(recipe, steps, offers, place))) if place.is_dir() else set()


def _spent(session: Session) -> dict[str, int]:
    if not session.run.ledger.is_file():
        return {}
    with Book.open(session.run.ledger) as book:
        return summed([book.totals(session.run.id).settled_micro])


def preview(recipe: Recipe, steps: Sequence[Step], offers: Offers, place: Path, wishes: Wishes | None = None) -> Session:
    """A session in which nothing is made, written or said."""
    clock = SystemClock()
    run = RunDirectory.open(place) if (place / "lock.toml").is_file() else RunDirectory(place, {"id": ""})
    redact = Redactor()
    return Session(
        recipe=recipe,
        steps=steps,
        offers=offers,
        run=run,
        wishes=wishes or Wishes(),
        clock=clock,
        stop=Stop(),
        log=Log(Path(os.devnull), clock, redact),
        progress=Progress(clock, quiet=True),
        redact=redact,
        locale=spoken_locale(recipe.language, offers),
        evaluations=evaluations_of(steps),
    )


async def look_ahead(session: Session, stands: dict[str, Manifest]) -> list[StepForecast]:
    """Step by step."""
    found: list[StepForecast] = []
    flow = Flow()
    book = Book.open(session.run.ledger) if session.run.ledger.is_file() else None
    try:
        for step in session.steps:
            found.append(await _step(session, step, stands, flow, book, first=all(each.state == "stands" for each in found)))
    finally:
        if book is not None:
            book.close()
    return found


async def _step(
    session: Session, step: Step, stands: dict[str, Manifest], flow: Flow, book: Book | None, *, first: bool
) -> StepForecast:
    entry = step.entry
    state = "stands"
    changes: tuple[Change, ...] = ()
    estimate = judging = None
    outlook: Outlook | None = None
    if entry.name not in stands:
        state, changes = _why(session, step, stands) if first else ("follows", ())
        if entry.verb == "translate":
            estimate = await _translation(session, step, flow, book)
        elif entry.verb in ("teach", "filter") and (step.teacher or step.judge):
            outlook = _outlook(session, step, flow)
            estimate, judging = await _estimates(session, step, flow, book, outlook)
        elif entry.verb == "evaluate" and (step.teacher or step.judge):
            estimate, judging = await _examining(session, step, stands, flow, book)
    makes = outlook.rows if outlook else 0
    flow.through(session, step, entry.name in stands, makes=makes, answer_tokens=_usual_length(step.teacher, book))
    return StepForecast(
        number=entry.number,
        name=entry.name,
        verb=entry.verb,
        plugin=step.offer.id,
        state=state,
        changes=changes,
        estimate=estimate,
        judge_estimate=judging,
        notes=tuple(render(note.code, note.facts) for note in step.capability.notes()) if entry.verb == "train" else (),
    )


def _why(session: Session, step: Step, stands: dict[str, Manifest]) -> tuple[str, tuple[Change, ...]]:
    """Compares with the folder that stands in the step's place, or that was made for a step of this name."""
    if not session.run.path.is_dir():
        return "runs", ()
    inputs = [content_hash(manifest) for manifest in _flowing(session.steps, stands)]
    now = ingredients_of(session, step, inputs, stands)
    place = session.run.path / folder_name(step.entry.number, step.entry.verb, step.entry.name)
    before = read_manifest(place) if place.is_dir() else None
    if before is None:
        before = next((manifest for _, manifest in session.run.steps() if manifest.step == step.entry.name), None)
    if before is None or before.fingerprint == fingerprint(now):
        return "runs", ()
    return "changed", tuple(Change(*difference) for difference in differences(before.ingredients, now))


def _flowing(steps: Sequence[Step], stands: dict[str, Manifest]) -> list[Manifest]:
    flow: list[Manifest] = []
    for step in steps:
        if step.entry.name not in stands:
            break
        if step.entry.verb == "seeds":
            flow.append(stands[step.entry.name])
        elif step.entry.verb in ("translate", "teach", "filter"):
            flow = [stands[step.entry.name]]
    return flow


def _outlook(session: Session, step: Step, flow: Flow) -> Outlook | None:
    """What a lesson in rounds says of itself."""
    if not isinstance(step.capability, Lesson):
        return None
    context = session.context(step, on_quarantine=lambda *_: None)
    return step.capability.estimate(len(Concerned(flow, step.entry.only)), context)


async def _estimates(
    session: Session, step: Step, flow: Flow, book: Book | None, outlook: Outlook | None
) -> tuple[Estimate | None, Estimate | None]:
    """What is asked of whom the step names: a filter's judge, a lesson's teacher, and the judge beside that one."""
    context = session.context(step, on_quarantine=lambda *_: None)
    records = Concerned(flow, step.entry.only)
    if isinstance(step.capability, Filter):
        if step.judge is None:
            return None, None
        counting = _counting(step.judge, book)
        given = await count_sifting(step.capability, records, context, counting)
        return _estimate(step.entry.name, step.judge, counting, given, flow), None
    first = step.teacher or step.judge
    assert first is not None
    beside = step.judge if step.teacher else None
    counting, judging = _counting(first, book, judged=beside is not None), _counting(beside, book) if beside else None
    given, _ = await count_questions(step.capability, records, context, counting, judging or (None if step.teacher else counting))
    if outlook is not None and _is_needed(outlook, counting, flow):
        counting.expect(outlook.questions)
    estimate = _estimate(step.entry.name, first, counting, given, flow)
    return estimate, _estimate(f"{step.entry.name}.judge", beside, judging, given, flow) if beside and judging else None


async def _examining(
    session: Session, step: Step, stands: dict[str, Manifest], flow: Flow, book: Book | None
) -> tuple[Estimate | None, Estimate | None]:
    """What an evaluation asks its teacher or judge, or both."""
    first = step.teacher or step.judge
    assert first is not None
    beside = step.judge if step.teacher else None
    counting = _counter(Examining, first, book)
    judging = _counter(Examining, beside, book) if beside else counting
    done = await count_examining(session, step, flow, stands, counting, judging, _usual_length(None, book))
    facts = {"students": done.students, "exact": done.exact and (flow.exact or not step.capability.sees_run)}
    estimate = msgspec.structs.replace(_estimate(step.entry.name, first, counting, 0, flow), **facts)
    if beside is None:
        return estimate, None
    return estimate, msgspec.structs.replace(_estimate(f"{step.entry.name}.judge", beside, judging, 0, flow), **facts)


def _is_needed(outlook: Outlook, counting: Counting, flow: Flow) -> bool:
    """A lesson in rounds has been asked for its first round only. One that needs to see its rows has formed all, where they are there."""
    if outlook.at_most:
        return not (counting.complete and flow.exact)
    return bool(counting.requests) or not counting.complete


async def _translation(session: Session, step: Step, flow: Flow, book: Book | None) -> Estimate | None:
    """Texts and characters, where a translator bills; requests are packed by it and say little. Questions, where it asks a teacher."""
    translator = step.capability
    if step.teacher is not None:
        counting = _counting(step.teacher, book)
        given = await count_asked_texts(session, step, Concerned(flow, step.entry.only), counting)
        return _estimate(step.entry.name, step.teacher, counting, given, flow)
    price = translator.price()
    stored = (lambda key: book.find(key) is not None) if book is not None else (lambda key: False)
    counted = count_texts(session, step, Concerned(flow, step.entry.only), stored)
    return Estimate(
        step=step.entry.name,
        unit="characters",
        rows=counted.rows,
        exact=flow.exact,
        requests=counted.texts,
        stored=counted.stored,
        input_tokens=counted.characters,
        currency=price.currency if price else "",
        likely_micro=price.cost(counted.characters, 0) if price else 0,
        most_micro=price.cost(counted.characters, 0) if price else 0,
    )


def _usual_length(role: Role | None, book: Book | None) -> int:
    """The tokens of this teacher's answers so far, or of a few sentences."""
    average = book.average_output_tokens(role[0].id) if book and role else None
    return int(average or ANSWER_TOKENS)


def _counting(role: Role, book: Book | None, *, judged: bool = False) -> Counting:
    return _counter(Counting, role, book, judged=judged)


def _counter(kind: type[Counter], role: Role, book: Book | None, *, judged: bool = False) -> Counter:
    offer, teacher = role
    changes = book.changes() if book else {}
    return kind(
        teacher,
        offer.id,
        lambda key: _stored(teacher, key, book),
        _usual_length(role, book),
        judged=judged,
        changed=lambda key, request: changes[key].applied(request) if key in changes else request,
        lying=book.lying() if book else (),
    )


def _estimate(name: str, role: Role, counting: Counting, given: int, flow: Flow) -> Estimate:
    teacher = role[1]
    price, service = price_of(teacher), teacher.batches if teacher.in_batches else None
    return Estimate(
        step=name,
        rows=given,
        exact=flow.exact,
        requests=counting.requests,
        stored=counting.stored,
        input_tokens=counting.input_tokens,
        output_tokens=counting.output_tokens,
        currency=price.currency if price else "",
        likely_micro=counting.likely,
        most_micro=counting.most,
        complete=counting.complete,
        declared=counting.declared,
        lying=counting.lying,
        batches=-(-counting.requests // service.most_requests) if service else 0,
    )


def _stored(teacher: Teacher, key: bytes, book: Book | None) -> Answer | None:
    """An answer that was bought before; a failure that stands counts as one, for it is not asked again either."""
    entry = book.find(key) if book else None
    if entry is None:
        return None
    if entry.body is None:
        return Answer(message=Message("assistant", ""), finish=entry.reason)
    try:
        return read_answer(teacher, entry.body)
    except Unreadable:
        # It was paid for all the same and is not bought again, so it is no request of the forecast.
        return Answer(message=Message("assistant", ""), finish="bad-answer")
