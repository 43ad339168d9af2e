"""Looks ahead without spending: what stands, what will run again and why, what will be asked and what that can cost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.asking.bodies import Unreadable, read_answer
from seodang.asking.stop import Stop
from seodang.capabilities import Filter, Teacher
from seodang.errors import SeodangError
from seodang.files.manifests import Manifest, content_hash, read_manifest
from seodang.files.shards import RecordStream
from seodang.ledger.book import Book
from seodang.plugins.offers import Offer, Offers
from seodang.recipes.reading import Recipe
from seodang.recipes.resolving import Step
from seodang.records import Message, Record
from seodang.requests import Answer
from seodang.runs import plan as planning
from seodang.runs.directory import RunDirectory, folder_name
from seodang.runs.engine import spoken_locale, standing
from seodang.runs.estimating import ANSWER_TOKENS, Counting, Estimate, count_questions, count_sifting
from seodang.runs.exam_texts import evaluations_of, warnings
from seodang.runs.fingerprints import differences, fingerprint
from seodang.runs.ingredients import ingredients_of
from seodang.runs.log import Log
from seodang.runs.progress import Progress
from seodang.runs.redaction import Redactor
from seodang.runs.session import Session, Wishes
from seodang.traffic.clock import SystemClock
from seodang.verdicts import Plan


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


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    plan: Plan
    steps: tuple[StepForecast, ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """What stops nothing and should be known."""


def forecast(
    recipe: Recipe, steps: Sequence[Step], offers: Offers, place: Path, *, allow_unknown_price: bool = False
) -> Forecast:
    """Opens nothing for writing: the run's directory need not exist."""
    session = _preview(recipe, steps, offers, place)
    stands = standing(session) if place.is_dir() else {}
    plan = planning.make_plan(recipe, steps, place, stands)
    session.stages = plan.stages
    problems: list[SeodangError] = planning.problems(plan, steps, allow_unknown_price=allow_unknown_price)
    problems += [SeodangError("runs.objection", step=each.step, reason=each.reason) for each in planning.objections(offers, plan)]
    return Forecast(
        plan=plan,
        steps=tuple(asyncio.run(_steps(session, stands))),
        problems=tuple(str(problem) for problem in problems),
        warnings=tuple(warnings(steps)),
    )


def _preview(recipe: Recipe, steps: Sequence[Step], offers: Offers, place: Path) -> Session:
    clock = SystemClock()
    run = RunDirectory.open(place) if (place / "lock.toml").is_file() else RunDirectory(place, {"id": ""})
    redact = Redactor()
    return Session(
        recipe=recipe,
        steps=steps,
        offers=offers,
        run=run,
        wishes=Wishes(),
        clock=clock,
        stop=Stop(),
        log=Log(Path(os.devnull), clock, redact),
        progress=Progress(clock, quiet=True),
        redact=redact,
        locale=spoken_locale(recipe, offers),
        evaluations=evaluations_of(steps),
    )


async def _steps(session: Session, stands: dict[str, Manifest]) -> list[StepForecast]:
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
    estimate = None
    if entry.name not in stands:
        state, changes = _why(session, step, stands) if first else ("follows", ())
        if role := (step.teacher if entry.verb == "teach" else step.judge if entry.verb == "filter" else None):
            estimate = await _estimate(session, step, role, flow, book)
    flow.through(session, step, entry.name in stands)
    return StepForecast(
        number=entry.number,
        name=entry.name,
        verb=entry.verb,
        plugin=step.offer.id,
        state=state,
        changes=changes,
        estimate=estimate,
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


class Flow:
    """The records that will reach a step: those on disk, or those that the seeds would give."""

    def __init__(self) -> None:
        self.sources: list[Callable[[], Iterable[Record]]] = []
        self.exact = True

    def __iter__(self) -> Any:
        for source in self.sources:
            yield from source()

    def through(self, session: Session, step: Step, stands: bool) -> None:
        """What flows after this step. A step that did not run is taken to let everything through."""
        verb = step.entry.verb
        if stands and verb in ("seeds", "translate", "teach", "filter"):
            finished = {manifest.step: folder for folder, manifest in session.run.steps()}
            folder = finished.get(step.entry.name)
            stream = RecordStream([folder]) if folder else ()
            self.sources = [*self.sources, lambda: stream] if verb == "seeds" else [lambda: stream]
        elif verb == "seeds" and not step.capability.network:
            # Which rows will be held out is known when all have been read, so these are at most the rows that come.
            self.exact = self.exact and "hold_out" not in step.entry.reserved
            self.sources = [*self.sources, lambda: _read_seeds(session, step)]
        elif verb in ("seeds", "translate", "teach", "filter"):
            self.exact = False


class Concerned(Collection[Record]):
    """The records of a flow that a step concerns: as often readable as the flow, and never all in memory."""

    def __init__(self, flow: Flow, only: Sequence[str]) -> None:
        self._sources = list(flow.sources)
        self._only = only

    def __iter__(self) -> Iterator[Record]:
        for source in self._sources:
            for record in source():
                if not self._only or record.source in self._only:
                    yield record

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(record == other for other in self)


def _read_seeds(session: Session, step: Step) -> Iterable[Record]:
    """The records of a source as they will be named, without writing them."""
    from seodang.records import Identities

    identities = Identities(step.entry.name)
    context = session.context(step, on_quarantine=lambda *_: None)
    for record in step.capability.read(context):
        yield msgspec.structs.replace(
            record,
            id=record.id or identities.name(record),
            source=step.entry.name,
            language=record.language or session.recipe.language,
        )


async def _estimate(session: Session, step: Step, role: tuple[Offer, Teacher], flow: Flow, book: Book | None) -> Estimate:
    offer, teacher = role
    average = book.average_output_tokens(offer.id) if book else None
    counting = Counting(teacher, offer.id, lambda key: _stored(teacher, key, book), int(average or ANSWER_TOKENS))
    context = session.context(step, on_quarantine=lambda *_: None)
    only = step.entry.only
    records = Concerned(flow, only)
    if isinstance(step.capability, Filter):
        given = await count_sifting(step.capability, records, context, counting)
    else:
        given, _ = await count_questions(step.capability, records, context, counting)
    price = teacher.price()
    return Estimate(
        step=step.entry.name,
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
