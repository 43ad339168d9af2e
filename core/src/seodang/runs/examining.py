"""What an evaluation will ask its teacher or judge. It forms its questions itself, as a lesson does, over answers of students that are
not asked: those that lie ready are read, and for the others some of the usual length are made up.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from seodang.asking.each import ACCEPTED
from seodang.asking.made_up import WORDS_TOKENS, fitting
from seodang.capabilities import Evaluation, Student
from seodang.errors import SeodangError, StepError
from seodang.files.manifests import Manifest
from seodang.recipes.resolving import Step
from seodang.records import Message, Record
from seodang.requests import Answer, Request
from seodang.runs.estimating import ASCII_A_TOKEN, QUESTION_TOKENS, Counting, NotBought, likely_tokens
from seodang.runs.foreseen import Concerned, Flow, made_rows, read_seeds
from seodang.runs.held_out import HeldOut
from seodang.runs.session import Session
from seodang.runs.students import wanted_students
from seodang.runs.verbs import each_of, perform

MOST_QUESTIONS = 1_000_000
"""An evaluation that asks until it likes the answer would never end."""


class Examining(Counting):
    """Counts, and gives every question an answer, made up where there is none: what an evaluation asks its judge seldom depends on what
    the judge said before, and it would ask no further without a verdict. With a schema the answer fits that."""

    made_up = 0

    async def __call__(self, request: Request, *, record: str | Sequence[str] = "") -> Answer:
        if (answer := self._count(request)) is not None:
            return answer
        if self.made_up == MOST_QUESTIONS:
            raise NotBought
        self.made_up += 1
        return Answer(message=Message("assistant", _text(request, self._answer_tokens)))

    async def each(
        self, records: AsyncIterator[Record], request_of: Any, accept: Collection[str] = ACCEPTED, **_: Any
    ) -> AsyncIterator[tuple[Record, Any]]:
        async for record in records:
            asked = request_of(record)
            if asked is None or inspect.isawaitable(asked):
                yield record, await asked if asked is not None else None
            elif (answer := await self(asked, record=record.id)).finish in accept:
                yield record, answer

    def _add(self, request: Request, times: int = 1, answer_tokens: int = 0) -> None:
        shaped = likely_tokens(_text(request, self._answer_tokens)) if request.schema else 0
        super()._add(request, times, answer_tokens or shaped)


def _text(request: Request, tokens: int) -> str:
    return fitting(request.schema, _digits("", WORDS_TOKENS)) if request.schema else _digits("", tokens)


class Unheard(Student):
    """In the place of a student that is not asked. What it says has as many tokens as answers usually have, is another for every
    question and student, and is in no language: a rule on languages finds nothing wrong with digits."""

    name = "unheard"
    said = 0

    def __init__(self, role: str, tokens: int) -> None:
        super().__init__()
        self._role, self._tokens = role, tokens

    def generate(self, conversations: Sequence[Record], max_tokens: int) -> list[str]:
        self.said += len(conversations)
        return [_digits(self._told(record), min(self._tokens, max_tokens)) for record in conversations]

    def loglikelihoods(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.said += len(pairs)
        return [-float(len(second)) for _, second in pairs]

    def _told(self, record: Record) -> str:
        return "\0".join((self._role, record.id, record.input, *(message.text for message in record.messages)))


def _digits(name: str, tokens: int) -> str:
    """A text of so many tokens, another for every name."""
    own = str(int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"))
    return (own + " " + "0" * (ASCII_A_TOKEN * tokens))[: ASCII_A_TOKEN * tokens]


class Examined(NamedTuple):
    """How many students were gone through, and whether what they say is known already."""

    students: int
    exact: bool


async def count_examining(
    session: Session, step: Step, flow: Flow, stands: Mapping[str, Manifest], counting: Examining, judging: Examining, tokens: int
) -> Examined:
    """Lets an evaluation of its own instance form its questions: one that keeps what it saw is used again when the run begins."""
    evaluation = type(step.capability)(step.capability.options)
    assert isinstance(evaluation, Evaluation)
    evaluation.directory, evaluation.named = step.capability.directory, step.capability.named
    context = session.context(step, on_quarantine=lambda *_: None)
    context._ask, context._judge = counting, judging  # type: ignore[assignment]
    context._held_out = held_out = HeldOutAhead(session, step, stands)
    students = _students(step, tokens)
    if evaluation.sees_run:
        context._trained_on = Concerned(flow, ())
        context._items = lambda name: _items(session, step, stands, name, list(students))
    context.students.update(students)
    for student in students.values():
        try:
            await perform(student.open, context)
            async for _ in each_of(evaluation.evaluate, student, context):
                pass
        except NotBought:
            counting.complete = False
        except Exception as error:
            # What was made up need not make sense to the evaluation, nor has it to do with a student that only answers: what it asked until
            # then is counted. What is wrong with the recipe is told.
            begun = counting.made_up or judging.made_up or any(getattr(one, "said", 0) for one in students.values())
            if isinstance(error, SeodangError) and not begun:
                raise
            counting.complete = False
        finally:
            await student.close()
    return Examined(len(students), all(student.written for student in students.values()) and not held_out.guessed)


def _students(step: Step, tokens: int) -> dict[str, Student]:
    """By role, as in the run. One whose answers lie in a file is asked."""
    written = {name: student for name, (_, student) in step.students if student.written}
    roles = [wanted.removeprefix("step:") for wanted in wanted_students(step)]
    return {role: written.get(role) or Unheard(role, tokens) for role in roles}


class HeldOutAhead(Collection[Record]):
    """The rows that the sources before a step hold out: those that were, or as many of the first ones as will be, for which ones are chosen
    is known when a source has been read. `guessed` says that such were looked at."""

    def __init__(self, session: Session, step: Step, stands: Mapping[str, Manifest]) -> None:
        folders = {manifest.step: folder for folder, manifest in session.run.steps()} if stands else {}
        self._sources: list[Callable[[], Iterable[Record]]] = []
        self._guesses = self.guessed = False
        for source in session.steps[: session.steps.index(step)]:
            if wanted := int(source.entry.reserved.get("hold_out", 0)):
                self._guesses = self._guesses or source.entry.name not in stands
                self._sources.append(partial(_held_by, session, source, wanted, folders.get(source.entry.name)))

    def __iter__(self) -> Iterator[Record]:
        self.guessed = self._guesses
        for source in self._sources:
            yield from source()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, record: object) -> bool:
        return any(record == other for other in self)


def _held_by(session: Session, source: Step, wanted: int, folder: Path | None) -> Iterable[Record]:
    if folder is not None:
        return HeldOut([folder])
    if source.capability.network:
        return made_rows(wanted, source.entry.name, QUESTION_TOKENS)
    return islice(read_seeds(session, source), wanted)


def _items(
    session: Session, step: Step, stands: Mapping[str, Manifest], name: str, roles: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Those of an evaluation that stands; of one that does not, one for every student of which nothing is known."""
    before = [each.entry.name for each in session.steps[: session.steps.index(step)] if each.entry.verb == "evaluate"]
    if name not in before:
        raise StepError("runs.no-such-evaluation", number=step.entry.number, step=step.entry.name, name=name, known=before)
    if name not in stands:
        values = {"question": "", "right": False, "gold": 0, "prediction": 0}
        yield from ({"task": name, "index": 0, "student": role, "values": values} for role in roles)
        return
    place = next(folder for folder, manifest in session.run.steps() if manifest.step == name) / "items.jsonl"
    if place.is_file():
        with open(place, "rb") as file:
            yield from map(msgspec.json.decode, file)
