"""What comes out of a batch: answers into the book before they are read, errors to whoever asked, and the rest to be handed in again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seodang.asking.failing import detail_of
from seodang.batches import BatchState
from seodang.errors import Refused, RemoteError, Transient
from seodang.requests import Reply
from seodang.traffic.outage import Outage
from seodang.traffic.retry import RESENDS_IN_DOUBT, reason_of

if TYPE_CHECKING:
    from seodang.asking.ask import Question
    from seodang.asking.batches import Batches, Chunk

TOGETHER = 256
"""So many answers are committed at once."""
TRIES = 3
"""A question that failed in so many batches is left, while others were answered: each try takes hours."""


class Answers:
    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._ledger = batches.ledger

    async def take_all(self, chunk: Chunk, state: BatchState, patiently: Callable[..., Any]) -> None:
        """Everything that a batch has brought. What was stored when this is interrupted is not stored a second time."""
        again: list[Question] = []
        stopping: list[RemoteError] = []

        async def collect() -> None:
            lines: list[tuple[str, Reply | RemoteError]] = []
            async for line in self._lines(chunk):
                lines.append(line)
                if len(lines) == TOGETHER:
                    await self._take(chunk, lines, again, stopping)
                    lines = []
            await self._take(chunk, lines, again, stopping)

        await patiently(chunk, collect)
        brought = chunk.requests - len(chunk.attempts)
        await self._ledger.close_batch(
            chunk.number, state.state, detail=state.detail, in_doubt=state.state == "completed" and bool(chunk.attempts)
        )
        self._batches.forget(chunk)
        # Who waits for a question that is to be handed in again has to be told when the run stops instead.
        left = list(chunk.questions.values())
        chunk.questions.update({question.intents[0].key: question for question in again})
        if stopping:
            raise stopping[0]
        if state.state == "cancelled":
            raise self._ended_by("asking.batch-cancelled", chunk, state, brought)
        if state.state == "expired" and not brought:
            raise self._ended_by("asking.batch-expired", chunk, state, brought)
        for question in left:
            if state.state == "expired" or self._may_try(question, RESENDS_IN_DOUBT + 1):
                again.append(question)
            else:
                await self.give_up(question, "in-doubt", "")
        chunk.questions.clear()
        self._batches.take_again(again)

    async def turn_away(self, chunk: Chunk, state: BatchState) -> None:
        """The service has refused the batch as a whole. Where it says which lines are at fault, those alone are set aside."""
        keys = list(chunk.attempts)
        at_fault = {keys[line - 1]: why for line, why in state.at_fault.items() if 0 < line <= len(keys)}
        await self._ledger.close_batch(chunk.number, "failed", detail=state.detail)
        self._batches.forget(chunk)
        if not at_fault:
            raise self._ended_by("asking.batch-turned-away", chunk, state, 0)
        for key, why in at_fault.items():
            if (question := chunk.questions.pop(key, None)) is not None:
                await self.give_up(question, "invalid-request", why)
        again = list(chunk.questions.values())
        chunk.questions.clear()
        self._batches.take_again(again)

    async def give_up(self, question: Question, reason: str, detail: str) -> None:
        """The question is left for good: the ledger says so until somebody retries it."""
        intent = question.intents[0]
        await self._ledger.give_up(intent.key, intent=intent, reason=reason, detail=detail)
        self._batches.resolve(question, Refused(detail, reason=reason))

    async def _lines(self, chunk: Chunk) -> Any:
        from seodang.runs.verbs import each_of

        async for key, said in each_of(self._batches.service.collect, chunk.identifier, self._batches.context):
            yield key, said

    async def _take(
        self, chunk: Chunk, lines: list[tuple[str, Reply | RemoteError]], again: list[Question], stopping: list[RemoteError]
    ) -> None:
        """Who is not waited for any more, or was answered when the process before this one died, is passed over."""
        replies: list[tuple[bytes, int, bytes]] = []
        errors: list[tuple[bytes, int, RemoteError]] = []
        for name, said in lines:
            key = _key(name)
            attempt = chunk.attempts.pop(key, None)
            if attempt is None:
                continue
            if isinstance(said, Reply):
                replies.append((key, attempt, said.body))
            else:
                errors.append((key, attempt, said))
        await asyncio.gather(*(self._ledger.store(attempt, body) for _, attempt, body in replies))
        ask = self._batches.ask
        for key, attempt, body in replies:
            question = chunk.questions.pop(key, None)
            outcome = ask.read_batched(body, attempt, question.request.schema if question else None)
            if question is not None:
                self._batches.resolve(question, outcome)
        await asyncio.gather(*(self._ledger.fail(number, outcome="unpaid", detail=detail_of(why)) for _, number, why in errors))
        for key, _, error in errors:
            await self._say(chunk, key, error, again, stopping)

    async def _say(
        self, chunk: Chunk, key: bytes, error: RemoteError, again: list[Question], stopping: list[RemoteError]
    ) -> None:
        if not isinstance(error, (Refused, Transient)):
            stopping.append(error)
            return
        question = chunk.questions.pop(key, None)
        if question is None:
            return
        if isinstance(error, Refused):
            await self.give_up(question, error.reason, detail_of(error))
        elif self._may_try(question, TRIES):
            again.append(question)
        else:
            await self.give_up(question, reason_of(error), detail_of(error))

    def _may_try(self, question: Question, tries: int) -> bool:
        self._batches.tries[question.intents[0].key] += 1
        return self._batches.tries[question.intents[0].key] < tries

    def _ended_by(self, code: str, chunk: Chunk, state: BatchState, brought: int) -> Outage:
        facts: dict[str, Any] = {
            "step": self._batches.ask.step,
            "identifier": chunk.identifier,
            "requests": chunk.requests,
            "answers": brought,
        }
        return Outage(code, name=self._batches.buyer.lane.name, detail=state.detail, **facts)


def _key(name: str) -> bytes:
    """The key in a line; one that is none is nobody's."""
    try:
        return bytes.fromhex(name)
    except ValueError:
        return b""
