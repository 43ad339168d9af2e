"""HC3: one question with the answers that people gave and those that ChatGPT gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
import seodang
from seodang import Candidate, LeftOut, Message, Record, Row

from seodang_instruct_data.asking import NO_ANSWER, with_input
from seodang_instruct_data.columns import beside, carried, other_columns, tags_of

_AUTHORS = {"human_answers": "human", "chatgpt_answers": "chatgpt"}


class HC3(seodang.Format):
    """A question is a record whose answers are candidates, told apart by their author; or, with `answers`, a record per answer."""

    name = "hc3"
    revision = 1
    needs = ("question", "human_answers", "chatgpt_answers")
    columns = ("question", "human_answers", "chatgpt_answers", "source")
    extras = ("source",)
    cannot_carry = ("thinking", "weight", "tools")
    example = {
        "question": "Why is the sky blue?",
        "human_answers": ["Because of Rayleigh scattering.", "It scatters blue light."],
        "chatgpt_answers": ["The sky appears blue because air scatters short wavelengths more."],
        "source": "reddit_eli5",
    }

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        answers: Annotated[
            Literal["candidates", "each", "human", "chatgpt"],
            msgspec.Meta(
                description="All answers as candidates of one record; or a record for each answer, perhaps of one author."
            ),
        ] = "candidates"

    def read(self, rows: Iterator[Row], context: seodang.Context) -> Iterator[Record]:
        for row in rows:
            values = row.values
            question, answers = values.get("question"), [values.get(name) or [] for name in _AUTHORS]
            if not isinstance(question, str) or not question.strip():
                context.quarantine(row.where, "no-question", "the question is empty, missing or no text")
                continue
            if not all(isinstance(given, list) and all(isinstance(text, str) for text in given) for given in answers):
                context.quarantine(row.where, "not-text", "answers have to be lists of texts")
                continue
            candidates = [
                Candidate(Message("assistant", text), author=author)
                for author, texts in zip(_AUTHORS.values(), answers, strict=True)
                for text in texts
            ]
            records = self._records(question, candidates, tags_of(values, self.extras), other_columns(values, self.columns))
            if not records:
                context.quarantine(row.where, "no-answer", f"no answer by {self.options.answers} to: {question[:100]}")
            yield from records

    def _records(self, question: str, candidates: list[Candidate], tags: dict[str, Any], columns: dict[str, Any]) -> list[Record]:
        asked = Message("user", question)
        wanted = self.options.answers
        if wanted == "candidates":
            tags = tags if candidates else {**tags, NO_ANSWER: True}
            return [Record(messages=(asked,), candidates=tuple(candidates), tags=tags, columns=columns)]
        return [
            Record(messages=(asked, each.message), tags={**tags, "author": each.author}, columns=columns)
            for each in candidates
            if wanted in ("each", each.author)
        ]

    def write(self, records: Iterator[Record], extras: frozenset[str]) -> Iterator[Mapping[str, Any] | LeftOut]:
        """A row per question: answers that were read as records of their own come together again where they follow each other."""
        row: dict[str, Any] = {}
        for record in records:
            answers = _answers(record)
            if isinstance(answers, LeftOut):
                yield answers
                continue
            head = {"question": with_input(record)[0].text}
            rest = {name: carried(record, name) for name in self.extras if name in extras} | beside(record, self.columns)
            # After ChatGPT's answers a person's would come back in another order.
            same = row and {**head, **rest}.items() <= row.items() and not (row["chatgpt_answers"] and answers["human_answers"])
            if same and not record.candidates:
                for name, texts in answers.items():
                    row[name] += texts
                continue
            if row:
                yield row
            row = head | answers | rest
        if row:
            yield row


def _answers(record: Record) -> dict[str, list[str]] | LeftOut:
    """The answers of a record by column, or why they cannot stand there."""
    asked = record.messages[:-1] if record.answered else record.messages
    if [message.role for message in asked] != ["user"]:
        return LeftOut("several-turns" if len(asked) > 1 else "unasked")
    given = list(record.candidates)
    if not given and record.answered:
        given = [Candidate(record.messages[-1], author=str(record.tags.get("author", "")))]
    if not given and not record.tags.get(NO_ANSWER):
        return LeftOut("unanswered")
    authors = list(_AUTHORS.values())
    if any(each.author not in authors or each.rank or each.score is not None for each in given):
        return LeftOut("author-or-rank")
    if any(each.message.calls for each in given):
        return LeftOut("tools")
    if [each.author for each in given] != sorted((each.author for each in given), key=authors.index):
        return LeftOut("order-of-answers")
    return {name: [each.message.text for each in given if each.author == author] for name, author in _AUTHORS.items()}
