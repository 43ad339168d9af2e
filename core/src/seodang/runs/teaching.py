"""The verb `teach`: lets a lesson ask its teacher, and sees that every record ends somewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from seodang.errors import StepError
from seodang.files.shards import RecordStream
from seodang.recipes.resolving import Step
from seodang.records import Identities, Record
from seodang.runs.made import Made, made_of
from seodang.runs.output import Output, joined_terms
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, each_of
from seodang.verdicts import Drop


class Class:
    """The records a lesson has been given and has not yet done with."""

    def __init__(self, session: Session, step: Step, output: Output) -> None:
        self._session = session
        self._step = step
        self._output = output
        self.waiting: dict[str, Record] = {}
        self._parents: set[str] = set()
        self._identities = Identities(step.entry.name)
        # Names of their own: how much was rejected before it must not change the id of a record that stays.
        self._rejected = Identities(f"{step.entry.name} rejected")
        roles = [role for role in (step.teacher, step.judge) if role]
        self._terms = tuple({term: None for _, teacher in roles for term in teacher.terms})
        self._clears = tuple(step.capability.clears)

    async def records(self, stream: RecordStream) -> AsyncIterator[Record]:
        for record in stream:
            self._output.rows["in"] += 1
            if self._step.entry.only and record.source not in self._step.entry.only:
                self._output.keep(record)
                continue
            self.waiting[record.id] = record
            yield record

    def quarantine(self, record: Record, code: str, detail: str) -> None:
        self.waiting.pop(record.id, None)
        self._output.quarantine(code, detail, record=record)

    def take(self, result: Record | Drop) -> None:
        if isinstance(result, Drop) and result.record is not None and not result.id:
            filled = self._filled(result.record, self._rejected)
            self._output.reject(filled, result.code, result.detail, result.other)
        elif isinstance(result, Drop):
            if result.id not in self.waiting:
                raise StepError("runs.unknown-drop", plugin=self._step.offer.id, id=result.id)
            record = self.waiting.pop(result.id)
            written = record if result.record is None else msgspec.structs.replace(result.record, id=record.id)
            self._output.drop(written, result.code, result.detail, result.other)
        elif isinstance(result, Record):
            self._take_record(result)
        else:
            raise StepError("runs.not-a-record", plugin=self._step.offer.id, verb="teach", got=type(result).__name__)

    def _take_record(self, record: Record) -> None:
        original = self.waiting.pop(record.id, None) if record.id else None
        if original is not None:
            added = self._terms if record != original else ()
            terms = joined_terms(record.terms, added, self._clears)
            if terms != record.terms:
                record = msgspec.structs.replace(record, terms=terms)
            self._output.keep(record, changed=record != original)
            return
        self._parents.update(record.parents)
        self._output.keep(self._filled(record, self._identities), made=True)

    def _filled(self, record: Record, identities: Identities) -> Record:
        """A record that the lesson has made, with what the core knows of it."""
        parents = [self.waiting[name] for name in record.parents if name in self.waiting]
        inherited = tuple({term: None for parent in parents for term in parent.terms})
        return msgspec.structs.replace(
            record,
            id=identities.name(record),
            language=record.language or self._session.recipe.language,
            source=record.source or (parents[0].source if parents else self._step.entry.name),
            terms=joined_terms(joined_terms(record.terms, inherited), self._terms, self._clears),
        )

    def dismiss(self) -> None:
        """Whoever is still here was raw material, or was passed over by the lesson without a word."""
        for record in self.waiting.values():
            if record.id in self._parents:
                self._output.use(record)
            else:
                self._output.drop(record, "unused", "")
        self.waiting.clear()


async def run_teach(session: Session, step: Step, directory: Path) -> Made:
    output = Output(directory, session.redact)
    pupils = Class(session, step, output)

    def quarantine_row(where: str, code: str, detail: str, text: str) -> None:
        """A lesson names the record by its id where a source names file and line."""
        if where not in pupils.waiting:
            raise StepError("runs.unknown-drop", plugin=step.offer.id, id=where)
        pupils.quarantine(pupils.waiting[where], code, detail)

    context = session.context(step, on_quarantine=quarantine_row)
    stream = RecordStream(session.flow)
    session.progress.begin_rows(len(stream), output)
    try:
        async with session.asking(step, context, pupils.quarantine):
            async for result in each_of(step.capability.teach, pupils.records(stream), context):
                pupils.take(result)
                if not context.has_told_progress:
                    session.progress.tell(output.rows["in"], len(stream), {})
    except Exception as error:
        raise blamed(error, step, f"teach(), row {output.rows['in']}") from error
    pupils.dismiss()
    return made_of(output, **context.figures)
