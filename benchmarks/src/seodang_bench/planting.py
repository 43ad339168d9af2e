"""Rows with errors planted in them, and how many of these a filter finds. Other modules plant; this one counts."""

from __future__ import annotations

import asyncio
import inspect
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang.plugins.loading import load_plugins
from seodang.testing import make_context


class Case(msgspec.Struct, frozen=True):
    """A row, and the code for which a filter has to drop it; nothing where it has to be kept."""

    record: seodang.Record
    code: str = ""


class Planted(msgspec.Struct, frozen=True):
    """The errors that are planted for one filter.

    With `marks`, a filter has found a row also where it set a tag of its own name; `code` then is that name.
    `error` names errors for which any reason is right, or any of `codes`: a row with any code in its case has this error.
    """

    filter: str
    cases: Callable[[random.Random], Sequence[Case]]
    language: str = "ko"
    options: Mapping[str, Any] = {}
    error: str = ""
    codes: Sequence[str] = ()
    marks: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the planted errors of one kind were found, and how many rows were taken for such that are none."""

    filter: str
    language: str
    code: str
    planted: int
    found: int
    wrong: int
    sound: int
    """Rows without an error of this kind that were sifted with them."""
    rows: str = "generated"

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0


def row(question: str, answer: str = "", *, language: str = "ko", **fields: Any) -> seodang.Record:
    return seodang.single_turn(question, answer, language=language, source="planted", **fields)


def seed_rows(language: str) -> list[seodang.Record]:
    """The seed tasks of a locale: written by people, so that an error found in them is a mistake of the filter."""
    return [row(task.instruction, task.output, language=language, input=task.input) for task in locale_of(language).seeds]


installed = cache(load_plugins)


@cache
def locale_of(language: str) -> seodang.Locale:
    locale = installed().find("locale", language).cls()
    assert isinstance(locale, seodang.Locale)
    return locale


def answered(record: seodang.Record, answer: str) -> seodang.Record:
    """The record with another last answer."""
    return msgspec.structs.replace(record, messages=(*record.messages[:-1], seodang.Message("assistant", answer)))


def numbered(cases: Sequence[Case]) -> list[Case]:
    return [Case(msgspec.structs.replace(case.record, id=f"row-{place}"), case.code) for place, case in enumerate(cases)]


def measure(planted: Planted, seed: int = 0) -> list[Found]:
    """What the filter finds of each kind of error, by its code."""
    cases = numbered(planted.cases(random.Random(seed)))
    told = sift(planted, [case.record for case in cases])
    return counted(planted, [case.code for case in cases], told)


def counted(planted: Planted, meant: Sequence[str], told: Sequence[str], rows: str = "generated") -> list[Found]:
    if planted.error:
        meant = [planted.error if code else "" for code in meant]
        told = [planted.error if code and code in (planted.codes or (code,)) else code for code in told]
    found: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for code, verdict in zip(meant, told, strict=True):
        if verdict:
            (found if verdict == code else wrong)[verdict] += 1
    planted_codes = Counter(code for code in meant if code)
    return [
        Found(
            filter=planted.filter,
            language=planted.language,
            code=code,
            planted=planted_codes[code],
            found=found[code],
            wrong=wrong[code],
            sound=len(meant) - planted_codes[code],
            rows=rows,
        )
        for code in sorted({*planted_codes, *wrong})
    ]


def sift(planted: Planted, records: Sequence[seodang.Record]) -> list[str]:
    """The code of each drop, or the filter's name where it left a mark; nothing for what passes."""
    return told(planted, records)[0]


def told(planted: Planted, records: Sequence[seodang.Record]) -> tuple[list[str], dict[str, Any]]:
    """The same, and the filter's own figures."""
    offers, name = installed(), planted.filter
    cls = offers.find("filter", name).cls
    capability = cls(msgspec.convert(dict(planted.options), cls.Options))
    context = make_context(Path.cwd(), language=planted.language, options=capability.options, offers=offers)
    assert isinstance(capability, seodang.Filter)

    async def verdicts() -> list[seodang.Keep | seodang.Drop]:
        given = capability.sift(records, context)
        return list(await given if inspect.isawaitable(given) else given)

    codes = [
        verdict.code if isinstance(verdict, seodang.Drop) else name if planted.marks and name in verdict.tags else ""
        for verdict in asyncio.run(verdicts())
    ]
    return codes, context.figures
