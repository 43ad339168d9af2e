"""What is asked: the question files of the published evaluations, in whatever columns each of them has, and a team's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang

LISTS = ("turns", "choices", "instances", "questions", "references", "reference")
"""Columns with lists in them, which a table of flat cells holds as JSON."""


class Question(msgspec.Struct, frozen=True):
    """One item: what the user says, turn by turn, and where known what a right answer says to each."""

    id: str
    turns: tuple[str, ...]
    category: str = ""
    references: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By which answers are found that stand beside the words of the question and not beside its number."""
        return key_of(self.turns[0])


def key_of(text: str) -> str:
    return " ".join(seodang.nfc(text).split())


def read_questions(paths: Sequence[Path], context: seodang.Context, references: Sequence[Path] = ()) -> list[Question]:
    """The questions of files. `references` are FastChat's files of reference answers, put to the questions by their number."""
    known = {}
    for path in references:
        for row in context.rows(path, lists=LISTS):
            known[_id(row.values, "")] = turns_of_answer(row.values)
    found: dict[str, Question] = {}
    for path in paths:
        for number, row in enumerate(context.rows(path, lists=LISTS)):
            question = _question(row.values, f"{path.stem}-{number}", known)
            if question is None:
                raise seodang.DataError("seodang_alpaca_eval:no-question", where=row.where, columns=sorted(row.values))
            if question.id in found:
                raise seodang.DataError("seodang_alpaca_eval:same-id", where=row.where, id=question.id)
            found[question.id] = question
    if not found:
        raise seodang.DataError("seodang_alpaca_eval:empty", paths=[str(path) for path in paths])
    return list(found.values())


def of_records(records: Iterable[seodang.Record]) -> list[Question]:
    """The records that the seeds held out, as questions of one turn; their own answers are references."""
    return [
        Question(
            id=record.id,
            turns=(_joined(record.question, record.input),),
            category=record.source,
            references=(record.answer,) if record.answered and record.answer.strip() else (),
        )
        for record in records
    ]


def turns_of_answer(row: Mapping[str, Any]) -> tuple[str, ...]:
    """An answer as AlpacaEval (`output`), Vicuna's evaluation (`text`) or FastChat (`choices`) writes it. Empty where it is none of them."""
    if choices := row.get("choices"):
        return tuple(str(turn) for turn in choices[0]["turns"])
    for column in ("output", "text", "answer"):
        if isinstance(row.get(column), str):
            return (str(row[column]),)
    return ()


def _question(row: Mapping[str, Any], otherwise: str, known: Mapping[str, tuple[str, ...]]) -> Question | None:
    identity = _id(row, otherwise)
    turns, references = _turns(row)
    if not turns or not all(turn.strip() for turn in turns):
        return None
    category = str(row.get("category") or row.get("dataset") or row.get("motivation_app") or "")
    return Question(identity, tuple(turns), category, tuple(references) or known.get(identity, ()))


def _id(row: Mapping[str, Any], otherwise: str) -> str:
    for column in ("question_id", "id"):
        if row.get(column) not in (None, ""):
            return str(row[column])
    return otherwise


def _turns(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What is asked and, where the file says so, what a right answer says. A model's own `output` is no reference."""
    for column in ("turns", "questions"):
        if isinstance(row.get(column), list):
            said = row.get("reference") or row.get("references") or []
            return [str(turn) for turn in row[column]], [str(turn) for turn in said if turn]
    if isinstance(row.get("instances"), list) and row["instances"]:
        first = row["instances"][0]
        return [_joined(str(row.get("instruction", "")), str(first.get("input", "")))], [str(first.get("output", ""))]
    for column in ("instruction", "text", "question", "prompt"):
        if isinstance(row.get(column), str):
            reference = row.get("reference")
            return [_joined(row[column], str(row.get("input") or ""))], [str(reference)] if reference else []
    return [], []


def _joined(text: str, given: str) -> str:
    return f"{text}\n\n{given}" if given.strip() else text


def conversation(question: Question, answers: Sequence[str]) -> seodang.Record:
    """The conversation up to the next answer, under the question's id."""
    turns: list[seodang.Message] = []
    for said, asked in zip((*answers, ""), question.turns, strict=False):
        turns.append(seodang.Message("user", asked))
        if len(turns) < 2 * len(answers):
            turns.append(seodang.Message("assistant", said))
    return seodang.Record(messages=tuple(turns), id=question.id, source="questions")
