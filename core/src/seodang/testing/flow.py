"""The contracts of what records come from and what sifts them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from seodang.capabilities import Filter, Seeds, Teacher
from seodang.records import Identities, Record
from seodang.runs.verbs import each_of, perform
from seodang.testing.contexts import LooseContext, asking
from seodang.testing.contract import CapabilityContract
from seodang.testing.samples import ANSWERED, QUESTIONS, copies
from seodang.verdicts import Drop, Keep

_encode = msgspec.json.Encoder(order="deterministic").encode


async def gathered(verb: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Everything that a verb yields, called the way a run calls it."""
    return [result async for result in each_of(verb, *arguments)]


class SeedsContract(CapabilityContract):
    """Seeds read the same records in the same order each time, and say under which terms."""

    __test__ = False
    kind = "seeds"
    seeds: ClassVar[type[Seeds]]

    @pytest.fixture
    def read(self, make: Callable[[], Seeds], new_context: Callable[..., LooseContext]) -> Callable[[], list[Record]]:
        def read_all() -> list[Record]:
            seeds = make()
            return asyncio.run(gathered(seeds.read, new_context(options=seeds.options)))

        return read_all

    def test_it_reads_records(self, read: Callable[[], list[Record]]) -> None:
        records = read()
        assert records, "no record came: give the contract `files` and `options` from which there is something to read"
        assert [type(record) for record in records] == [Record] * len(records)
        assert all(record.messages for record in records), "a record has no message"

    def test_it_reads_the_same_again(self, read: Callable[[], list[Record]]) -> None:
        """Order and content depend on the source and on `context.random`, never on the day, a set or a directory's order."""
        assert _encode(read()) == _encode(read())

    def test_its_ids_are_unique_and_stable(self, read: Callable[[], list[Record]]) -> None:
        """A record without an id gets one from the core; one that brings its own has to keep it apart from all others."""
        first, second = named(read()), named(read())
        assert len(set(first)) == len(first), "two records have one id: leave `id` empty, and the core finds a good one"
        assert first == second

    def test_every_record_has_terms(self, read: Callable[[], list[Record]], make: Callable[[], Seeds]) -> None:
        """The licence of the source, or 'unknown' in so many words: whoever exports the data later has to be told something."""
        if not make().terms:
            without = [number for number, record in enumerate(read()) if not record.terms]
            assert not without, f"records {without[:5]} carry no terms and the class declares none: terms = ('CC-BY-4.0',)"


def named(records: Sequence[Record]) -> list[str]:
    """The ids that a run would give."""
    identities = Identities("contract")
    return [record.id or identities.name(record) for record in records]


class Several:
    """All the records for a filter that has to see them: to be read again and again, never by index, as in a run."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


class FilterContract(CapabilityContract):
    """A filter gives one verdict per record, in their order, and each drop has a reason that can be counted."""

    __test__ = False
    kind = "filter"
    filter: ClassVar[type[Filter]]
    records: ClassVar[Sequence[Record]] = (*ANSWERED, *QUESTIONS)
    teacher: ClassVar[type[Teacher] | None] = None
    """Who answers, for a filter that asks its `judge`."""

    @pytest.fixture
    def sift(
        self, make: Callable[[], Filter], new_context: Callable[..., LooseContext], place: Path
    ) -> Callable[..., list[Keep | Drop]]:
        def sift_once(records: Sequence[Record], seed: int = 0) -> list[Keep | Drop]:
            capability = make()
            context = new_context(options=capability.options, seed=seed)
            given = Several(records) if capability.whole else records
            if self.teacher is None:
                return list(asyncio.run(perform(capability.sift, given, context)))
            judge = self.teacher()
            with asking(context, judge, place, judge=judge):
                return list(asyncio.run(perform(capability.sift, given, context)))

        return sift_once

    def test_there_is_one_verdict_per_record(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        verdicts = sift(copies(self.records))
        assert len(verdicts) == len(self.records)
        wrong = [type(verdict).__name__ for verdict in verdicts if not isinstance(verdict, (Keep, Drop))]
        assert not wrong, f"a verdict is Keep() or Drop('reason'), not {wrong[0]}"

    def test_an_empty_batch_has_no_verdicts(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        assert sift([]) == []

    def test_batches_do_not_change_verdicts(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        """A run cuts the records as it likes. A filter that has to compare records with each other says `whole = True`."""
        if self.filter.whole:
            return
        records = copies(self.records)
        together = sift(records)
        for size in (1, 3):
            batches = [records[start : start + size] for start in range(0, len(records), size)]
            apart = [verdict for batch in batches for verdict in sift(batch)]
            assert _encode(apart) == _encode(together), (
                f"batches of {size} are judged differently; say `whole = True` if it has to be"
            )

    def test_the_same_records_get_the_same_verdicts(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        """With `deterministic = True` under any seed of the run, otherwise under the same one."""
        other_seed = 1 if self.filter.deterministic else 0
        assert _encode(sift(copies(self.records))) == _encode(sift(copies(self.records), seed=other_seed))

    def test_every_drop_has_a_reason(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        codes = {verdict.code for verdict in sift(copies(self.records)) if isinstance(verdict, Drop)}
        bad = sorted(repr(code) for code in codes if not code or not set(code) <= CODE_LETTERS)
        assert not bad, f"reasons are counted by their code, a word or two as in 'too-short', not {bad[0]}"

    def test_a_changed_record_is_still_the_same_one(self, sift: Callable[..., list[Keep | Drop]]) -> None:
        records = copies(self.records)
        verdicts = sift(records)
        assert _encode(records) == _encode(self.records), "a record was changed in place: make another with replace()"
        for record, verdict in zip(records, verdicts, strict=True):
            if isinstance(verdict, Keep) and verdict.record is not None:
                assert verdict.record.id == record.id, "Keep(record) has another id than the record it stands for"


CODE_LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789-")
