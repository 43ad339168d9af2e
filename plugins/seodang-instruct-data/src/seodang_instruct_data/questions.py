"""Questions in several turns, perhaps with the answers that are expected: LogicKor and MT-bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import seodang
from seodang import LeftOut, Message, Record, Row

from seodang_instruct_data.asking import with_input
from seodang_instruct_data.columns import beside, carried, other_columns, tags_of


class LogicKor(seodang.Format):
    """A list of questions and a list of references. A reference follows its question as the assistant's turn, where there is one.

    Made for evaluations: without references the questions stand one after the other, and only the last one is open.
    """

    name = "logickor"
    revision = 1
    questions: ClassVar[str] = "questions"
    references: ClassVar[str] = "references"
    head: ClassVar[tuple[str, ...]] = ("id", "category")
    needs = ("questions", "category")
    columns = ("id", "category", "questions", "references")
    cannot_carry = ("thinking", "weight", "tools", "candidates")
    example: ClassVar[Mapping[str, Any]] = {
        "id": 1,
        "category": "추론(Reasoning)",
        "questions": ["사과 셋에서 하나를 먹으면 몇 개가 남나요?", "하나를 더 먹으면요?"],
        "references": ["두 개", None],
    }

    def recognises(self, values: Mapping[str, Any]) -> bool:
        return super().recognises(values) and isinstance(values[self.questions], list)

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            questions, references = values.get(self.questions), values.get(self.references) or []
            if not isinstance(questions, list) or not questions or not all(isinstance(text, str) and text for text in questions):
                context.quarantine(row.where, "no-question", f"{self.questions} is no list of texts")
                continue
            if not isinstance(references, list) or not all(isinstance(text, str | None) for text in references):
                context.quarantine(row.where, "not-text", f"{self.references} is no list of texts")
                continue
            if len(references) > len(questions):
                context.quarantine(row.where, "more-references", f"{len(references)} references to {len(questions)} questions")
                continue
            messages = []
            for place, question in enumerate(questions):
                messages.append(Message("user", question))
                if place < len(references) and references[place]:
                    messages.append(Message("assistant", references[place]))
            yield Record(messages=tuple(messages), tags=tags_of(values, self.head), columns=other_columns(values, self.columns))

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        for record in records:
            questions: list[str] = []
            references: list[str | None] = []
            reason = "" if record.messages else "empty"
            for message in with_input(record):
                if message.role == "user":
                    questions.append(message.text)
                    references.append(None)
                elif message.role == "assistant" and questions and references[-1] is None and message.text and not message.calls:
                    references[-1] = message.text
                else:
                    reason = "tools" if message.role == "tool" or message.calls else "order"
            if reason or not all(questions):
                yield LeftOut(reason or "unasked")
                continue
            row = {name: carried(record, name) for name in self.head}
            row[self.questions], row[self.references] = questions, references
            yield row | beside(record, self.columns)


class MTBench(LogicKor):
    """MT-bench and its Korean versions: `turns`, and the reference answers of some categories."""

    name = "mt-bench"
    revision = 1
    questions, references = "turns", "reference"
    head = ("question_id", "category")
    needs = ("turns", "question_id")
    columns = ("question_id", "category", "turns", "reference")
    example = {
        "question_id": 101,
        "category": "reasoning",
        "turns": ["You overtake the second runner. What is your place?", "And if you overtake the last one?"],
        "reference": ["Second.", "That cannot be done."],
    }
