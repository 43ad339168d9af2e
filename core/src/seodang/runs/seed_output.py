"""Where the rows of a source go: each gets its identity, and each of its texts is encoded once.

A million rows have to take little more than reading and writing them takes. The id of a record is the hash of its messages as they are
encoded, so these bytes serve for its line as well: what the core fills in (id, language, source, terms) is put around them. The
result is the very line that encoding the filled record would give; a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError, StepError
from seodang.records import Identities, Record
from seodang.runs.output import Output, joined_terms
from seodang.verdicts import Drop

_encode = msgspec.json.Encoder().encode
_NO_MESSAGES = b'{"messages":[]'
_NO_INPUT = b',"",[],[]]'
_NO_MORE = b",[],[]]"


class SeedOutput(Output):
    """Seeds name their records as they are written, and fill in what the source leaves to the core."""

    def __init__(
        self,
        directory: Path,
        *,
        source: str,
        language: str,
        terms: Sequence[str] = (),
        clears: Sequence[str] = (),
        redact: Callable[[str], str] = lambda text: text,
    ) -> None:
        super().__init__(directory, redact)
        self.told: dict[str, Any] = {}
        """What the source says of itself: figures of the step's manifest."""
        self._identities = Identities(source)
        self._source = source
        self._language = language
        self._terms = tuple(terms)
        self._clears = tuple(clears)
        self._met: set[tuple[str, ...]] = set()
        self.own_ids: set[str] = set()
        """Ids that the source brought with its records, as another run's records have theirs."""
        end = _encode(Record(messages=(), source=source, terms=self._added(()))).removeprefix(_NO_MESSAGES)
        self._plain = (b'{"id":"', b'","language":' + _encode(language) + b',"messages":', end)

    def _added(self, terms: tuple[str, ...]) -> tuple[str, ...]:
        return joined_terms(terms, self._terms, self._clears)

    def fill(self, record: Record) -> Record:
        """The record with id, source, language and terms."""
        if record.id:
            if record.id in self.own_ids:
                raise DataError("runs.record-twice", step=self._source, id=record.id)
            self.own_ids.add(record.id)
        return msgspec.structs.replace(
            record,
            id=record.id or self._identities.name(record),
            source=self._source,
            language=record.language or self._language,
            terms=self._added(record.terms),
        )

    def filled(self, records: Iterable[Record]) -> Iterator[Record]:
        return map(self.fill, records)

    def keep_all(self, records: Sequence[Record]) -> None:
        """Writes the records filled."""
        self._records.write_lines(self.lines(records))
        self.rows["in"] += len(records)
        self.rows["kept"] += len(records)
        self.terms.update(self._added(()), *self._met)
        self._met.clear()

    def keep_one(self, record: Record) -> None:
        """Writes a record that is filled already."""
        self.rows["in"] += 1
        self.keep(record)

    def leave_out(self, record: Record, drop: Drop) -> None:
        """A record that is filled already, and stays out of the run."""
        self.rows["in"] += 1
        self.drop(record, drop.code, drop.detail, drop.other)

    def drop_row(self, where: str, code: str, detail: str, text: str = "") -> None:
        """A row that the source's options do not ask for."""
        self.rows["in"] += 1
        self.drop_place(where, code, detail, text)

    def lines(self, records: Sequence[Record]) -> list[bytes]:
        """The records filled, as JSON. Written out, because what is done here is done a million times."""
        told, contents = [], []
        for record in records:
            if (
                record.id or record.language or record.terms or record.tags or record.columns
                or record.parents or record.candidates or record.tools or record.source
            ):  # fmt: skip
                # One by one, and all of them: which of two equal rows is the first decides their ids.
                return [self._line(each) for each in records]
            part = _encode(record.messages)
            if record.input:
                given = _encode(record.input)
                contents.append(b"[" + part + b"," + given + _NO_MORE)
                part += b',"input":' + given
            else:
                contents.append(b"[" + part + _NO_INPUT)
            told.append(part)
        start, spoken, end = self._plain
        names = self._identities.names_of(contents)
        return [b"".join((start, name, spoken, part, end)) for name, part in zip(names, told, strict=True)]

    def _line(self, record: Record) -> bytes:
        filled = self.fill(record)
        self._met.add(filled.terms)
        return _encode(filled)

    def quarantine(self, code: str, detail: str, *, record: Record | None = None, where: str = "", text: str = "") -> None:
        self.rows["in"] += 1
        super().quarantine(code, detail, record=record, where=where, text=text)


def only_records(found: Sequence[object], plugin: str) -> None:
    """Raises when a source yields something else: checked where the plugin's rows enter the core."""
    if set(map(type, found)) <= {Record}:
        return
    for record in found:
        if not isinstance(record, Record):
            raise StepError("runs.not-a-record", plugin=plugin, verb="read", got=type(record).__name__)
