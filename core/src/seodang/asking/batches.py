"""Questions that are handed in together and collected hours later, where the teacher has a service for that.

What is asked until nothing more is asked without an answer goes into one batch, up to the service's limits: a lesson that asks about
every record needs one, a lesson in rounds one a round. How questions fall into batches changes no answer, so here time may decide.

An answer that lies in an open batch is paid for. Whoever asks for it waits for that batch, also in a run that sends its other
questions alone by now; so it is not bought a second time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from seodang.asking.batch_files import tidy
from seodang.asking.calls import Call
from seodang.asking.threads import Threads
from seodang.batches import BatchService, BatchState
from seodang.errors import Interrupted
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.asking.ask import Ask, Question
    from seodang.context import Context
    from seodang.ledger.batching import BatchEntry
    from seodang.ledger.ledger import Ledger

QUIET_SECONDS = 1.0
"""A batch is handed in when so long nothing more was asked. Next to the hours that it takes this is nothing."""
AHEAD = 4
"""So many full batches are read ahead and lie at the service at once: 52,000 questions should not take two days."""
ELSEWHERE_SECONDS = 1.0


class Chunk(Call):
    """Questions that are handed in together, now or by an earlier process.

    `questions` are those that somebody waits for, `attempts` the ones in the book that have no answer yet.
    """

    __slots__ = ("attempts", "batches", "identifier", "name", "number", "planned", "questions", "requests", "state")

    def __init__(self, batches: Batches, name: str, planned: datetime) -> None:
        super().__init__(())
        self.batches = batches
        self.name = name
        self.planned = planned
        self.number = 0
        """In the book; 0 as long as it is not entered there."""
        self.requests = 0
        self.identifier = ""
        self.state = BatchState(state="open")
        self.questions: dict[bytes, Question] = {}
        self.attempts: dict[bytes, int] = {}

    @classmethod
    def of(cls, batches: Batches, entry: BatchEntry, attempts: dict[bytes, int]) -> Chunk:
        """One that stands in the book."""
        chunk = cls(batches, entry.name, datetime.fromtimestamp(entry.planned / 1_000_000, UTC))
        chunk.number, chunk.requests, chunk.identifier, chunk.attempts = entry.id, entry.requests, entry.identifier, attempts
        chunk.state = BatchState(state="open", done=entry.answered)
        return chunk

    @property
    def is_awaited(self) -> bool:
        return any(question.waiters for question in self.questions.values())

    def dropped(self) -> None:
        """Nobody waits for it here any more. It goes on at the service, and the book knows it."""
        self.batches.leave(self)


class Batches:
    """Gathers questions, sees to it that they are handed in and collected, and knows what lies where."""

    def __init__(self, ask: Ask, service: BatchService, *, ledger: Ledger, context: Context, wanted: bool) -> None:
        """`wanted` says whether new questions go this way, or only those that lie in a batch already."""
        from seodang.asking.batch_course import Course

        self.ask = ask
        self.service = service
        self.ledger = ledger
        self.context = context
        self.wanted = wanted
        self.buyer = ask.buyer
        self.threads = Threads(AHEAD)
        self.most = max(1, service.most_requests)
        """Questions in a batch; less than the service takes once it has said that so many are too many for this account."""
        self.tries: Counter[bytes] = Counter()
        self.chunks: dict[int, Chunk] = {}
        self._course = Course(self)
        self._gathering: OrderedDict[Question, None] = OrderedDict()
        self._asked = 0
        self._gatherer: asyncio.Task[None] | None = None
        self._elsewhere: dict[Question, int] = {}
        self._watcher: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._lying: dict[bytes, Chunk] = {}
        self._fresh = True
        tidy(ledger)
        for entry in ledger.open_batches(ask.teacher_id, ask.identity, ask.model):
            self._know(Chunk.of(self, entry, ledger.open_attempts(entry.id)))
        self.found = tuple(self.chunks.values())
        if wanted or self.chunks:
            self.buyer.interruption = self._interruption

    @property
    def window(self) -> int:
        """How far a stream of records is read ahead."""
        return AHEAD * self.service.most_requests if self.wanted else 0

    @property
    def is_needed(self) -> bool:
        return self.wanted or bool(self.chunks)

    def takes(self, question: Question) -> bool:
        """Whether this question goes into a batch, or lies in one."""
        if question.intents[0].key in self._lying:
            return True
        # One that is worn out is sent nowhere; the buyer says so.
        return self.wanted and not self.buyer.lane.retry.tries(question.doubts).worn_out

    def add(self, question: Question) -> None:
        """The question has a future; it gets its outcome there."""
        if self._fresh:
            self._begin_what_was_found()
        chunk = self._lying.get(question.intents[0].key)
        if chunk is None:
            self._gather(question)
        elif chunk.number in self.ledger.followed and chunk.task is None:
            self._elsewhere[question] = chunk.number
            self._watcher = self._watcher or asyncio.get_running_loop().create_task(self._watch_elsewhere())
        else:
            chunk.questions[question.intents[0].key] = question
            question.group = chunk
            self.go_on(chunk)

    def take_again(self, questions: Iterable[Question]) -> None:
        """They lie nowhere now and are handed in anew."""
        for question in questions:
            question.group = None
            self._gather(question)

    def remove(self, question: Question) -> bool:
        """Takes a question back that was not handed in yet."""
        if question in self._gathering:
            del self._gathering[question]
            return True
        return self._elsewhere.pop(question, None) is not None

    def clear(self) -> list[Question]:
        """Everything halts: what was not handed in yet is given back."""
        questions = [*self._gathering, *self._elsewhere]
        self._gathering.clear()
        self._elsewhere.clear()
        for task in (self._gatherer, self._watcher):
            if task is not None and not any(chunk.task is task for chunk in self.chunks_under_way):
                task.cancel()
        return questions

    @property
    def chunks_under_way(self) -> list[Chunk]:
        return [*self.chunks.values(), *self._course.forming]

    def next_questions(self, count: int) -> list[Question]:
        """The next ones to be handed in, in the order in which they were asked."""
        return [self._gathering.popitem(last=False)[0] for _ in range(min(count, len(self._gathering)))]

    def put_back(self, questions: list[Question]) -> None:
        """They had no room in the batch; they are the next."""
        for question in reversed(questions):
            self._gathering[question] = None
            self._gathering.move_to_end(question, last=False)

    def lies(self, chunk: Chunk) -> None:
        """The chunk stands in the book."""
        self.ledger.followed.add(chunk.number)
        self._know(chunk)

    def go_on(self, chunk: Chunk) -> None:
        """Follows the chunk, if nobody does."""
        if chunk.task is None:
            self.ledger.followed.add(chunk.number)
            chunk.task = asyncio.get_running_loop().create_task(self._course.follow(chunk))
            self.buyer.begin(chunk)

    def forget(self, chunk: Chunk) -> None:
        """The chunk has come to its end."""
        self.chunks.pop(chunk.number, None)
        self.ledger.followed.discard(chunk.number)
        for key in [key for key, other in self._lying.items() if other is chunk]:
            del self._lying[key]
        self._ended.set()

    def leave(self, chunk: Chunk) -> None:
        """Nobody follows the chunk any more."""
        chunk.task = None
        self.ledger.followed.discard(chunk.number)
        questions = list(chunk.questions.values())
        chunk.questions.clear()
        for question in questions:
            self.ask.drop(question)

    async def wait_for_one(self) -> None:
        """Until one of the batches under way has come to its end."""
        self._ended.clear()
        await self._ended.wait()

    def status(self) -> str:
        """For the progress line: how many questions of open batches are dealt with, and what the service calls that."""
        handed_in = [chunk for chunk in self.chunks.values() if chunk.identifier and chunk.task is not None]
        if not handed_in:
            return self._course.status()
        done = sum(chunk.state.done for chunk in handed_in)
        said = sorted({chunk.state.said for chunk in handed_in if chunk.state.said})
        facts = {"batches": len(handed_in), "done": done, "requests": sum(chunk.requests for chunk in handed_in)}
        return render("asking.batches", {**facts, "said": ", ".join(said), "name": self.buyer.lane.name})

    async def close(self) -> None:
        for task in (self._gatherer, self._watcher):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self.threads.close()

    def _interruption(self) -> Interrupted:
        on_their_way = [chunk for chunk in self.chunks.values() if chunk.identifier]
        if not on_their_way:
            return Interrupted("runs.interrupted")
        requests = sum(chunk.requests for chunk in on_their_way)
        facts = {"batches": len(on_their_way), "requests": requests, "name": self.buyer.lane.name}
        return Interrupted("asking.batches-go-on", **facts)

    def _know(self, chunk: Chunk) -> None:
        self.chunks[chunk.number] = chunk
        self._lying.update(dict.fromkeys(chunk.attempts, chunk))

    def _begin_what_was_found(self) -> None:
        """Also those of which nobody wants anything now are looked at once: their answers are paid for."""
        self._fresh = False
        free = [chunk for chunk in self.found if chunk.number not in self.ledger.followed]
        if free:
            requests = sum(len(chunk.attempts) for chunk in free)
            name = self.buyer.lane.name
            self.context.warn("asking.batches-found", step=self.ask.step, batches=len(free), requests=requests, name=name)
        for chunk in free:
            self.go_on(chunk)

    def _gather(self, question: Question) -> None:
        self._gathering[question] = None
        self._asked += 1
        if self._gatherer is None or self._gatherer.done():
            self._gatherer = asyncio.get_running_loop().create_task(self._hand_in_what_gathers())

    async def _hand_in_what_gathers(self) -> None:
        while self._gathering and self.buyer.halted is None:
            asked = self._asked
            if len(self._gathering) < self.most:
                await self.context.clock.sleep(QUIET_SECONDS)
                if self._asked != asked and len(self._gathering) < self.most:
                    continue
            await self._course.hand_in()

    async def _watch_elsewhere(self) -> None:
        """Another asker of this run follows the batch in which they lie: their answers are seen in the book."""
        while self._elsewhere:
            await self.context.clock.sleep(ELSEWHERE_SECONDS)
            for question, number in list(self._elsewhere.items()):
                key = question.intents[0].key
                if (entry := self.ledger.find(key)) is not None:
                    del self._elsewhere[question]
                    self.resolve(question, self.ask.replay(entry, question.request))
                elif number not in self.ledger.followed:
                    del self._elsewhere[question]
                    if key not in self.ledger.open_attempts(number):
                        self._lying.pop(key, None)
                    self.add(question)
        self._watcher = None

    def resolve(self, question: Question, outcome: object) -> None:
        """Whoever waits for the question has its outcome."""
        self.ask.forget(question)
        if question.future is not None and not question.future.done():
            question.future.set_result(outcome)  # type: ignore[arg-type]  # an Answer or an exception
