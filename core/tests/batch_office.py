"""A service for batches in memory, which outlives the processes that hand things in, and counts what it is paid for."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import msgspec
import seodang
from seodang.ledger.book import Book

sys.path.insert(0, str(Path(__file__).parent))
from asking_room import MANY, Scripted, reply

HALF = seodang.Price(input_micro_per_million=500_000, output_micro_per_million=1_000_000)
TURNS = 100.0
"""Seconds that a batch takes."""


class Office:
    """`fates` says what happens to the first, second … batch: `ok`, `expired`, `cancelled`, `failed`, `crowded`, `gap` (a line is
    missing). Of a batch that ends early the first half is answered. `errors` maps a question to the error in its line, try by try."""

    def __init__(self, *, fates=(), errors=None, at_fault=None):
        self.fates = list(fates)
        self.errors = errors or {}
        self.at_fault = at_fault or {}
        self.batches = {}
        self.paid = Counter()
        self.tried = Counter()
        self.submitting = []
        """What happens to the next calls of `submit`: an exception before the batch is there, or ("late", exception) after it."""
        self.looking = []
        self.late = []
        """What is on its way for ever so long: when it arrives, the name, the lines."""

    def bill_micro(self):
        return sum(self.paid.values()) * 25  # 10 tokens in and 20 out, at half of 50

    def let_in(self, now):
        for arriving in [each for each in self.late if each[0] <= now]:
            self.late.remove(arriving)
            self.take(*arriving[1:], now)

    def take(self, name, lines, now):
        identifier = f"batch-{len(self.batches) + 1}"
        fate = self.fates[len(self.batches)] if len(self.batches) < len(self.fates) else "ok"
        self.batches[identifier] = {"name": name, "lines": lines, "began": now, "fate": fate, "results": None}
        return identifier

    def state(self, identifier, now):
        if identifier not in self.batches:
            raise seodang.Refused("no such batch", reason="http-404", status=404)
        batch = self.batches[identifier]
        fate, count = batch["fate"], len(batch["lines"])
        if now - batch["began"] < TURNS:
            return seodang.BatchState(state="open", said="in_progress", done=int(count * (now - batch["began"]) / TURNS))
        if fate in ("failed", "crowded"):
            faults = {line + 1: self.at_fault[text] for line, (_, text) in enumerate(batch["lines"]) if text in self.at_fault}
            return seodang.BatchState(state=fate, said="failed", detail="turned away", at_fault=faults)
        if batch["results"] is None:
            answered = batch["lines"] if fate in ("ok", "gap") else batch["lines"][: count // 2]
            batch["results"] = list(map(self.result, answered[: -1 if fate == "gap" else None]))
        state = fate if fate in ("expired", "cancelled") else "completed"
        return seodang.BatchState(state=state, said=state, done=len(batch["results"]))

    def result(self, line):
        key, text = line
        attempt = self.tried[text]
        self.tried[text] += 1
        errors = self.errors.get(text, ())
        if attempt < len(errors):
            return key, errors[attempt]
        self.paid[text] += 1
        return key, seodang.Reply(reply(f"{text}!"))


class Service(seodang.BatchService):
    """One process's line to the office. When the process is `dead` nothing of it arrives there any more, except what is `late`."""

    most_requests = 1000
    settle_seconds = 30.0

    def __init__(self, office):
        self.office = office
        self.dead = False
        self.on_the_way = None

    async def reach(self, context, seconds):
        await context.clock.sleep(seconds)
        if self.dead:
            await asyncio.Event().wait()
        self.office.let_in(context.clock.now().timestamp())

    def price(self):
        return HALF

    def line(self, key, request):
        return msgspec.json.encode([key, request.messages[-1].text])

    async def submit(self, batch, context):
        self.on_the_way = read_lines(batch)
        await self.reach(context, 2.0)
        self.on_the_way = None
        event = self.office.submitting.pop(0) if self.office.submitting else None
        if isinstance(event, Exception):
            raise event
        identifier = self.office.take(batch.name, read_lines(batch)[1], context.clock.now().timestamp())
        if event is not None:
            raise event[1]
        await self.reach(context, 2.0)
        return identifier

    async def find(self, batch, context):
        await self.reach(context, 1.0)
        return next((name for name, each in self.office.batches.items() if each["name"] == batch.name), None)

    async def look(self, identifier, context):
        await self.reach(context, 0.1)
        if self.office.looking:
            raise self.office.looking.pop(0)
        return self.office.state(identifier, context.clock.now().timestamp())

    async def collect(self, identifier, context):
        for place, (key, said) in enumerate(reversed(self.office.batches[identifier]["results"])):
            if place % 10 == 0:
                await self.reach(context, 0.1)
            yield key, said


def read_lines(batch):
    lines = [msgspec.json.decode(line) for line in batch.path.read_bytes().splitlines()]
    assert len(lines) == batch.requests and batch.path.stat().st_mode & 0o077 == 0
    return batch.name, lines


class Patient(Scripted):
    """The scripted teacher, with an office for batches beside."""

    def __init__(self, office, *, alone=False, most=1000, **wishes):
        super().__init__(**wishes)
        self.alone = alone
        self.service = Service(office)
        self.service.most_requests = most

    @property
    def batches(self):
        return self.service

    @property
    def in_batches(self):
        return not self.alone


ANSWERS = [f"{text}!" for text in MANY]


def states(directory):
    with Book.open(directory / "book.sqlite") as book:
        return [(batch.state, batch.identifier, batch.requests, batch.answered) for batch in book.batches()]


def paid_once(office, questions=MANY):
    return dict(office.paid) == dict.fromkeys(questions, 1)


def asked(*questions):
    return lambda room: room.texts(*questions)
