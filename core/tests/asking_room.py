"""A room to ask in: a real ledger, a real lane, virtual time, and teachers that count what they are paid for."""

from __future__ import annotations

import asyncio
import inspect
import random
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.asking.ask import Ask
from seodang.asking.stop import Stop
from seodang.ledger.book import Book
from seodang.ledger.ledger import Ledger
from seodang.traffic.adaptive import AdaptiveLimit
from seodang.traffic.breaker import Breaker
from seodang.traffic.lane import Lane
from seodang.traffic.retry import RetryPolicy

sys.path.insert(0, str(Path(__file__).parent))
from virtual_time import VirtualClock, run_virtually

PRICE = seodang.Price(input_micro_per_million=1_000_000, output_micro_per_million=2_000_000)


class Scripted(seodang.Teacher):
    """Answers after `latency` virtual seconds. `script` maps a question to what happens to it, attempt by attempt: an exception
    is raised, bytes are the reply, a number is how long this answer takes."""

    name = "scripted"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        in_flight: Annotated[int, msgspec.Meta(extra=seodang.CONDUCT)] = 8
        model: str = ""
        temperature: float = 0.7
        api_base: Annotated[str, msgspec.Meta(extra=seodang.CONDUCT)] = ""
        weights: Annotated[str, msgspec.Meta(extra=seodang.FILES)] = ""
        system: str | None = None

    def __init__(self, options=None, *, latency=0.2, script=None, default=None):
        super().__init__(options)
        self.latency = latency
        self.script = script or {}
        self.default = default
        self.asked = Counter()
        self.answered = Counter()
        self.order = []
        self.under_way = self.most_under_way = 0

    def price(self):
        return PRICE

    def most_tokens(self, request):
        return 100, request.max_tokens or 100

    async def answer(self, request, context):
        question = request.messages[-1].text
        attempt = self.asked[question]
        self.asked[question] += 1
        self.order.append(question)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self.say(question, attempt, context)
        finally:
            self.under_way -= 1

    async def say(self, question, attempt, context):
        script = self.script.get(question, ())
        event = script[attempt] if attempt < len(script) else self.default
        if callable(event):
            event = event(self)
        await context.clock.sleep(event if isinstance(event, (int, float)) else self.latency)
        if isinstance(event, BaseException):
            raise event
        self.answered[question] += 1
        return seodang.Reply(event if isinstance(event, bytes) else reply(f"{question}!"))

    def read(self, reply):
        answer = msgspec.json.decode(reply.body)
        usage = seodang.Usage(*answer["usage"]) if answer.get("usage") else None
        return seodang.Answer(message=seodang.Message("assistant", answer["text"]), finish=answer["finish"], usage=usage)


def reply(text, *, finish="stop", usage=(10, 20)):
    return msgspec.json.encode({"text": text, "finish": finish, "usage": usage})


def question(record):
    return seodang.Request(messages=record.messages)


def request(text, **fields):
    return seodang.Request(messages=(seodang.Message("user", text),), **fields)


def totals_of(directory, name="book.sqlite"):
    """The sums in the book of a process that has ended."""
    book = Book.open(directory / name)
    try:
        return book.totals()
    finally:
        book.close()


def spent_micro(directory, name="book.sqlite"):
    """What may have been spent, worst cases included; everything here costs dollars."""
    return totals_of(directory, name).total_micro("USD")


async def records(*questions):
    for text in questions:
        yield seodang.single_turn(text, id=f"id-{text}")


class WatchedLedger(Ledger):
    """The ledger; one can see whether anybody waits for its disk."""

    waited_for = 0

    async def intend(self, intent):
        return await self._watched(super().intend(intent))

    async def store(self, attempt, body):
        # Asked for at once, as the ledger itself does: who comes later must stay behind it.
        return await self._watched(super().store(attempt, body))

    async def intend_each(self, intents):
        return await self._watched(super().intend_each(intents))

    def storing(self, attempt, body):
        self.waited_for += 1
        future = super().storing(attempt, body)
        future.add_done_callback(lambda _: self._heard())
        return future

    def _heard(self):
        self.waited_for -= 1

    async def intend_together(self, name, intents):
        return await self._watched(super().intend_together(name, intents))

    async def name_batch(self, batch, identifier):
        return await self._watched(super().name_batch(batch, identifier))

    async def close_batch(self, batch, state, **facts):
        return await self._watched(super().close_batch(batch, state, **facts))

    async def fail(self, attempt, **facts):
        return await self._watched(super().fail(attempt, **facts))

    async def give_up(self, key, **facts):
        return await self._watched(super().give_up(key, **facts))

    async def _watched(self, writing):
        self.waited_for += 1
        try:
            return await writing
        finally:
            self.waited_for -= 1


class Room:
    """One process's life with the ledger in `directory`; opened again, it is the next one's."""

    def __init__(self, directory, teacher, *, caps=(), drain_seconds=25.0, name="book.sqlite", allow_unknown_price=False):
        clock = VirtualClock()
        self.teacher = teacher
        self.set_aside = []
        self.stop = Stop(drain_seconds)
        self.ledger = WatchedLedger.open(directory / name, run="r", caps=caps)
        in_flight = teacher.options.in_flight
        self.lane = Lane(clock, AdaptiveLimit(in_flight), Breaker(clock), RetryPolicy(random.Random(0)), ahead=in_flight)
        self.warned = []
        self.context = SimpleNamespace(
            clock=clock,
            language="ko",
            source_language="en",
            register="",
            glossary={},
            warn=lambda code, **facts: self.warned.append((code, facts)),
        )
        self.clock = clock
        if isinstance(teacher, seodang.Teacher):
            self.ask = Ask(
                teacher=teacher, teacher_id="test:scripted", ledger=self.ledger, lane=self.lane, context=self.context,
                stop=self.stop, step="step", host="api.example.com", allow_unknown_price=allow_unknown_price,
                on_quarantine=lambda record, code, detail: self.set_aside.append((record.question, code, detail)),
            )  # fmt: skip

    async def each(self, *questions, request_of=question, **wishes):
        """What came, in its order."""
        return [(record.question, result) async for record, result in self.ask.each(records(*questions), request_of, **wishes)]

    async def texts(self, *questions, **wishes):
        return [answer.message.text for _, answer in await self.each(*questions, **wishes)]


def live(directory, teacher, story, **wishes):
    """Lives `story(room)` in virtual time; afterwards no task and no slot may be left, and the ledger must close cleanly."""

    rooms = []

    async def whole():
        room = Room(directory, teacher, **wishes)
        rooms.append(room)
        try:
            result = story(room)
            return await result if inspect.isawaitable(result) else result
        finally:
            if hasattr(room, "ask"):
                await room.ask.close()
            assert room.lane.in_flight == 0 and room.lane.resting == 0
            room.ledger.close()
            await asyncio.sleep(0)

    return run_virtually(whole(), is_busy=lambda: any(room.ledger.waited_for for room in rooms))


MANY = [f"q{number}" for number in range(300)]
GONE = seodang.Transient("connection refused")
BROKEN = seodang.Transient("oops", status=500)
TIMED_OUT = seodang.Transient("read timed out", in_doubt=True)
THROTTLED = seodang.Transient("slow down", throttled=True, retry_after=1.0, status=429)
WRONG_KEY = seodang.Unauthorized("no such key", status=401)


def wide(in_flight=64, **wishes):
    return Scripted(msgspec.convert({"in_flight": in_flight}, Scripted.Options), **wishes)


async def stopped(room, error, *questions):
    """Asks until `error` stops everything; gives it and what came before."""
    came = []
    with pytest.raises(error) as caught:
        async for record, _ in room.ask.each(records(*questions), question):
            came.append(record.question)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not room.set_aside, "no row is set aside for what is no fault of its own"
    return caught.value, came
