"""The verb `seeds`: reads a source and gives every record its identity."""

from __future__ import annotations

import random
from pathlib import Path

from seodang.asking.stop import Stop
from seodang.errors import Interrupted, StepError
from seodang.recipes.resolving import Step
from seodang.records import Record
from seodang.runs.made import Made, made_of
from seodang.runs.output import SeedOutput
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, each_of


async def run_seeds(session: Session, step: Step, directory: Path) -> Made:
    seeds = step.capability
    output = SeedOutput(
        directory, source=step.entry.name, language=session.recipe.language, terms=seeds.terms, redact=session.redact
    )

    def quarantine(where: str, code: str, detail: str, text: str) -> None:
        output.quarantine(code, detail, where=where, text=text)

    context = session.context(step, on_quarantine=quarantine)
    session.progress.begin_rows(0, output)
    sample = Sample(session.wishes.sample, session.random(step.entry.name, "sample")) if session.wishes.sample else None
    limit = session.wishes.limit
    try:
        async for record in each_of(seeds.read, context):
            if not isinstance(record, Record):
                raise StepError("runs.not-a-record", plugin=step.offer.id, verb="read", got=type(record).__name__)
            if limit is not None and output.rows["kept"] >= limit:
                break
            filled = output.read(record)
            if sample is not None:
                sample.offer(filled)
                continue
            output.keep(filled)
            if output.rows["kept"] % 500 == 0:
                session.progress.tell(output.rows["kept"], None, {})
                _unless_stopped(session.stop)
    except Exception as error:
        raise blamed(error, step, f"read(), row {output.rows['in'] + 1}") from error
    if sample is not None:
        output.rows["in"] = output.rows["quarantined"] + len(sample.records)
        for record in sample.records:
            output.keep(record)
    return made_of(output)


class Sample:
    """A fair sample of a stream of unknown length, in the stream's order (reservoir sampling)."""

    def __init__(self, size: int, chance: random.Random) -> None:
        self._size = size
        self._random = chance
        self._seen = 0
        self._taken: list[tuple[int, Record]] = []

    def offer(self, record: Record) -> None:
        if len(self._taken) < self._size:
            self._taken.append((self._seen, record))
        elif (place := self._random.randrange(self._seen + 1)) < self._size:
            self._taken[place] = (self._seen, record)
        self._seen += 1

    @property
    def records(self) -> list[Record]:
        return [record for _, record in sorted(self._taken, key=lambda pair: pair[0])]


def _unless_stopped(stop: Stop) -> None:
    if stop.requested:
        raise Interrupted("runs.interrupted")
