"""What is wrong with a team's own seed file: every problem at once, each with its place.

Two kinds: a fault spoils what is made from the seeds; a remark is to be looked at, because it may be meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang.wording import Phrase, render

from seodang_handcrafted.likeness import Likeness
from seodang_handcrafted.rows import Wrong, records_of

MOST_LABEL = 40
"""A label of more characters, or of several lines, is an answer."""
HEAD = 150
"""Refusals stand at the beginning of an answer."""

FAULTS = frozenset(
    (
        *(
            "no-tasks",
            "bad-line",
            "not-text",
            "no-question",
            "no-instances",
            "not-yes-or-no",
            "no-turns",
            "bad-turn",
            "no-answer",
            "repeated-id",
        ),
        *("input-is-output", "question-is-answer", "duplicate", "near-duplicate", "other-language", "too-short", "too-long"),
        *("long-label", "personal-data"),
    )
)
REMARKS = frozenset(
    (
        "repeated-instruction",
        "answer-in-other-language",
        "mixed-registers",
        "other-register",
        "refusal",
        "self-reference",
        "unsuitable",
    )
)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem of a row. `facts` fill its message; they hold no personal data."""

    where: str
    code: str
    facts: Mapping[str, Any] = {}

    @property
    def fault(self) -> bool:
        return self.code in FAULTS

    @property
    def message(self) -> str:
        return render(f"seodang_handcrafted:{self.code}", self.facts)


class Shares(msgspec.Struct):
    """What the usable tasks of a file are like, in numbers."""

    rows: int = 0
    tasks: int = 0
    answered: int = 0
    with_input: int = 0
    classification: int = 0
    dialogues: int = 0
    registers: Counter[str] = msgspec.field(default_factory=Counter)


class SeedFile:
    """Checks one file against one language. `problems` and `shares` are complete when `check` has come to its end."""

    def __init__(self, context: seodang.Context, quarantined: Callable[[], list[tuple[str, str, str]]]) -> None:
        """`quarantined` gives the lines that could not be read since it was last asked: place, code, detail."""
        self._context = context
        self._locale = context.locale
        self._quarantined = quarantined
        self._ids: dict[str, str] = {}
        self._instructions: dict[str, str] = {}
        self._questions: dict[str, str] = {}
        self._order: dict[str, int] = {}
        self._tokens: list[list[str]] = []
        self.problems: list[Problem] = []
        self.shares = Shares()
        self.partly = 0
        """Questions that were not compared with all others that could be like them."""

    def check(self, path: Path, encoding: str | None = None) -> Iterator[int]:
        """Reads and checks; gives the number of rows seen, again and again, so that the caller can tell it."""
        for row in self._context.rows(path, encoding=encoding):
            self._take_bad_lines()
            self.shares.rows += 1
            self._row(row)
            yield self.shares.rows
        self._take_bad_lines()
        if not self.shares.rows:
            self._tell(path.name, "no-tasks")
        yield from self._compare()
        self.problems.sort(key=lambda problem: self._order[problem.where])

    def _tell(self, where: str, code: str, **facts: Any) -> None:
        self._order.setdefault(where, len(self._order))
        self.problems.append(Problem(where=where, code=code, facts=facts))

    def _take_bad_lines(self) -> None:
        for where, code, detail in self._quarantined():
            self.shares.rows += 1
            self._tell(where, "bad-line", reason=Phrase(f"files.bad-{code}", {"detail": detail}))

    def _row(self, row: seodang.Row) -> None:
        self._order.setdefault(row.where, len(self._order))
        records = records_of(row.values)
        if isinstance(records, Wrong):
            self._tell(row.where, records.code, **records.facts)
            return
        name = records[0].tags.get("seed", "")
        if name and self._ids.setdefault(name, row.where) != row.where:
            self._tell(row.where, "repeated-id", id=name, other=self._ids[name])
        for record in records:
            self._task(row.where, record)

    def _task(self, where: str, record: seodang.Record) -> None:
        self.shares.tasks += 1
        self.shares.with_input += bool(record.input.strip())
        self.shares.classification += record.tags.get("classification") is True
        self.shares.dialogues += len(record.messages) > 2
        self._question(where, record)
        self._repeated(where, record)
        if record.answer.strip():
            self.shares.answered += 1
            self._answer(where, record)
        else:
            self._tell(where, "no-answer")
        texts = [*(message.text for message in record.messages), record.input]
        if kinds := sorted({found.kind for text in texts for found in self._locale.personal_data(text)}):
            self._tell(where, "personal-data", kinds=kinds)

    def _question(self, where: str, record: seodang.Record) -> None:
        self._length(where, "instruction", record.question)
        self._length(where, "input", record.input)
        if _has_letters(record.question) and not self._locale.is_written_in(record.question):
            self._tell(where, "other-language", language=self._locale.language)
        if words := self._locale.mentions(record.question, self._locale.unsuitable):
            self._tell(where, "unsuitable", words=words)

    def _answer(self, where: str, record: seodang.Record) -> None:
        locale, answer = self._locale, record.answer
        if answer.strip() == record.input.strip():
            self._tell(where, "input-is-output")
        if answer.strip() == record.question.strip():
            self._tell(where, "question-is-answer")
        self._length(where, "answer", answer)
        if record.tags.get("classification") is True:
            if len(answer.strip()) > MOST_LABEL or "\n" in answer.strip():
                self._tell(where, "long-label", length=len(answer.strip()), most=MOST_LABEL)
            return
        if _has_letters(answer) and not locale.is_written_in(answer):
            self._tell(where, "answer-in-other-language", language=locale.language)
        self._register(where, record)
        head = answer[:HEAD]
        said = [phrase for phrase in locale.refusals if phrase in head]
        if said or self._matches("refusal", head):
            self._tell(where, "refusal", words=said[:1])
        if self._matches("self-reference", head):
            self._tell(where, "self-reference")

    def _register(self, where: str, record: seodang.Record) -> None:
        level = self._locale.speech_level(record.answer)
        if level:
            self.shares.registers[level] += 1
        stated = record.tags.get("register", "")
        if stated in self._locale.speech_levels and level and level != stated:
            self._tell(where, "other-register", stated=stated, found=level)
        elif level == self._locale.mixed:
            counts = self._locale.speech_counts(record.answer)
            self._tell(where, "mixed-registers", levels=[f"{name} {count}" for name, count in sorted(counts.items())])

    def _length(self, where: str, part: str, text: str) -> None:
        length = self._locale.length(text)
        least, most = self._locale.limits.get(f"{part}-least", 0), self._locale.limits.get(f"{part}-most", 0)
        facts = {"part": Phrase(f"seodang_handcrafted:part-{part}"), "length": length, "unit": self._unit}
        if length < least:
            self._tell(where, "too-short", limit=least, **facts)
        elif most and length > most:
            self._tell(where, "too-long", limit=most, **facts)

    @property
    def _unit(self) -> Phrase:
        return Phrase(f"seodang_handcrafted:unit-{self._locale.unit}")

    def _matches(self, name: str, text: str) -> bool:
        return name in self._locale.patterns and re.search(self._locale.patterns[name], text) is not None

    def _repeated(self, where: str, record: seodang.Record) -> None:
        instruction = " ".join(self._locale.normal(record.question).casefold().split())
        question = f"{instruction}\0{' '.join(self._locale.normal(record.input).casefold().split())}"
        if (other := self._questions.get(question)) is not None:
            self._tell(where, "duplicate", other=other)
            return
        self._questions[question] = where
        if (other := self._instructions.setdefault(instruction, where)) != where:
            self._tell(where, "repeated-instruction", other=other)
        self._tokens.append(list(self._locale.similarity_tokens(f"{record.question}\n{record.input}")))

    def _compare(self) -> Iterator[int]:
        likeness = Likeness(self._locale.limits.get("similarity-percent", 70))
        places = list(self._questions.values())
        for found in likeness.find(self._tokens):
            if found is not None and places[found.number] != places[found.other]:
                facts = {"other": places[found.other], "percent": found.percent}
                self.problems.append(Problem(where=places[found.number], code="near-duplicate", facts=facts))
            yield self.shares.rows
        self.partly = likeness.partly


def _has_letters(text: str) -> bool:
    """Whether there is anything to tell a language by, beside code."""
    return any(sign.isalpha() for sign in re.sub(r"```.*?(?:```|\Z)|`[^`\n]+`", " ", text, flags=re.DOTALL))


__all__ = ["FAULTS", "HEAD", "MOST_LABEL", "REMARKS", "Problem", "SeedFile", "Shares"]
