"""The formats that are one question and one answer under other names: KoAlpaca v1.1, Dolly, GPT4All, question and answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import CARRIES_TEXT_ONLY, NO_ANSWER, why_not_single, with_empty_answer, with_input
from seodang_instruct_data.columns import beside, carried, other_columns, tags_of


class SingleTurn(seodang.Format):
    """A question, perhaps what it is asked about, and an answer. `extras` are columns that become tags, and columns again."""

    question: ClassVar[str] = ""
    given: ClassVar[str] = ""
    answer: ClassVar[str] = ""
    cannot_carry = CARRIES_TEXT_ONLY

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            yield from self._record(row, context, self.question, self.answer)

    def _record(self, row: Row, context: seodang.Context, question: str, answer: str) -> Iterator[Record]:
        values, own = row.values, {question, answer, *self.columns}
        texts = [self.text(values.get(name)) for name in (question, self.given, answer)]
        asked, given, said = texts
        if asked is None or given is None or said is None:
            context.quarantine(
                row.where, "not-text", f"{', '.join(filter(None, (question, self.given, answer)))} have to be texts"
            )
        elif not asked.strip():
            context.quarantine(row.where, "no-question", f"{question} is empty or missing")
        else:
            messages = (Message("user", asked), Message("assistant", said)) if said else (Message("user", asked),)
            yield Record(
                messages=messages,
                input=given,
                tags=tags_of(values, self.extras) | ({} if said else {NO_ANSWER: True}),
                columns=other_columns(values, own),
            )

    @staticmethod
    def text(value: Any) -> str | None:
        """The text of a cell; an empty one where there is nothing, None where it is no text."""
        return value if isinstance(value, str) else "" if value is None else None

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in map(with_empty_answer, records):
            if reason := why_not_single(record):
                yield LeftOut(reason)
                continue
            row: dict[str, Any] = {self.question: record.question if self.given else with_input(record)[0].text}
            if self.given:
                row[self.given] = record.input
            row[self.answer] = record.answer
            row.update((name, carried(record, name)) for name in self.extras if name in extras)
            yield row | beside(record, self.columns)


class KoAlpaca(SingleTurn):
    """KoAlpaca v1.1: an instruction with everything in it, its output, and the page that it was made from."""

    name = "koalpaca"
    revision = 1
    question, answer = "instruction", "output"
    needs = ("instruction", "output")
    columns = ("instruction", "output", "url")
    extras = ("url",)
    example = {"instruction": "양파는 뿌리인가요?", "output": "아니요, 양파는 줄기입니다.", "url": "https://example.org/kin/1"}

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return super().recognises(values) and "input" not in values


class Dolly(SingleTurn):
    """Dolly-15k: an instruction, the context that it is asked about, a response, and the category of the task."""

    name = "dolly"
    revision = 1
    question, given, answer = "instruction", "context", "response"
    needs = ("instruction", "context", "response")
    columns = ("instruction", "context", "response", "category")
    extras = ("category",)
    example = {
        "instruction": "When did the school open?",
        "context": "The village school opened in 1902.",
        "response": "In 1902.",
        "category": "closed_qa",
    }


class GPT4All(SingleTurn):
    """GPT4All: a prompt, a response, and the data set that the prompt came from.

    Some of its texts lie in an object, as `value` or `description`; they are taken out.
    """

    name = "gpt4all"
    revision = 1
    question, answer = "prompt", "response"
    needs = ("prompt", "response", "source")
    columns = ("prompt", "response", "source")
    extras = ("source",)
    example = {"prompt": "How many legs has a spider?", "response": "Eight.", "source": "unified_chip2"}

    @staticmethod
    def text(value: Any) -> str | None:
        if isinstance(value, dict):
            value = value.get("value", value.get("description", value))
        return SingleTurn.text(value)


class QuestionAnswer(SingleTurn):
    """A table of questions and answers, in the spellings that people use: `Q,A`, `question,answer`, `질문,답변`."""

    name = "question-answer"
    revision = 1
    question, answer = "question", "answer"
    needs = ("question", "answer")
    columns = ("question", "answer", "label")
    extras = ("label",)
    example = {"question": "12시 땡!", "answer": "하루가 또 가네요.", "label": "0"}

    SPELLINGS = (
        ("question", "answer"), ("Question", "Answer"), ("Q", "A"), ("q", "a"), ("질문", "답변"), ("질문", "대답"), ("질문", "답"),
    )  # fmt: skip
    BESIDE = {"label", "id", "ID", "url", "source", "category", "title", "분류", "출처", "번호"}
    """What may stand beside them. With another column, such as a text or choices, the question alone would not be the question."""

    def recognises(self, values: Mapping[str, Any]) -> bool:
        pair = _spelling(values)
        return bool(pair) and self.BESIDE.issuperset(values.keys() - set(pair))

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            question, answer = _spelling(row.values) or (self.question, self.answer)
            yield from self._record(row, context, question, answer)


def _spelling(values: Mapping[str, Any]) -> tuple[str, str] | tuple[()]:
    return next((pair for pair in QuestionAnswer.SPELLINGS if pair[0] in values and pair[1] in values), ())
