"""Who answers outside of a run: its student, what that was trained from and its teacher, opened as the run itself would."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from seodang.asking.ask import Ask
from seodang.asking.stop import Stop
from seodang.capabilities import Capability, Student, Teacher
from seodang.context import Context
from seodang.errors import DataError, Refused
from seodang.ledger.ledger import Ledger
from seodang.ledger.money import Cap
from seodang.plugins.offers import Offers
from seodang.recipes.options import capability_of
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang.recipes.roles import Role
from seodang.records import Message, Record
from seodang.requests import Answer, Request
from seodang.runs.directory import RunDirectory
from seodang.runs.engine import spoken_locale
from seodang.runs.opened import OpenedRun
from seodang.runs.verbs import perform
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.breaker import Breaker
from seodang.traffic.clock import SystemClock
from seodang.traffic.lane import Lane
from seodang.traffic.retry import RetryPolicy

MOST_TOKENS = 1024
"""An answer's length where neither side says one."""


class Opening(msgspec.Struct, frozen=True):
    """Which student plugin opens a model, and with which options; paths in them are whole."""

    plugin: str
    options: Mapping[str, Any]


def students_of_run(path: Path) -> dict[str, Opening]:
    """`student`, the newest that the run trained, and `base`, what that was trained from, where one can open it."""
    run = OpenedRun(RunDirectory.open(path))
    trained = [(run.folder(step), found) for step in run.steps if (found := run.manifest(step).trained) is not None]
    if not trained:
        raise DataError("serving.no-student", run=str(path))
    folder, newest = trained[-1]

    def opening(options: Mapping[str, Any]) -> Opening:
        whole = {"path": str((folder / str(options["path"])).absolute())} if "path" in options else {}
        return Opening(newest.student, {**options, **whole})

    students = {"student": opening(newest.options)}
    return students if newest.base is None else {**students, "base": opening(newest.base)}


def teacher_of_run(path: Path, offers: Offers) -> Role | None:
    """The teacher of the recipe's first step that has one. Its paths are relative to where the recipe lay."""
    directory = RunDirectory.open(path)
    recipe = read_recipe(path / "recipe.toml", directory.lock.get("settings", ()))
    for step in resolve(recipe, offers):
        if step.teacher is not None:
            step.teacher[1].directory = Path(str(directory.lock.get("recipe_path", recipe.path))).parent
            return step.teacher
    return None


def language_of_run(path: Path) -> str:
    """That of its recipe, which its teacher answers in."""
    return str(RunDirectory.open(path).lock["language"])


class Desk:
    """Finds and opens capabilities for a person who talks to them. Nothing is opened before it is asked for."""

    def __init__(self, offers: Offers, directory: Path, *, language: str) -> None:
        self.offers = offers
        self._directory = directory
        self._language = language
        self._locale = spoken_locale(language, offers)
        self._clock = SystemClock()
        self._stop = Stop()

    def find(self, kind: str, name: str, options: Mapping[str, Any]) -> Capability:
        """A capability with options as a recipe would write them."""
        return capability_of(self.offers, kind, name, options, self._directory)

    def context(self, capability: Capability, directory: Path | None = None) -> Context:
        return Context(
            step="chat",
            language=self._language,
            random=random.Random(),
            clock=self._clock,
            options=capability.options,
            directory=directory or self._directory,
            find=self.find,
            on_quarantine=lambda where, code, detail, text: None,
            on_secret=lambda secret: None,  # there is no log that it could get into
            locale=self._locale[1] if self._locale else None,
        )

    async def open_student(self, opening: Opening) -> Student:
        found = self.find("student", opening.plugin, opening.options)
        assert isinstance(found, Student)
        await perform(found.open, self.context(found))
        return found

    @asynccontextmanager
    async def asking(self, teacher: Role, ledger: Path, caps: Sequence[Cap] = ()) -> AsyncIterator[Ask]:
        """A teacher behind the ledger like in a run: what was paid for is kept before anybody sees it, and never bought twice."""
        offer, capability = teacher
        assert isinstance(capability, Teacher)
        limit = AdaptiveLimit(getattr(capability.options, "in_flight", 8))
        book = Ledger.open(ledger, run="chat", caps=caps)
        try:
            ask = Ask(
                teacher=capability,
                teacher_id=offer.id,
                ledger=book,
                lane=Lane(self._clock, limit, Breaker(self._clock), RetryPolicy(random.Random())),
                context=self.context(capability, capability.directory),
                stop=self._stop,
                on_quarantine=lambda record, code, detail: None,
                step="chat",
                host=",".join(capability.network),
                in_batches=False,  # who talks does not wait a day
            )
            try:
                yield ask
            finally:
                await ask.close()
        finally:
            book.close()


async def talked(student: Student, request: Request, hear: Callable[[str], bool]) -> Answer:
    """A student's answer by its verb `talk`, else by `generate`, which is greedy and refuses what it would have to pass over."""
    if type(student).talk is not Student.talk:
        answer: Answer = await perform(student.talk, request, hear)
        return answer
    if request.temperature or request.stop or request.extra:
        raise Refused(f"the student {student.name} answers greedily: leave temperature, top_p and stop out", reason="unsupported")
    record = Record(messages=request.messages)
    (text,) = await perform(student.generate, [record], request.max_tokens or MOST_TOKENS)
    hear(text)
    return Answer(message=Message("assistant", text))
