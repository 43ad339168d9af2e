"""What a recipe will ask and cost, from the real input: the questions are formed as they will be, and looked up in the ledger.

A question that was answered before costs nothing. For one that was not, the most it can cost is what a budget reserves, and
the likely cost is an estimate by script and by the answers bought so far. Nothing is sent.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import msgspec

from seodang.asking.keys import request_key
from seodang.asking.prices import price_of
from seodang.asking.rounds import InRounds
from seodang.asking.translating import TextKeys
from seodang.capabilities import Filter, Teacher
from seodang.context import Context
from seodang.errors import Refused
from seodang.recipes.resolving import Step
from seodang.records import Message, Record
from seodang.requests import Answer, Expected, Request
from seodang.runs.session import Session
from seodang.runs.translating import course_of
from seodang.runs.verbs import perform
from seodang.translation.course import Work
from seodang.translation.settings import Settings
from seodang.verdicts import Drop

ANSWER_TOKENS = 250
"""The length of an answer before any was bought: that of a few Korean sentences."""

QUESTION_TOKENS = 40
"""The length of an instruction that a lesson has yet to make."""
ASCII_A_TOKEN = 4
LETTERS_A_TOKEN = 3
"""A translation has about a token for so many letters of its text: Korean is half as long as English and takes two tokens for three letters."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """`exact` says whether the rows are those that will come, or at most as many (a filter or a lesson before was not run). Of a translator
    the requests are texts and the input is counted in characters (`unit`)."""

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
    declared: bool = False
    """The number of questions follows from what the lesson says of itself (`estimate()`), because they cannot be formed yet."""
    unit: str = "tokens"
    lying: int = 0
    """Questions whose answers are still being worked on in a batch; they are not among the requests."""
    students: int = 0
    """How many an evaluation measures; of any other step 0. Where not `exact`, what they say was not known and has been made up."""
    batches: int = 0
    """In how many batches the requests go, where they do not go alone."""


class NotBought(Exception):
    """The answer to a question is not in the ledger yet."""


MOST_GUESSES = 16
"""So many answers are made up for one record: a lesson that asks until it likes the answer would never end."""


class Guess:
    """The answers that are made up for one record, so that a coroutine of several questions asks them all."""

    def __init__(self) -> None:
        self.answers = 0
        self.follows = False
        """Whether a question came after one of them was there: it may depend on it."""
        self._given = False

    async def made(self) -> None:
        if self.answers == MOST_GUESSES:
            raise NotBought
        self.answers += 1
        self.follows = self.follows or self._given
        # Questions that are asked at the same time are all asked before the first of them is answered.
        await asyncio.sleep(0)
        self._given = True


_GUESS: ContextVar[Guess | None] = ContextVar("guess", default=None)


class Counting(InRounds):
    """Stands where `context.ask` stands and counts instead of asking.

    A coroutine of `each` is given an answer of the usual length that is made up where there is none, so that all its questions are
    counted; with `judged` every question is, so that those to a judge are counted, too.
    """

    def __init__(
        self,
        teacher: Teacher,
        teacher_id: str,
        find: Callable[[bytes], Answer | None],
        answer_tokens: int,
        *,
        judged: bool = False,
        changed: Callable[[bytes, Request], Request] = lambda key, request: request,
        lying: Collection[bytes] = (),
    ) -> None:
        """`lying` are the questions that lie in an open batch: they are paid for, and their answers will come."""
        self._changed = changed
        self._lying = lying
        self.lying = 0
        self._judged = judged
        self._teacher = teacher
        self._teacher_id = self.teacher_id = teacher_id
        self.identity, self.model = teacher.identity, str(getattr(teacher.options, "model", ""))
        self._find = find
        self._answer_tokens = answer_tokens
        self._seen: set[bytes] = set()
        self.requests = self.stored = self.input_tokens = self.output_tokens = self.likely = self.most = 0
        self.complete = True
        self.declared = False

    async def __call__(self, request: Request, *, record: str | Sequence[str] = "") -> Answer:
        answer = self._count(request)
        if answer is not None:
            return answer
        guess = _GUESS.get()
        if guess is not None:
            await guess.made()
        elif not self._judged:
            raise NotBought
        if guess is None or guess.follows:
            self.complete = False
        key, _ = request_key(self._teacher_id, self._teacher, request)
        return Answer(message=Message("assistant", stand_in(self._answer_tokens, key.hex()[:16])))

    async def each(self, records: AsyncIterator[Record], request_of: Any, **_: Any) -> AsyncIterator[tuple[Record, Any]]:
        async for record in records:
            guess = Guess()
            token = _GUESS.set(guess)
            try:
                asked = request_of(record)
                if asked is None:
                    result: Any = None
                elif inspect.isawaitable(asked):
                    result = await asked
                else:
                    result = self._count(asked)
                    guess.answers += result is None
            except NotBought:
                self.complete = False
            except Exception:
                # What was made up need not make sense to the lesson. What it asked until then is counted; what was bought must be read.
                if not guess.answers:
                    raise
                self.complete = False
            finally:
                _GUESS.reset(token)
            if not guess.answers:
                yield record, result

    def _count(self, request: Request) -> Answer | None:
        key, _ = request_key(self._teacher_id, self._teacher, request)
        if (answer := self._find(key)) is not None:
            self.stored += key not in self._seen
            self._seen.add(key)
            return answer
        if key not in self._seen:
            self._seen.add(key)
            if key in self._lying:
                self.lying += 1
            else:
                self._add(self._changed(key, request))
        return None

    def _add(self, request: Request, times: int = 1, answer_tokens: int = 0) -> None:
        self.requests += times
        most_in, most_out = self._teacher.most_tokens(request)
        tokens = sum(likely_tokens(message.text) for message in request.messages) + 4 * len(request.messages)
        output = min(answer_tokens or self._answer_tokens, most_out or sys.maxsize)
        self.input_tokens += tokens * times
        self.output_tokens += output * times
        price = price_of(self._teacher)
        if price is not None:
            self.likely += price.cost(tokens, output) * times
            self.most += price.cost(most_in, most_out) * times

    def expect_length(self, tokens: int) -> None:
        """Says how long the answers to the next questions are, where that is known better than from answers before."""
        self._answer_tokens = tokens

    def expect(self, questions: Sequence[Expected]) -> None:
        """Takes what a lesson says of itself instead of what was counted; what the ledger has answered is taken off it."""
        self.requests = self.input_tokens = self.output_tokens = self.likely = self.most = 0
        stored, self.declared = self.stored, True
        for expected in questions:
            done = min(stored, expected.times)
            stored -= done
            self._add(expected.request, expected.times - done, expected.output_tokens)


def likely_tokens(text: str) -> int:
    """A labelled guess: four letters a token in ASCII, one and a half characters a token elsewhere."""
    ascii_letters = sum(1 for character in text if character.isascii())
    return -(-ascii_letters // ASCII_A_TOKEN) + -(-(len(text) - ascii_letters) * 2 // 3)


def stand_in(tokens: int, name: str) -> str:
    """A text of so many tokens, another for every name: two questions about equal texts would be one."""
    return (f"{name} " + "0" * (ASCII_A_TOKEN * tokens))[: ASCII_A_TOKEN * tokens]


class Texts(msgspec.Struct):
    """What a translator will be given."""

    rows: int = 0
    texts: int = 0
    stored: int = 0
    characters: int = 0


def count_texts(session: Session, step: Step, records: Iterable[Record], is_stored: Callable[[bytes], bool]) -> Texts:
    """Each text once, as it is sent, with its marks; blank ones are not. What fails a check and is sent again is not foreseen."""
    settings = step.translation or Settings()
    counted = Texts()
    course = course_of(session, step)
    keys = TextKeys(step.capability, step.offer.id, settings.register, settings.glossary)
    seen: set[bytes] = set()
    for record in records:
        counted.rows += 1
        work = course.look(record)
        if not isinstance(work, Work):
            continue
        for text in course.texts(work):
            try:
                key, _ = keys.of(text, work.language, session.recipe.language)
            except UnicodeEncodeError:  # never sent: the record is set aside
                continue
            if key in seen:
                continue
            seen.add(key)
            if is_stored(key):
                counted.stored += 1
            else:
                counted.texts += 1
                counted.characters += len(text.text)
    return counted


async def count_asked_texts(session: Session, step: Step, records: Iterable[Record], counting: Counting) -> int:
    """Lets a translator that asks form its question to the teacher for each text. Gives the number of records."""
    course = course_of(session, step)
    contexts: dict[str, Context] = {}
    rows = 0
    for record in records:
        rows += 1
        work = course.look(record)
        if not isinstance(work, Work):
            continue
        if work.language not in contexts:
            contexts[work.language] = session.context(step, on_quarantine=lambda *_: None, source_language=work.language)
            contexts[work.language]._ask = counting  # type: ignore[assignment]
        for text in course.texts(work):
            counting.expect_length(-(-len(text.text) // LETTERS_A_TOKEN))
            with suppress(
                NotBought, Refused, UnicodeEncodeError
            ):  # counted; what is refused or cannot be sent costs nothing more
                await perform(step.capability.translate, [text], contexts[work.language])
    return rows


async def count_questions(
    lesson: Any, records: Iterable[Record], context: Context, counting: Counting, judging: Counting | None = None
) -> tuple[int, list[Record | Drop]]:
    """Lets the lesson form its questions, and those to a judge beside its teacher.

    Gives the number of records it was given and what it made of those answered before."""
    given = 0

    async def stream() -> AsyncIterator[Record]:
        nonlocal given
        for record in records:
            given += 1
            yield record

    context._ask = counting  # type: ignore[assignment]
    context._judge = judging  # type: ignore[assignment]
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

    context._ask = context._judge = counting  # type: ignore[assignment]
    for batch in [records] if sifter.whole else batches(records, BATCH):
        try:
            for _ in await perform(sifter.sift, batch, context):
                pass
        except NotBought:
            counting.complete = False
    return len(records)
