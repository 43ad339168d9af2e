"""What the students and the teacher say, and whether it is right."""

from __future__ import annotations

import asyncio
import inspect
import re
import string
from collections.abc import AsyncIterator, Sequence
from typing import Any

import seodang

from seodang_study.questions import Closed

_NOT_A_LETTER = re.compile(r"[^\w]+")
_NUMBER = re.compile(r"(?<![\d.,])(?:(?<!\w)[-−])?\d+(?:,\d{3})*(?:\.\d+)?")
_LETTER = re.compile(r"^\W*([A-Z])(?![A-Za-z0-9_'’ ])")
"""`B`, `(B)`, `B입니다`, and not the article of `A lion`."""


async def of_student(student: seodang.Student, asked: Sequence[tuple[str, str]], tokens: int) -> list[str]:
    """What it says to texts, each under its id, by which answers that lie in a file are found.

    In a thread, so that the run can be stopped meanwhile; a student behind a server has a coroutine instead.
    """
    conversations = [seodang.single_turn(text, id=name) for name, text in asked]
    answers = await _given(student.generate, conversations, tokens)
    if len(answers) != len(asked):
        raise seodang.DataError("seodang_study:answers-missing", asked=len(asked), answered=len(answers))
    return [answer.strip() for answer in answers]


async def of_teacher(texts: Sequence[str], context: seodang.Context, *, sample: int = 0) -> list[str | None]:
    """Through the ledger. None where it refused or was cut off."""

    async def records() -> AsyncIterator[seodang.Record]:
        for number, text in enumerate(texts):
            yield seodang.single_turn(text, id=str(number))

    def request(record: seodang.Record) -> seodang.Request:
        return seodang.Request(messages=record.messages, sample=sample)

    found: dict[str, str] = {}
    async for record, answer in context.ask.each(records(), request):
        found[record.id] = answer.message.text.strip()
    return [found.get(str(number)) for number in range(len(texts))]


def tells_likelihoods(student: seodang.Student) -> bool:
    """One whose answers are written has weighed nothing."""
    return type(student).loglikelihoods is not seodang.Student.loglikelihoods and not student.written


async def choices_of(student: seodang.Student, questions: Sequence[Closed], tokens: int, *, weighed: bool) -> list[str]:
    """What the student says to closed questions. Of choices it takes the likeliest for its length, where they are `weighed`."""
    likely = [one for one in questions if one.choices and weighed]
    asked = [one for one in questions if not (one.choices and weighed)]
    said: dict[str, str] = {}
    if asked:
        answers = await of_student(student, [(one.id, one.asked) for one in asked], tokens)
        said |= dict(zip([one.id for one in asked], answers, strict=True))
    if likely:
        pairs = [(one.text, f" {choice}") for one in likely for choice in one.choices]
        values = iter(await _given(student.loglikelihoods, pairs))
        for one in likely:
            each = {choice: next(values) / max(len(choice), 1) for choice in one.choices}
            if any(value != value for value in each.values()):
                raise seodang.DataError("seodang_study:not-a-likelihood", id=one.id)
            said[one.id] = max(each, key=each.__getitem__)
    return [said[one.id] for one in questions]


def is_right(question: Closed, said: str, locale: seodang.Locale) -> bool:
    """Whether the answer says the right thing: of choices that one alone, else any of its spellings as a word of its own.

    A number is right where it is the last that is said: 3.5 is not 3, and who adds 3 and 4 says both before he says 7.
    """
    if question.choices:
        return chosen(question, said, locale) == question.answers[0]
    numbers = _NUMBER.findall(said)
    words = [answer for answer in question.answers if not _NUMBER.fullmatch(answer)]
    if len(words) < len(question.answers) and numbers:
        last = _value(numbers[-1])
        if any(_value(answer) == last for answer in question.answers if _NUMBER.fullmatch(answer)):
            return True
    return any(_is_same(answer, said) for answer in words) or bool(locale.mentions(said, words))


def chosen(question: Closed, said: str, locale: seodang.Locale) -> str:
    """The choice that an answer means: its words, its letter at the beginning, or the only one that is mentioned; else none."""
    for choice in question.choices:
        if _is_same(choice, said):
            return choice
    if letter := _LETTER.match(said):
        place = string.ascii_uppercase.index(letter[1])
        if place < len(question.choices):
            return question.choices[place]
    named = locale.mentions(said, question.choices)
    return named[0] if len(named) == 1 else ""


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _is_same(answer: str, said: str) -> bool:
    """By their letters; signs alone by themselves, for an answer without a letter is not every one of these."""
    return answer.strip() == said.strip() or (_plain(answer) == _plain(said) != "")


def _plain(text: str) -> str:
    return _NOT_A_LETTER.sub("", seodang.nfc(text).casefold())


async def _given(verb: Any, *arguments: Any) -> Any:
    if inspect.iscoroutinefunction(verb):
        return await verb(*arguments)
    given = await asyncio.to_thread(verb, *arguments)
    return await given if inspect.isawaitable(given) else given
