"""What a recipe will ask and cost, from the real input: the questions are formed as they will be, and looked up in the ledger.

A question that was answered before costs nothing. For one that was not, the most it can cost is what a budget reserves, and
the likely cost is an estimate by script and by the answers bought so far. Nothing is sent.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Any

import msgspec

from seodang.asking.keys import request_key
from seodang.capabilities import Filter, Teacher
from seodang.context import Context
from seodang.records import Record
from seodang.requests import Answer, Request
from seodang.runs.verbs import perform
from seodang.verdicts import Drop

ANSWER_TOKENS = 250
"""The length of an answer before any was bought: that of a few Korean sentences."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """`exact` says whether the rows are those that will come, or at most as many (a filter or a lesson before was not run)."""

    step: str
    rows: int
    exact: bool
    requests: int = 0
    stored: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    currency: str = ""
    likely_micro: int = 0
    most_micro: int = 0
    complete: bool = True
    """False when the lesson's next questions depend on answers that are not there yet: then there will be more."""


class NotBought(Exception):
    """The answer to a question is not in the ledger yet."""


class Counting:
    """Stands where `context.ask` stands and counts instead of asking."""

    def __init__(self, teacher: Teacher, teacher_id: str, find: Callable[[bytes], Answer | None], answer_tokens: int) -> None:
        self._teacher = teacher
        self._teacher_id = teacher_id
        self._find = find
        self._answer_tokens = answer_tokens
        self._seen: set[bytes] = set()
        self.requests = self.stored = self.input_tokens = self.output_tokens = self.likely = self.most = 0
        self.complete = True

    async def __call__(self, request: Request, *, record: str = "") -> Answer:
        answer = self._count(request)
        if answer is None:
            raise NotBought
        return answer

    async def each(self, records: AsyncIterator[Record], request_of: Any, **_: Any) -> AsyncIterator[tuple[Record, Any]]:
        async for record in records:
            try:
                asked = request_of(record)
                if asked is None:
                    yield record, None
                elif inspect.isawaitable(asked):
                    yield record, await asked
                elif (answer := self._count(asked)) is not None:
                    yield record, answer
            except NotBought:
                if inspect.iscoroutinefunction(request_of):
                    self.complete = False

    def _count(self, request: Request) -> Answer | None:
        key, _ = request_key(self._teacher_id, self._teacher, request)
        if (answer := self._find(key)) is not None:
            self.stored += key not in self._seen
            self._seen.add(key)
            return answer
        if key not in self._seen:
            self._seen.add(key)
            self.requests += 1
            most_in, most_out = self._teacher.most_tokens(request)
            tokens = sum(likely_tokens(message.text) for message in request.messages) + 4 * len(request.messages)
            output = min(self._answer_tokens, most_out) if most_out else self._answer_tokens
            self.input_tokens += tokens
            self.output_tokens += output
            price = self._teacher.price()
            if price is not None:
                self.likely += price.cost(tokens, output)
                self.most += price.cost(most_in, most_out)
        return None


def likely_tokens(text: str) -> int:
    """A labelled guess: four letters a token in ASCII, one and a half characters a token elsewhere."""
    ascii_letters = sum(1 for character in text if character.isascii())
    return -(-ascii_letters // 4) + -(-(len(text) - ascii_letters) * 2 // 3)


async def count_questions(
    lesson: Any, records: Iterable[Record], context: Context, counting: Counting
) -> tuple[int, list[Record | Drop]]:
    """Lets the lesson form its questions. Gives the number of records it was given and what it made of those answered before."""
    given = 0

    async def stream() -> AsyncIterator[Record]:
        nonlocal given
        for record in records:
            given += 1
            yield record

    context._ask = counting  # type: ignore[assignment]
    results: list[Record | Drop] = []
    try:
        async for result in lesson.teach(stream(), context):
            results.append(result)
    except NotBought:
        counting.complete = False
    return given, results


async def count_sifting(sifter: Filter, records: Collection[Record], context: Context, counting: Counting) -> int:
    """Lets a filter form the questions to its judge, as in a run over all records or over some. Gives how many it was given."""
    from seodang.runs.sifting import BATCH, batches

    context._ask = counting  # type: ignore[assignment]
    for batch in [records] if sifter.whole else batches(records, BATCH):
        try:
            for _ in await perform(sifter.sift, batch, context):
                pass
        except NotBought:
            counting.complete = False
    return len(records)
