"""The course of one batch: file, intents, handing in, the service's id, waiting, answers; each durable before the next.

The only doubt is what a call has done that hands a batch in. The book names every batch before that call, and the service's list shows
the name: whoever does not know looks there, and hands nothing in again before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seodang.asking import batch_files
from seodang.asking.batch_answers import Answers
from seodang.asking.failing import detail_of
from seodang.batches import Batch, BatchState
from seodang.errors import OutOfBudget, Refused, RemoteError, Transient
from seodang.traffic import outage
from seodang.traffic.outage import Outage
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.asking.batches import Batches, Chunk
    from seodang.ledger.entries import Intent

SLICE = 500
"""So many lines are written before the loop is given a turn."""
FIRST_LOOK_SECONDS = 1.0
LONGEST_LOOK_SECONDS = 60.0
LOOKS_GROW_BY = 1.5
FIRST_PATIENCE, PATIENCE = 8, 30
"""Failures in a row after which the run stops; the second number is for a service that was reached before. A batch goes on without us."""
FIRST_CROWDED_SECONDS, LONGEST_CROWDED_SECONDS = 60.0, 900.0


class Course:
    """Hands in and follows the batches of one asker."""

    def __init__(self, batches: Batches) -> None:
        self.forming: list[Chunk] = []
        self._batches = batches
        self._ledger = batches.ledger
        self._buyer = batches.buyer
        self._lane = batches.buyer.lane
        self._clock = batches.context.clock
        self._folder = batch_files.folder_of(batches.ledger)
        self._answers = Answers(batches)
        self._reached = False
        self._told = False
        self._crowded = 0
        self._held_until = 0.0

    def status(self) -> str:
        """What holds back the questions that are not handed in."""
        wait = self._held_until - self._clock.monotonic()
        return render("asking.batches-crowded", {"name": self._lane.name, "seconds": round(wait)}) if wait > 0 else ""

    async def hand_in(self) -> None:
        """Makes one batch of what has gathered. Whatever stops that is told to everybody who asked."""
        from seodang.asking.batches import Chunk

        batches = self._batches
        while (wait := self._held_until - self._clock.monotonic()) > 0:
            await self._clock.sleep(wait)
        chunk = Chunk(batches, "", self._clock.now())
        chunk.task = asyncio.current_task()
        chunk.sending = True
        self._buyer.begin(chunk)
        self.forming.append(chunk)
        try:
            batch = await self._planned(chunk)
            if batch is None:
                chunk.sending = False
                await batches.wait_for_one()
                return
            batches.lies(chunk)
            chunk.identifier = await self._submitted(chunk, batch)
            await self._ledger.name_batch(chunk.number, chunk.identifier)
            batch_files.remove(batch.path)
        except Exception as error:  # handed to whoever asked, and to everybody else: nothing is swallowed
            self._fail(chunk, error)
            return
        except asyncio.CancelledError:
            batches.leave(chunk)
            raise
        finally:
            self.forming.remove(chunk)
            chunk.sending = False
            self._buyer.end(chunk)
        self._tell(chunk)
        chunk.task = None
        batches.go_on(chunk)

    async def follow(self, chunk: Chunk) -> None:
        """From what stands in the book to the end of the batch, or until nobody waits for it any more."""
        try:
            chunk.sending = True
            if not chunk.identifier and not await self._found_again(chunk):
                return
            state = await self._ended(chunk)
            chunk.sending = True
            if state is None:
                self._batches.leave(chunk)
            elif state.state == "crowded":
                await self._crowd(chunk, state)
            elif state.state == "failed":
                await self._answers.turn_away(chunk, state)
            else:
                self._crowded = 0
                await self._answers.take_all(chunk, state, self._patiently)
        except Refused as error:
            self._fail(chunk, self._stopped_by("asking.batch-lost", chunk, detail_of(error)))
        except Exception as error:  # as above
            self._fail(chunk, error)
        except asyncio.CancelledError:
            self._batches.leave(chunk)
            raise
        finally:
            chunk.sending = False
            self._buyer.end(chunk)

    async def _planned(self, chunk: Chunk) -> Batch | None:
        """The file and the intents. None when the cap has no room for even one question before others have come back."""
        batches = self._batches
        intents: list[Intent] = []
        file = batch_files.BatchFile(self._folder)
        room = self._ledger.room(batches.ask.currency) if batches.ask.currency else None
        others_come = any(other.task is not None for other in batches.chunks.values())
        with file:
            while room is None or room >= 0:
                await asyncio.sleep(0)
                questions = batches.next_questions(min(SLICE, batches.most - len(intents)))
                if not questions:
                    break
                for place, question in enumerate(questions):
                    intent = question.intents[0]
                    line = batches.service.line(intent.key.hex(), question.request) + b"\n"
                    if len(line) > batches.service.most_bytes:
                        await self._answers.give_up(question, "too-long", f"{len(line)} > {batches.service.most_bytes} bytes")
                        continue
                    is_full = file.bytes + len(line) > batches.service.most_bytes
                    has_no_room = room is not None and room < intent.worst_micro
                    if (is_full and intents) or (has_no_room and (intents or others_come)):
                        batches.put_back(questions[place:])
                        room = -1
                        break
                    room = None if room is None else room - intent.worst_micro
                    file.write(line)
                    intents.append(intent)
                    chunk.questions[intent.key] = question
                    question.group = chunk
        if not intents:
            batch_files.remove(file.path)
            return None
        if self._buyer.halted is not None:
            batch_files.remove(file.path)
            raise self._buyer.halted
        chunk.name, chunk.requests = file.name, len(intents)
        try:
            handed = await self._ledger.intend_together(file.name, intents)
        except OutOfBudget:
            batch_files.remove(file.path)
            raise
        chunk.number = handed.batch
        chunk.attempts = {intent.key: attempt for intent, attempt in zip(intents, handed.attempts, strict=True)}
        return Batch(name=file.name, path=file.path, requests=len(intents), planned=chunk.planned)

    async def _submitted(self, chunk: Chunk, batch: Batch) -> str:
        """The service's id. After a failure that may have left a batch there, its list is asked before anything is handed in again."""
        batches, failures = self._batches, 0
        while True:
            try:
                identifier: str = await batches.threads.perform(batches.service.submit, batch, batches.context)
                self._reached = True
                return identifier
            except Transient as error:
                failures += 1
                if failures >= (PATIENCE if self._reached else FIRST_PATIENCE):
                    raise outage.unanswered(self._lane.name, failures, detail_of(error), error.status) from None
                await self._rest(chunk, failures, error)
                if not error.throttled and (found := await self._find(chunk, batch)):
                    return found
            except RemoteError as error:
                await self._ledger.close_batch(chunk.number, "turned-away", detail=detail_of(error))
                self._batches.forget(chunk)
                batch_files.remove(batch.path)
                if isinstance(error, Refused):
                    raise self._stopped_by("asking.batch-turned-away", chunk, detail_of(error)) from None
                self._lane.stop(error)
                raise

    async def _find(self, chunk: Chunk, batch: Batch) -> str | None:
        """Looks twice: a call that nobody waits for any more may still be on its way to the service."""
        batches = self._batches
        found: str | None = await self._patiently(chunk, batches.service.find, batch, batches.context)
        if found is None:
            await self._clock.sleep(batches.service.settle_seconds)
            found = await self._patiently(chunk, batches.service.find, batch, batches.context)
        return found

    async def _found_again(self, chunk: Chunk) -> bool:
        """Whether the service has the batch of a process that ended before it knew. If not, its questions are free."""
        path = batch_files.path_of(self._folder, chunk.name)
        batch = Batch(name=chunk.name, path=path, requests=chunk.requests, planned=chunk.planned)
        found = await self._find(chunk, batch)
        if found is not None:
            chunk.identifier = found
            await self._ledger.name_batch(chunk.number, found)
            return True
        await self._ledger.close_batch(chunk.number, "withdrawn")
        self._batches.forget(chunk)
        self._batches.take_again(chunk.questions.values())
        return False

    async def _ended(self, chunk: Chunk) -> BatchState | None:
        """How the batch has ended, or None when nobody waits for that."""
        service, rest = self._batches.service, FIRST_LOOK_SECONDS
        while True:
            chunk.sending = False
            chunk.state = await self._patiently(chunk, service.look, chunk.identifier, self._batches.context)
            if chunk.state.state != "open":
                return chunk.state
            if not chunk.is_awaited:
                return None
            await self._clock.sleep(rest)
            rest = min(rest * LOOKS_GROW_BY, LONGEST_LOOK_SECONDS)

    async def _crowd(self, chunk: Chunk, state: BatchState) -> None:
        """The account has too much waiting. When others of ours are there, they make room; else this one was too large by itself."""
        batches = self._batches
        await self._ledger.close_batch(chunk.number, "crowded", detail=state.detail)
        questions = list(chunk.questions.values())
        batches.forget(chunk)
        if not any(other.task is not None for other in batches.chunks.values()):
            batches.most = max(1, min(batches.most, chunk.requests) // 2)
        wait = min(FIRST_CROWDED_SECONDS * 2**self._crowded, LONGEST_CROWDED_SECONDS)
        self._crowded = min(self._crowded + 1, 10)
        self._held_until = self._clock.monotonic() + wait
        batches.take_again(questions)

    async def _patiently(self, chunk: Chunk, verb: Callable[..., Any], *arguments: Any) -> Any:
        """Calls until there is an answer: a service that is away for a while takes nothing from a batch that it has."""
        failures = 0
        while True:
            try:
                found = await self._batches.threads.perform(verb, *arguments)
            except Transient as error:
                failures += 1
                if failures >= (PATIENCE if self._reached else FIRST_PATIENCE):
                    raise outage.unanswered(self._lane.name, failures, detail_of(error), error.status) from None
                await self._rest(chunk, failures, error)
            else:
                self._reached = True
                return found

    async def _rest(self, chunk: Chunk, failures: int, error: Transient) -> None:
        sending, chunk.sending = chunk.sending, False
        await self._lane.rest(self._lane.retry.rest(failures, error.retry_after))
        chunk.sending = sending

    def _tell(self, chunk: Chunk) -> None:
        """Once: what is going on, and that nobody has to sit and wait."""
        if not self._told:
            self._told = True
            facts = {"step": self._batches.ask.step, "requests": chunk.requests, "name": self._lane.name}
            self._batches.context.warn("asking.batch-handed-in", identifier=chunk.identifier, **facts)

    def _stopped_by(self, code: str, chunk: Chunk, detail: str) -> Outage:
        facts: dict[str, Any] = {
            "step": self._batches.ask.step,
            "identifier": chunk.identifier or chunk.name,
            "requests": chunk.requests,
        }
        return Outage(code, name=self._lane.name, detail=detail, **facts)

    def _fail(self, chunk: Chunk, error: Exception) -> None:
        """The run stops. The batch stays in the book as it is."""
        chunk.sending = True  # it is this task that halts everything, and must not be cancelled by that
        self._buyer.halt(error)
        for question in list(chunk.questions.values()):
            self._batches.resolve(question, error)
        chunk.questions.clear()
        self._batches.leave(chunk)
