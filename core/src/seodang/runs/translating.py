"""The verb `translate`: brings records into the recipe's language, text by text, through the ledger.

What of a record is sent and what is made of what comes back is the room `translation`; here records are read ahead as far as
requests can be filled, and written in their order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from seodang.asking.translating import Desk
from seodang.capabilities import Translator
from seodang.context import Context
from seodang.errors import RemoteError
from seodang.files.shards import RecordStream
from seodang.locales import Locale
from seodang.plugins.offers import Offers
from seodang.recipes.resolving import Step
from seodang.records import Record
from seodang.requests import Text
from seodang.runs.asked_texts import AskedTexts
from seodang.runs.made import Made, made_of
from seodang.runs.output import Output, joined_terms
from seodang.runs.session import Session
from seodang.runs.verbs import blamed
from seodang.translation.course import Course, Done, Left, Passed, Work
from seodang.translation.documents import told
from seodang.translation.settings import Settings

AHEAD = 4
"""So many times what can be under way is read ahead: a record that is asked about twice then holds nobody up."""
LEAST_AHEAD = 2_048
MOST_ROWS = 16_384
"""Records that wait for one before them. Those that pass by cost no request, and would else be read to the end."""
ROWS_A_TURN = 8
"""After so many records the loop turns, so that what was packed is sent while more is read."""
TURNS_TO_SETTLE = 4
"""Turns of the loop until all who waited for a text that came back have asked for what they need next."""

MOST_FOR_A_BYTE = 25
"""Characters that are sent for a byte of the records, at the very most: a mark around each. Where even so many are left, which is usual,
nothing needs to be counted."""

_Ending = Passed | Done | Left


class Locales:
    """The locales by language, each made once; None for a language that has none here."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._names = {offer.name for offer in offers.all("locale")}
        self._found: dict[str, Locale | None] = {}

    def of(self, language: str) -> Locale | None:
        if language not in self._found:
            name = next((name for name in (language, language.partition("-")[0]) if name in self._names), "")
            locale = self._offers.find("locale", name).cls() if name else None
            self._found[language] = locale if isinstance(locale, Locale) else None
        return self._found[language]


def course_of(session: Session, step: Step) -> Course:
    """The step's way with records, as a run and a plan both go it."""
    settings = step.translation or Settings()
    splitter = session.find("splitter", settings.splitter, {}).split if settings.splitter else None  # type: ignore[attr-defined]
    return Course(settings, step.capability, session.recipe.language, Locales(session.offers).of, splitter)


async def run_translate(session: Session, step: Step, directory: Path) -> Made:
    output = Output(directory, session.redact)
    stream = RecordStream(session.flow)
    session.progress.begin_rows(len(stream), output)
    course = course_of(session, step)
    await _refuse_more_than_left(session, step, stream)
    try:
        async with _desk(session, step) as desk:
            await _through(session, stream, _Rows(step, course, desk, output), output)
    except Exception as error:
        raise blamed(error, step, "translate()") from error
    _warn_of_nothing(session, step, output, course)
    return made_of(output, **_figures(course))


async def _through(session: Session, stream: RecordStream, rows: _Rows, output: Output) -> None:
    try:
        for number, record in enumerate(stream, 1):
            output.rows["in"] = number
            rows.add(record)
            if number % ROWS_A_TURN == 0:
                await asyncio.sleep(0)
            while rows.is_full:
                await rows.write_first()
            session.progress.tell(output.rows["in"], len(stream), {})
        rows.flush()
        while rows.waiting:
            await rows.write_first()
    finally:
        await rows.close()


@asynccontextmanager
async def _desk(session: Session, step: Step) -> AsyncIterator[Desk | AskedTexts]:
    """Where texts are handed in: to be packed and paid here, or by the translator that asks the step's teacher."""
    if not step.capability.asks:
        yield Desk(
            step.capability,
            step.offer.id,
            ledger=session.ledger,
            lane=session.lane(step.offer.id, step.capability),
            context_of=lambda language: _context(session, step, language),
            stop=session.stop,
            step=step.entry.name,
            allow_unknown_price=session.wishes.allow_unknown_price,
        )
        return
    asking = _context(session, step, "")

    def context_of(language: str) -> Context:
        context = _context(session, step, language)
        context._ask = asking._ask
        return context

    async with session.asking(step, asking, lambda *_: None):
        yield AskedTexts(step.capability, step.offer.id, context_of)


def _context(session: Session, step: Step, language: str) -> Context:
    return session.context(step, on_quarantine=lambda *_: None, source_language=language)


class TooLittleLeft(RemoteError):
    """The account cannot pay for what would be sent. Nothing was."""

    def __init__(self, step: Step, needed: int, left: int) -> None:
        super().__init__()
        self.code = "translation.too-little-left"
        self.facts = {"number": step.entry.number, "step": step.entry.name, "needed": needed, "left": left}


class _Rows:
    """The records that were read and are not written yet, in their order."""

    def __init__(self, step: Step, course: Course, desk: Desk | AskedTexts, output: Output) -> None:
        self.waiting: deque[_Ending | asyncio.Task[_Ending]] = deque()
        self._step = step
        self._course = course
        self._desk = desk
        self._output = output
        translator = step.capability
        working = step.teacher[1] if step.teacher else translator
        under_way = getattr(working.options, "in_flight", 8) * translator.max_texts
        self._terms = (*translator.terms, *(working.terms if step.teacher else ()))
        self._most_texts = max(LEAST_AHEAD, AHEAD * under_way)

    @property
    def is_full(self) -> bool:
        return bool(self.waiting) and (self._desk.waiting >= self._most_texts or len(self.waiting) >= MOST_ROWS)

    def add(self, record: Record) -> None:
        """Hands in what of the record is sent. What goes on as it stands is written at once where nobody waits before it."""
        ending = self._begun(record)
        if not self.waiting and not isinstance(ending, asyncio.Task):
            self._write(ending)
        else:
            self.waiting.append(ending)

    def _begun(self, record: Record) -> _Ending | asyncio.Task[_Ending]:
        entry = self._step.entry
        if entry.only and record.source not in entry.only:
            self._course.figures["passed"] += 1
            return Passed(record)
        found = self._course.look(record)
        if not isinstance(found, Work):
            return found
        self._course.begin(found, self._ask)
        # No other record shares the context of this one's turns.
        self._desk.flush(only_with_before=True)
        return asyncio.get_running_loop().create_task(self._course.finish(found, self._ask))

    def _ask(self, text: Text, language: str, record: Record) -> asyncio.Future[Any]:
        return self._desk.ask(text, language, record.id)

    async def write_first(self) -> None:
        """Waits for the first record, and writes all that are done."""
        first = self.waiting[0]
        while isinstance(first, asyncio.Task) and not first.done():
            if not self._desk.under_way:
                for _ in range(TURNS_TO_SETTLE):
                    await asyncio.sleep(0)
                if not self._desk.under_way and not first.done():
                    # Everybody waits, and nothing is on its way: what is packed goes as it is.
                    self._desk.flush(only_with_before=False)
            awaited: set[asyncio.Future[Any]] = {first, self._desk.news()}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        while self.waiting:
            ending = self.waiting[0]
            if isinstance(ending, asyncio.Task):
                if not ending.done():
                    return
                ending = ending.result()
            self.waiting.popleft()
            self._write(ending)

    def _write(self, ending: _Ending) -> None:
        translator = self._step.capability
        if isinstance(ending, Left):
            if ending.dropped:
                self._output.drop(ending.record, ending.code, ending.detail)
            else:
                self._output.quarantine(ending.code, ending.detail, record=ending.record)
        elif isinstance(ending, Done):
            terms = joined_terms(ending.record.terms, self._terms, translator.clears)
            self._output.keep(msgspec.structs.replace(ending.record, terms=terms), changed=True)
        else:
            self._output.keep(ending.record, changed=ending.changed)

    def flush(self) -> None:
        """No more records will come: what waits for more texts goes as it is."""
        self._desk.flush()

    async def close(self) -> None:
        """What was sent is stored; nothing is left running."""
        try:
            await self._desk.close()
        finally:
            tasks = [row for row in self.waiting if isinstance(row, asyncio.Task)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _refuse_more_than_left(session: Session, step: Step, stream: RecordStream) -> None:
    """Asks what the account has left, and counts what will be sent, before anything is: only where a translator can say."""
    translator = step.capability
    if type(translator).left is Translator.left:
        return
    try:
        left = await translator.left(_context(session, step, ""))
    except Exception as error:
        raise blamed(error, step, "left()") from error
    if left is None or left >= MOST_FOR_A_BYTE * sum(
        part.stat().st_size for place in session.flow for part in place.glob("*.jsonl")
    ):
        return
    from seodang.runs.estimating import count_texts

    counted = count_texts(session, step, stream, lambda key: session.ledger.find(key) is not None)
    if counted.characters > left:
        raise TooLittleLeft(step, counted.characters, left)


def _warn_of_nothing(session: Session, step: Step, output: Output, course: Course) -> None:
    """A source that says nothing of its language is taken for the recipe's, and then nothing is translated, which surprises."""
    if output.rows["in"] and course.figures["passed"] == output.rows["in"] and not step.entry.only:
        _context(session, step, "").warn("translation.nothing", step=step.entry.name, language=session.recipe.language)


def _figures(course: Course) -> Mapping[str, Any]:
    """What the step counted. Nothing of it depends on how often the run was interrupted."""
    found: dict[str, Any] = dict(course.figures)
    for name, counts in (("protected", course.protected), ("language_tasks", course.tasks), ("warnings", course.warnings)):
        if counts:
            found[name] = told(counts)
    return found
