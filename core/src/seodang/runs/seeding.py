"""The verb `seeds`: reads a source, gives every record its identity, and sets aside what the step holds out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from seodang.asking.stop import Stop
from seodang.errors import DataError, Interrupted
from seodang.files.shards import RecordStream, ShardWriter, read_records
from seodang.recipes.resolving import Step
from seodang.records import Record
from seodang.runs.held_out import figures_of, held_out_of
from seodang.runs.holding_out import HELD_OUT, HoldingOut
from seodang.runs.made import Made, made_of
from seodang.runs.personal_data import terms_added
from seodang.runs.seed_output import SeedOutput, only_records
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, hand_over, perform
from seodang.verdicts import Drop

ROWS_AT_ONCE = 128
"""Enough that what is done once for all of them counts for little, few enough that they stay in the processor's cache."""

REHEARSAL_SHARE = 5
"""With `--limit` one row in so many is held out at the most: a rehearsal of few rows needs some to teach."""


async def run_seeds(session: Session, step: Step, directory: Path) -> Made:
    output = SeedOutput(
        directory,
        source=step.entry.name,
        language=session.recipe.language,
        terms=terms_added(step),
        clears=step.capability.clears,
        redact=session.redact,
    )
    session.progress.begin_rows(0, output)
    sample = Sample(session.wishes.sample, session.random(step.entry.name, "sample")) if session.wishes.sample else None
    keep = output.keep_one if sample is None else sample.offer
    held: list[Record] = []
    holding = _holding(session, step)
    if holding is not None:
        held = await _hold_out(session, step, holding, output, keep, directory)
    elif sample is None:
        await _read(session, step, output, output.keep_all)
    else:
        await _read(session, step, output, lambda records: sample.offer_all(output.filled(records)))
    if sample is not None:
        for record in sample.records:
            output.keep_one(record)
    if output.own_ids and session.flow:
        await perform(_unless_twice, RecordStream(session.flow), output.own_ids, step)
    return made_of(output, **output.told, **figures_of(held))


async def _read(session: Session, step: Step, output: SeedOutput, take: Callable[[list[Record]], None]) -> int:
    """Gives the rows of the source to `take`, some at a time, and says how many there were."""
    read = 0
    limit = session.wishes.limit

    def size() -> int:
        return ROWS_AT_ONCE if limit is None else min(ROWS_AT_ONCE, limit - read)

    def taken(records: list[Record]) -> None:
        nonlocal read
        only_records(records, step.offer.id)
        take(records)
        read += len(records)
        session.progress.tell(read, None, {})
        _unless_stopped(session.stop)

    def quarantine(where: str, code: str, detail: str, text: str) -> None:
        output.quarantine(code, detail, where=where, text=text)

    context = session.context(step, on_quarantine=quarantine, on_drop=output.drop_row)
    try:
        await hand_over(step.capability.read, context, to=taken, size=size)
    except Exception as error:
        raise blamed(error, step, f"read(), row {read + output.rows['quarantined'] + output.rows['dropped'] + 1}") from error
    output.told.update(context.figures)
    return read


def _holding(session: Session, step: Step) -> HoldingOut | None:
    """Who decides what stays out: where the step holds rows out, or a source before it does."""
    wanted = int(step.entry.reserved.get("hold_out", 0))
    earlier = held_out_of(session.manifests)
    if not wanted and not len(earlier):
        return None
    locale = session.context(step, on_quarantine=lambda *_: None).locale
    return HoldingOut(wanted, session.recipe.seed, locale, earlier)


async def _hold_out(
    session: Session, step: Step, holding: HoldingOut, output: SeedOutput, keep: Callable[[Record], None], directory: Path
) -> list[Record]:
    """Reads everything into files beside the records first: what stays out is known when all rows have been seen."""
    writer = ShardWriter(directory, "read")

    def take(records: list[Record]) -> None:
        holding.offer(records)
        writer.write_lines(output.lines(records))

    read = await _read(session, step, output, take)
    places = [directory / shard.name for shard in writer.close()]

    def rows() -> Iterator[Record]:
        for place in places:
            _unless_stopped(session.stop)
            yield from read_records(place)

    held: list[tuple[Record, Drop]] = []

    def sort_out() -> int:
        stay = 0
        beside = RecordStream(session.flow) if session.flow else None
        holding.decide(rows, beside, None if session.wishes.limit is None else read // REHEARSAL_SHARE)
        for number, record in enumerate(rows(), 1):
            drop = holding.verdict(record)
            if drop is None:
                keep(record)
                stay += 1
            elif drop.code == HELD_OUT:
                held.append((record, drop))
            else:
                output.leave_out(record, drop)
            if number % ROWS_AT_ONCE == 0:
                session.progress.tell(number, read, {})
                _unless_stopped(session.stop)
        held.sort(key=lambda pair: holding.order(pair[0]))
        for record, drop in held:
            output.leave_out(record, drop)
        return stay

    if not await perform(sort_out) and held and session.wishes.limit is None:
        raise DataError("runs.hold-out-takes-all", number=step.entry.number, step=step.entry.name, rows=read)
    for place in places:
        place.unlink()
    return [record for record, _ in held]


def _unless_twice(flow: RecordStream, ids: set[str], step: Step) -> None:
    """Two records of one id could not be told apart by any later step."""
    for record in flow:
        if record.id in ids:
            raise DataError("runs.record-twice", step=step.entry.name, id=record.id)


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

    def offer_all(self, records: Iterable[Record]) -> None:
        for record in records:
            self.offer(record)

    @property
    def records(self) -> list[Record]:
        return [record for _, record in sorted(self._taken, key=lambda pair: pair[0])]


def _unless_stopped(stop: Stop) -> None:
    if stop.requested:
        raise Interrupted("runs.interrupted")
