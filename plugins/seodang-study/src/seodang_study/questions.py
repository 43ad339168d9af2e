"""What is asked: prompts that anything may answer, and closed questions of which the right answer is known."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import seodang

LISTS = ("turns", "choices", "answer")
"""Columns with lists in them, which a table of flat cells holds as JSON."""
Kind = TypeVar("Kind")
_ASKED = ("instruction", "question", "prompt", "text")
_SAID = ("output", "answer", "text", "reference")


class Prompt(msgspec.Struct, frozen=True):
    """Something to answer. `reference` is the teacher's answer, where it came along."""

    id: str
    text: str
    reference: str = ""


class Closed(msgspec.Struct, frozen=True):
    """A question with one right answer, in one of the spellings of `answers`; with `choices`, one of these."""

    id: str
    text: str
    answers: tuple[str, ...]
    choices: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """As it is put to whoever answers in words."""
        lines = [f"{letter}. {choice}" for letter, choice in zip(string.ascii_uppercase, self.choices, strict=False)]
        return "\n".join([self.text, *lines])


def key_of(text: str) -> str:
    """By which answers are found that stand beside the words of the question and not beside its number."""
    return " ".join(seodang.nfc(text).split())


def prompts_in(paths: Sequence[Path], context: seodang.Context) -> list[Prompt]:
    found: dict[str, Prompt] = {}
    for path in paths:
        for number, row in enumerate(context.rows(path, lists=LISTS)):
            text = _question(row.values)
            if not text:
                raise seodang.DataError("seodang_study:no-question", where=row.where, columns=sorted(row.values))
            reference = row.values.get("output") or row.values.get("reference") or ""
            _add(found, Prompt(_id(row.values, path, number), text, str(reference)), row.where)
    return _some(found, paths)


def prompts_of(records: Iterable[seodang.Record]) -> list[Prompt]:
    """The rows that the seeds hold out; an answer that they have is the teacher's."""
    return [
        Prompt(record.id, _joined(record.question, record.input), record.answer if record.answered else "") for record in records
    ]


def closed_in(paths: Sequence[Path], context: seodang.Context) -> list[Closed]:
    found: dict[str, Closed] = {}
    for path in paths:
        for number, row in enumerate(context.rows(path, lists=LISTS)):
            text = _question(row.values)
            if not text:
                raise seodang.DataError("seodang_study:no-question", where=row.where, columns=sorted(row.values))
            choices = row.values.get("choices") or ()
            if not isinstance(choices, list | tuple) or len(choices) == 1:
                raise seodang.DataError("seodang_study:not-choices", where=row.where, choices=str(choices))
            choices = tuple(seodang.nfc(str(choice)).strip() for choice in choices)
            answers = _right(row.values.get("answer"), choices)
            if not answers:
                raise seodang.DataError("seodang_study:no-answer", where=row.where, answer=str(row.values.get("answer", "")))
            _add(found, Closed(_id(row.values, path, number), text, answers, choices), row.where)
    return _some(found, paths)


def answers_in(paths: Sequence[Path], context: seodang.Context) -> dict[str, str]:
    """A file of answers, under the number of the question and under its words."""
    found: dict[str, str] = {}
    for path in paths:
        for row in context.rows(path, lists=LISTS):
            asked = _question({name: value for name, value in row.values.items() if name != "text" or "output" in row.values})
            said = next((str(row.values[name]) for name in _SAID if isinstance(row.values.get(name), str)), "")
            if not said.strip():
                raise seodang.DataError("seodang_study:nothing-said", where=row.where, columns=sorted(row.values))
            for column in ("question_id", "id"):
                if row.values.get(column) not in (None, ""):
                    found[str(row.values[column])] = said
            if asked:
                found[key_of(asked)] = said
    return found


def texts_in(prompts: Sequence[Prompt], closed: Sequence[Closed]) -> Iterator[str]:
    for one in (*prompts, *closed):
        yield one.text


def _right(answer: Any, choices: Sequence[str]) -> tuple[str, ...]:
    """The spellings of the right answer. Among choices it is told by its place from 0, its letter, or its words."""
    if not choices:
        given = answer if isinstance(answer, list | tuple) else () if answer is None else (answer,)
        return tuple(text for one in given if (text := seodang.nfc(str(one)).strip()))
    text = str(answer).strip() if answer is not None else ""
    if text in choices:
        return (text,)
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < len(choices):
        return (choices[answer],)
    letter = string.ascii_uppercase.find(text.upper()) if len(text) == 1 else -1
    return (choices[letter],) if 0 <= letter < len(choices) else ()


def _question(row: Mapping[str, Any]) -> str:
    turns = row.get("turns")
    if isinstance(turns, list) and turns:
        return str(turns[0]).strip()
    asked = next((str(row[name]) for name in _ASKED if isinstance(row.get(name), str)), "")
    return _joined(asked, str(row.get("input") or "")).strip()


def _id(row: Mapping[str, Any], path: Path, number: int) -> str:
    return next((str(row[name]) for name in ("question_id", "id") if row.get(name) not in (None, "")), f"{path.stem}-{number}")


def _add(found: dict[str, Any], one: Prompt | Closed, where: str) -> None:
    if one.id in found:
        raise seodang.DataError("seodang_study:same-id", where=where, id=one.id)
    found[one.id] = one


def _some(found: dict[str, Kind], paths: Sequence[Path]) -> list[Kind]:
    if not found:
        raise seodang.DataError("seodang_study:empty", paths=[str(path) for path in paths])
    return list(found.values())


def _joined(text: str, given: str) -> str:
    return f"{text}\n\n{given}" if given.strip() else text
