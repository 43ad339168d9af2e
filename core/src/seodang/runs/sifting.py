"""The verb `filter`: shard by shard on an executor, or all records at once for a filter that has to see them all."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from seodang.context import Context
from seodang.errors import Interrupted, SeodangError, StepError
from seodang.files.shards import RecordStream, Slip
from seodang.recipes.resolving import Step
from seodang.records import Record
from seodang.runs.exam_texts import texts_of
from seodang.runs.executor import sift_shards
from seodang.runs.held_out import held_out_of
from seodang.runs.made import Made, made_of
from seodang.runs.output import Output, joined_terms
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, perform
from seodang.verdicts import Drop, Keep, Quarantine

BATCH = 1000
"""So many records a filter is given at once, unless it wants to see all."""
UNREADABLE_SHOWN = 20

_Row = TypeVar("_Row")


async def run_filter(session: Session, step: Step, directory: Path) -> Made:
    stream = RecordStream(session.flow)
    if not _needs_the_run(step):
        return await sift_shards(session, step, stream, directory)
    output = Output(directory, session.redact)
    session.progress.begin_rows(len(stream), output)
    aside = Aside()
    context = session.context(step, on_quarantine=aside.put_place)
    if step.capability.sees_evaluations:
        context._held_out = held_out_of(session.manifests)
        context._evaluation_texts = lambda: texts_of(session, session.evaluations)
    try:
        async with session.asking(step, context, aside.put):
            await _sift_here(session, step, stream, context, output, aside)
    except Exception as error:
        raise blamed(error, step, "sift()") from error
    return made_of(output, **context.figures, **aside.figures())


async def _sift_here(session: Session, step: Step, stream: RecordStream, context: Context, output: Output, aside: Aside) -> None:
    if step.capability.whole:
        await _sift_whole(step, stream, context, output, aside)
        return
    for written in batches(stream.written(), BATCH):
        verdicts = await _sift_asking(step, [record for _, record in written], context)
        for (line, record), verdict in zip(written, verdicts, strict=True):
            clears = clears_of(step.capability, step.entry.only, record)
            pass_on(output, line, record, aside.take(record.id, verdict), clears)
        session.progress.tell(output.rows["in"], len(stream), {})


def _needs_the_run(step: Step) -> bool:
    """Whether the filter works in this process: it sees all records, asks somebody, or looks at what the recipe evaluates on."""
    capability = step.capability
    asks = step.teacher or step.judge or inspect.iscoroutinefunction(capability.sift)
    return bool(capability.whole or capability.sees_evaluations or asks)


class Aside:
    """The records that a filter set aside while it asked: they are quarantined, whatever it says of them."""

    def __init__(self) -> None:
        self._reasons: dict[str, Quarantine] = {}

    def put(self, record: Record, code: str, detail: str) -> None:
        self._reasons[record.id] = Quarantine(code, detail)

    def put_place(self, where: str, code: str, detail: str, text: str) -> None:
        """A filter names the record by its id; any other place is a line of a file that it reads beside the records."""
        self._reasons[where] = Quarantine(code, detail)

    def take(self, record_id: str, verdict: Keep | Drop) -> Keep | Drop | Quarantine:
        return self._reasons.pop(record_id, verdict) if self._reasons else verdict

    def figures(self) -> dict[str, Any]:
        """What is left at the end: lines of files that could not be read. They are no rows of the step, so the figures tell."""
        left = {
            where: f"{reason.code} {reason.detail}".strip() for where, reason in islice(self._reasons.items(), UNREADABLE_SHOWN)
        }
        return {"unreadable": {"lines": len(self._reasons), **left}} if left else {}


async def _sift_asking(step: Step, records: Sequence[Record], context: Context) -> list[Keep | Drop]:
    """One batch for an asynchronous filter; records of other seeds pass it by."""
    meant = [record for record in records if concerns(step.entry.only, record)]
    verdicts = iter(checked(await perform(step.capability.sift, meant, context), meant, step.offer.id))
    return [next(verdicts) if concerns(step.entry.only, record) else Keep() for record in records]


async def _sift_whole(step: Step, stream: RecordStream, context: Context, output: Output, aside: Aside) -> None:
    meant = Meant(stream, step.entry.only)
    verdicts = iter(await perform(step.capability.sift, meant, context))

    def enter_all() -> None:
        only, clears = step.entry.only, step.capability.clears
        for line, slip in stream.slips():
            if not concerns(only, slip):
                pass_by(output, line, slip)
                continue
            verdict = next(verdicts, None)
            if verdict is None:
                raise StepError("runs.verdicts-missing", plugin=step.offer.id, records=len(stream), verdicts=output.rows["in"])
            pass_on(output, line, slip, aside.take(slip.id, _checked(verdict, step.offer.id)), clears)
            if output.rows["in"] % 1000 == 0:
                context.progress(output.rows["in"], len(stream))
                if context.stopping:
                    raise Interrupted("runs.interrupted")
        if next(verdicts, None) is not None:
            raise StepError("runs.verdicts-missing", plugin=step.offer.id, records=len(stream), verdicts=len(stream) + 1)

    await perform(enter_all)


class Meant:
    """The records of a stream that a step concerns: disk-backed like the stream, and as often readable."""

    def __init__(self, stream: RecordStream, only: Sequence[str]) -> None:
        self._stream = stream
        self._only = only

    def __iter__(self) -> Any:
        if not self._only:
            return iter(self._stream)
        return (record for record in self._stream if concerns(self._only, record))

    def __len__(self) -> int:
        return sum(1 for _ in self) if self._only else len(self._stream)


def concerns(only: Sequence[str], record: Record | Slip) -> bool:
    return not only or record.source in only


def clears_of(capability: Any, only: Sequence[str], record: Record) -> Sequence[str]:
    """The terms that the filter takes from this record: none from one that passes it by."""
    return capability.clears if concerns(only, record) else ()


def batches(rows: Iterable[_Row], size: int) -> Iterable[list[_Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def sift_batch(capability: Any, plugin: str, records: Sequence[Record], context: Context) -> list[Keep | Drop | StepError]:
    """The verdicts on a batch. When the filter fails on it, each record is tried alone: one bad row costs no other."""
    try:
        return list(checked(capability.sift(records, context), records, plugin))
    except SeodangError:
        raise
    except Exception as error:
        if len(records) == 1:
            return [StepError("runs.row-failed", plugin=plugin, error=type(error).__name__, detail=str(error))]
        return [verdict for record in records for verdict in sift_batch(capability, plugin, [record], context)]


def checked(verdicts: Sequence[Keep | Drop], records: Sequence[Record], plugin: str) -> list[Keep | Drop]:
    """One verdict for each record, of the right kind: checked where the plugin's answer enters the core."""
    if verdicts is None or not hasattr(verdicts, "__iter__"):
        raise StepError("runs.not-a-verdict", plugin=plugin, got=type(verdicts).__name__)
    found = [_checked(verdict, plugin) for verdict in verdicts]
    if len(found) != len(records):
        raise StepError("runs.verdicts-missing", plugin=plugin, records=len(records), verdicts=len(found))
    return found


def _checked(verdict: Any, plugin: str) -> Keep | Drop:
    if not isinstance(verdict, (Keep, Drop)):
        raise StepError("runs.not-a-verdict", plugin=plugin, got=type(verdict).__name__)
    if isinstance(verdict, Drop) and not verdict.code:
        raise StepError("runs.drop-without-reason", plugin=plugin)
    return verdict


def pass_on(output: Output, line: bytes, record: Record | Slip, verdict: Any, clears: Sequence[str]) -> None:
    """Writes the record, of which this is the line, where the verdict says."""
    if passes(verdict, record, clears):
        pass_by(output, line, record)
    else:
        whole = record if isinstance(record, Record) else msgspec.json.decode(line, type=Record)
        enter(output, whole, verdict, clears)


def passes(verdict: Any, record: Record | Slip, clears: Sequence[str]) -> bool:
    """Whether the verdict lets the record through as it stands."""
    return (
        type(verdict) is Keep
        and verdict.record is None
        and not verdict.tags
        and (not clears or set(clears).isdisjoint(record.terms))
    )


def pass_by(output: Output, line: bytes, record: Record | Slip) -> None:
    """What goes on as it stands is not written anew: its line is taken."""
    output.rows["in"] += 1
    output.keep_line(line, record.terms)


def enter(output: Output, record: Record, verdict: Keep | Drop | Quarantine | StepError, clears: Sequence[str] = ()) -> None:
    """Writes the record where the verdict says. `clears` are terms that the filter takes from what it lets through."""
    output.rows["in"] += 1
    if isinstance(verdict, Keep):
        kept = verdict.record if verdict.record is not None else record
        if verdict.tags:
            kept = msgspec.structs.replace(kept, tags={**kept.tags, **verdict.tags})
        if clears and not set(clears).isdisjoint(kept.terms):
            kept = msgspec.structs.replace(kept, terms=joined_terms(kept.terms, (), clears))
        if kept is not record:
            kept = msgspec.structs.replace(kept, id=record.id)
        output.keep(kept, changed=kept is not record and kept != record)
    elif isinstance(verdict, Drop):
        written = record if verdict.record is None else msgspec.structs.replace(verdict.record, id=record.id)
        output.drop(written, verdict.code, verdict.detail, verdict.other)
    elif isinstance(verdict, Quarantine):
        output.quarantine(verdict.code, verdict.detail, record=record)
    else:
        output.quarantine("plugin-error", f"{verdict.facts['error']}: {verdict.facts['detail']}", record=record)
