"""`context.ask`: questions to the teacher or judge of a step, through the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seodang.asking.batches import Batches, Chunk
from seodang.asking.bodies import Unreadable, body_of, ended, read_answer
from seodang.asking.buying import Buyer
from seodang.asking.calls import Call
from seodang.asking.each import ACCEPTED, MEANT, Each
from seodang.asking.groups import Groups
from seodang.asking.keys import Keys
from seodang.asking.prices import is_free, price_of
from seodang.asking.rounds import InRounds
from seodang.asking.stop import Stop
from seodang.asking.threads import Threads
from seodang.capabilities import Teacher
from seodang.errors import PluginError, Refused, StepError
from seodang.ledger.entries import Entry, Intent
from seodang.records import Record
from seodang.requests import FREE, Answer, Price, Reply, Request
from seodang.traffic.lane import Lane

if TYPE_CHECKING:
    from seodang.context import Context
    from seodang.ledger.ledger import Ledger

Outcome = Answer | Exception
"""`Refused` is one question's end; any other exception is why everything halted."""


class Question(Call):
    """One question under way, however many ask it."""

    __slots__ = ("_ask", "future", "group", "request", "waiters")

    def __init__(self, ask: Ask, request: Request, intent: Intent, doubts: int) -> None:
        super().__init__((intent,), doubts)
        self._ask = ask
        self.request = request
        self.future: asyncio.Future[Outcome] | None = None
        self.group: Group | Chunk | None = None
        self.waiters = 0

    @property
    def call(self) -> Call:
        """What it is sent with."""
        return self.group or self

    def size(self) -> int:
        return self._ask.size(self.request)

    async def send(self, which: Sequence[int]) -> Sequence[bytes | Refused]:
        return await self._ask.send(self, (self.request,))

    def receive(self, index: int, attempt: int, body: bytes) -> Answer | Refused:
        return self._ask.read(body, attempt, self.request.schema)

    def dropped(self) -> None:
        self._ask.drop(self)


class Group(Call):
    """Questions that a teacher is given together."""

    __slots__ = ("_ask", "questions")

    def __init__(self, ask: Ask, questions: Sequence[Question]) -> None:
        super().__init__([question.intents[0] for question in questions])
        self._ask = ask
        self.questions = questions

    @property
    def is_awaited(self) -> bool:
        return any(question.waiters for question in self.questions)

    def size(self) -> int:
        return sum(self._ask.size(question.request) for question in self.questions)

    async def send(self, which: Sequence[int]) -> Sequence[bytes | Refused]:
        return await self._ask.send(self, [self.questions[index].request for index in which])

    def receive(self, index: int, attempt: int, body: bytes) -> Answer | Refused:
        return self._ask.read(body, attempt, self.questions[index].request.schema)

    def dropped(self) -> None:
        for question in self.questions:
            self._ask.drop(question)


class Ask(InRounds):
    """Given to lessons, judges and evaluations as `context.ask`.

    A question that the ledger has an answer to costs nothing. Equal questions under way are one call.
    """

    def __init__(
        self,
        *,
        teacher: Teacher,
        teacher_id: str,
        ledger: Ledger,
        lane: Lane,
        context: Context,
        stop: Stop,
        on_quarantine: Callable[[Record, str, str], None],
        step: str,
        host: str,
        allow_unknown_price: bool = False,
        in_batches: bool = True,
    ) -> None:
        """Without `in_batches` every new question is sent alone, also where its teacher would hand it in."""
        service = teacher.batches
        in_batches = in_batches and service is not None and teacher.in_batches
        self._alone_price, self._batch_price = teacher.price() or FREE, (service.price() if service else None) or FREE
        if price_of(teacher, in_batches=in_batches) is None and not allow_unknown_price:
            raise StepError("asking.unknown-price", step=step, teacher=teacher_id)
        self.on_quarantine = on_quarantine
        self.step = step
        self.buyer = Buyer(ledger=ledger, lane=lane, stop=stop, step=step)
        self._price = self._batch_price if in_batches else self._alone_price
        self._price_told = str(self._price)
        self._teacher = teacher
        self.teacher_id = teacher_id
        self.identity = teacher.identity
        self.model = str(getattr(teacher.options, "model", ""))
        self._host = host
        self._ledger = ledger
        self._context = context
        self._keys = Keys(teacher_id, teacher, teacher.identity)
        self._under_way: dict[bytes, Question] = {}
        self._open: set[Each] = set()
        lane.name = lane.name or host or teacher_id
        self.batches = Batches(self, service, ledger=ledger, context=context, wanted=in_batches) if service else None
        if self.batches is not None and not self.batches.is_needed:
            self.batches = None
        self._groups = Groups(teacher.group, self._send_group) if teacher.group > 1 and not in_batches else None
        if self._groups or self.batches:
            self.buyer.watch(self._drop_forming)
        if self._groups:
            # `in_flight` counts questions; a group takes one slot.
            lane.limit.narrow(lane.limit.most // teacher.group)
        self._threads = Threads(lane.limit.most)
        if teacher.tells_limits:
            lane.allowances.scout()

    @property
    def at_once(self) -> int:
        """So many questions can be under way."""
        return self.buyer.lane.limit.most * max(1, self._teacher.group)

    @property
    def window(self) -> int:
        """So many questions are gathered to be handed in together; 0 where each is sent alone."""
        return self.batches.window if self.batches is not None else 0

    @property
    def currency(self) -> str:
        return self._price.currency

    async def __call__(self, request: Request, *, record: str | Sequence[str] = "") -> Answer:
        """The answer, however it ended: look at its `finish`. Raises `Refused` when there will be none. `record` is the id of what is asked
        about, or the ids: who forgets one of these records forgets the question with it."""
        await self._go_on()
        outcome = self.look_up(request, record or MEANT.get())
        if isinstance(outcome, Question):
            outcome = await self._wait_for(outcome)
        if isinstance(outcome, Refused):
            raise outcome
        if isinstance(outcome, Exception):
            await self.buyer.drain()
            raise outcome
        return outcome

    def each(
        self, records: AsyncIterable[Record], request_of: Callable[[Record], Any], *, accept: Sequence[str] = ACCEPTED
    ) -> Each:
        """Asks about every record, many at once, and gives (record, answer) in the order of the records.

        `request_of` returns a `Request`, or is a coroutine function that asks as often as it likes and returns anything. Where it
        returns None nothing is asked, and the record comes with None in its place.
        Answers that did not end in one of `accept` are quarantined with their records, as are records without an answer.
        """
        each = Each(self, records, request_of, accept)
        self._open.add(each)
        return each

    async def close(self) -> None:
        """Everything that was sent is stored, everything else is cancelled."""
        try:
            for each in tuple(self._open):
                await each.aclose()
            await self.buyer.close()
        finally:
            if self.batches is not None:
                await self.batches.close()
            self._threads.close()

    def closed(self, each: Each) -> None:
        self._open.discard(each)

    async def _go_on(self) -> None:
        if self.buyer.halted is not None:
            await self.buyer.drain()
            raise self.buyer.halted

    def look_up(self, request: Request, record: str | Sequence[str] = "") -> Outcome | Question:
        """What the ledger has, or the question, which may be new and not begun."""
        try:
            key, canonical = self._keys.of(request)
        except UnicodeEncodeError as error:
            return Refused(str(error), reason="encoding")
        question = self._under_way.get(key)
        if question is not None:
            return question
        entry = self._ledger.find(key)
        if entry is not None:
            return self.replay(entry, request)
        changes = self._ledger.changes(key)
        if changes is not None:
            request = changes.applied(request)
            _, canonical = self._keys.of(request)
        first, *others = (record,) if isinstance(record, str) else record or ("",)
        intent = Intent(
            key=key,
            teacher=self.teacher_id,
            identity=self.identity,
            model=self.model,
            host=self._host,
            step=self.step,
            record=first,
            others=tuple(others),
            worst_micro=0 if is_free(self._price) else self._price.cost(*self._teacher.most_tokens(request)),
            currency=self._price.currency,
            request=canonical,
            changed=changes is not None,
            price=self._price_told,
        )
        question = self._under_way[key] = Question(self, request, intent, self._ledger.in_doubt(key))
        return question

    def begin(self, question: Question) -> asyncio.Future[Outcome]:
        """Puts a question under way that is not yet."""
        if question.future is None:
            loop = asyncio.get_running_loop()
            if self.batches is not None and self.batches.takes(question):
                question.future = loop.create_future()
                self.batches.add(question)
            elif self._groups is not None and not question.doubts:
                question.future = loop.create_future()
                self._groups.add(question)
            else:
                question.task = question.future = loop.create_task(self._answer(question))
                self.buyer.begin(question)
        return question.future

    async def _answer(self, question: Question) -> Outcome:
        try:
            bought = await self.buyer.buy(question)
        finally:
            self.forget(question)
        return bought if isinstance(bought, Exception) else bought[0]

    def _send_group(self, questions: list[Question]) -> None:
        group = Group(self, questions)
        for question in questions:
            question.group = group
        group.task = asyncio.get_running_loop().create_task(self._answer_group(group))
        self.buyer.begin(group)

    async def _answer_group(self, group: Group) -> None:
        try:
            bought = await self.buyer.buy(group)
            outcomes = [bought] * len(group.questions) if isinstance(bought, Exception) else bought
            for question, outcome in zip(group.questions, outcomes, strict=True):
                if question.future is not None and not question.future.done():
                    question.future.set_result(outcome)
        finally:
            for question in group.questions:
                self.forget(question)

    async def _wait_for(self, question: Question) -> Outcome:
        future = self.begin(question)
        question.waiters += 1
        try:
            outcome = await asyncio.shield(future)
        except asyncio.CancelledError:
            question.waiters -= 1
            task = asyncio.current_task()
            if self.buyer.halted is not None and not (task and task.cancelling()):
                return self.buyer.halted
            await self.release((question,))
            raise
        question.waiters -= 1
        return outcome

    async def release(self, questions: Sequence[Question]) -> None:
        """Whoever asked has gone. What is sent is waited for and stored; what is not, and nobody else asks, is dropped."""
        alone = [question for question in questions if not question.waiters]
        for question in alone:
            if question.future is None or any(gathered.remove(question) for gathered in self._gathering()):
                self.drop(question)
        # Each call is looked at once: a batch may be that of fifty thousand of them.
        await self.buyer.drain({call for call in {question.call for question in alone} if not call.is_awaited})

    def _gathering(self) -> list[Groups | Batches]:
        return [gathered for gathered in (self._groups, self.batches) if gathered is not None]

    def forget(self, question: Question) -> None:
        """It is not under way any more."""
        key = question.intents[0].key
        if self._under_way.get(key) is question:
            del self._under_way[key]

    def drop(self, question: Question) -> None:
        """It was never sent: whoever waits for it learns that."""
        self.forget(question)
        if question.future is not None and not question.future.done():
            question.future.cancel()

    def _drop_forming(self) -> None:
        if self.buyer.halted is not None:
            for gathered in self._gathering():
                for question in gathered.clear():
                    self.drop(question)

    def size(self, request: Request) -> int:
        """About how many tokens a vendor's limit counts for it: one takes three bytes or more, and of an answer the longest counts."""
        inputs, outputs = self._teacher.most_tokens(request)
        return inputs // 3 + outputs

    async def send(self, call: Call, requests: Sequence[Request]) -> list[bytes | Refused]:
        """What the teacher said to these requests, as it is to be stored; of a group it may have refused some."""
        if self._groups is None:
            one = await self._threads.perform(self._teacher.answer, requests[0], self._context)
            if isinstance(one, Reply):
                call.limits = one.limits
            return [body_of(one)]
        said = await self._threads.perform(self._teacher.answer_many, requests, self._context)
        if len(said) != len(requests):
            raise PluginError(
                "asking.wrong-count", plugin=self.teacher_id, verb="answer_many", given=len(requests), returned=len(said)
            )
        return [one if isinstance(one, Refused) else body_of(one) for one in said]

    def read(
        self, body: bytes, attempt: int, schema: Mapping[str, Any] | None, *, price: Price | None = None
    ) -> Answer | Refused:
        """The answer in a stored body, and what it cost. `attempt` is 0 for an answer whose cost is known."""
        try:
            answer = ended(read_answer(self._teacher, body), schema)
        except Unreadable as error:
            if attempt:
                self._ledger.settle(attempt, cost_micro=None, finish="bad-answer", input_tokens=0, output_tokens=0)
            return Refused(str(error), reason="bad-answer")
        if attempt:
            self._settle(attempt, answer, price or self._alone_price)
        return answer

    def read_batched(self, body: bytes, attempt: int, schema: Mapping[str, Any] | None) -> Answer | Refused:
        """The same for one that came in a batch."""
        return self.read(body, attempt, schema, price=self._batch_price)

    def _settle(self, attempt: int, answer: Answer, price: Price) -> None:
        usage = answer.usage
        if usage is None or usage.input_tokens < 0 or usage.output_tokens < 0 or usage.cached_tokens < 0:
            cost, inputs, outputs = (0 if is_free(price) else None), 0, 0
        else:
            inputs, outputs = usage.input_tokens, usage.output_tokens
            cost = price.cost(inputs, outputs, usage.cached_tokens)
        self._ledger.settle(attempt, cost_micro=cost, finish=answer.finish, input_tokens=inputs, output_tokens=outputs)

    def replay(self, entry: Entry, request: Request) -> Answer | Refused:
        if entry.body is None:
            return Refused(entry.detail, reason=entry.reason)
        if entry.settled:
            return self.read(entry.body, 0, request.schema)
        read = self.read_batched if self._ledger.is_batched(entry.attempt) else self.read
        return read(entry.body, entry.attempt, request.schema)
