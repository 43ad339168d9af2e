"""The records that will reach a step of a plan: those on disk, those that the seeds would give, and stand-ins for what a teacher has yet
to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from seodang.files.shards import RecordStream
from seodang.recipes.resolving import Step
from seodang.records import Identities, Message, Record, single_turn
from seodang.runs.estimating import ANSWER_TOKENS, QUESTION_TOKENS, stand_in
from seodang.runs.session import Session
from seodang.translation.fields import without_what_goes
from seodang.translation.settings import Settings


class Flow:
    """The records that will reach a step: those on disk, or those that the seeds would give."""

    def __init__(self) -> None:
        self.sources: list[Callable[[], Iterable[Record]]] = []
        self.exact = True

    def __iter__(self) -> Any:
        for source in self.sources:
            yield from source()

    def through(self, session: Session, step: Step, stands: bool, *, makes: int = 0, answer_tokens: int = ANSWER_TOKENS) -> None:
        """What flows after this step. A step that did not run is taken to let everything through, and a lesson to answer it all, so that a
        judge after it has something to read; with `makes` it makes so many new records instead.
        """
        verb = step.entry.verb
        if stands and verb in ("seeds", "translate", "teach", "filter"):
            finished = {manifest.step: folder for folder, manifest in session.run.steps()}
            folder = finished.get(step.entry.name)
            stream = RecordStream([folder]) if folder else ()
            self.sources = [*self.sources, lambda: stream] if verb == "seeds" else [lambda: stream]
        elif verb == "seeds" and not step.capability.network:
            # Which rows will be held out is known when all have been read, so these are at most the rows that come.
            self.exact = self.exact and "hold_out" not in step.entry.reserved
            self.sources = [*self.sources, lambda: read_seeds(session, step)]
        elif verb in ("seeds", "translate", "teach", "filter"):
            self.exact = False
            before, only = list(self.sources), step.entry.only
            if verb == "translate" and step.translation is not None:
                settings, target = step.translation, session.recipe.language
                self.sources = [lambda: _translated(before, only, settings, target)]
            elif verb == "teach":
                made = lambda: made_rows(makes, step.entry.name, answer_tokens)  # noqa: E731  # a source, like the others
                self.sources = [made] if makes else [lambda: _answered(before, only, answer_tokens)]


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


def read_seeds(session: Session, step: Step) -> Iterable[Record]:
    """The records of a source as they will be named, without writing them; no more than the run is to read."""
    identities = Identities(step.entry.name)
    context = session.context(step, on_quarantine=lambda *_: None)
    for record in islice(step.capability.read(context), session.wishes.limit):
        yield msgspec.structs.replace(
            record,
            id=record.id or identities.name(record),
            source=step.entry.name,
            language=record.language or session.recipe.language,
        )


def _answered(sources: Sequence[Callable[[], Iterable[Record]]], only: Sequence[str], tokens: int) -> Iterator[Record]:
    for source in sources:
        for record in source():
            if record.answered or (only and record.source not in only):
                yield record
            else:
                yield msgspec.structs.replace(
                    record, messages=(*record.messages, Message("assistant", stand_in(tokens, record.id)))
                )


def _translated(
    sources: Sequence[Callable[[], Iterable[Record]]], only: Sequence[str], settings: Settings, target: str
) -> Iterator[Record]:
    """The records in the language in which they stand, but without what a translation takes away: answers that are written anew later."""
    for source in sources:
        for record in source():
            passes = (only and record.source not in only) or (not settings.languages and record.language == target)
            yield record if passes else without_what_goes(record, settings)


def made_rows(rows: int, step: str, tokens: int) -> Iterator[Record]:
    for number in range(rows):
        name = f"{step}-{number}"
        yield single_turn(stand_in(QUESTION_TOKENS, name), stand_in(tokens, name), id=name, source=step)
