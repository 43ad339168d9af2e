"""Drop instances that cannot both be right, and those that were left half-finished: Self-Instruct's fifth step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Annotated, Literal

import msgspec
import seodang

_LETTER = re.compile(r"[^\W_]")
_NO_LETTERS = re.compile(r"[\W_]+")
LEAST_ECHO = 10
"""A shorter answer that is the question again is a greeting: 〈안녕하세요!〉 is answered with 〈안녕하세요.〉"""


class _Instance(msgspec.Struct, frozen=True):
    """A row as the rules see it. `task` is what contradicting rows have in common beside the input."""

    task: str
    question: str
    input: str
    answer: str
    is_input_again: bool


class Contradictions(seodang.Filter):
    """Drops rows that contradict another and rows that are half-finished, each with a code of its own.

    `contradiction`: one input has two answers under one instruction. As published (`faithful`), every row of that instruction goes;
    `repaired` drops the rows with that input and names the other answer. Rows without a separate input may differ: a question can have
    many right answers. `input-is-answer`, `empty-answer`, `input-ends-in-colon`, `answer-ends-in-colon`: as published. `repaired` knows
    the full-width colon too and adds `question-ends-in-colon` (where no input follows) and `answer-repeats-question`; two
    answers that differ in blanks agree, and a question may be repeated with other marks and capitals. `faithful` adds `repeated-instance`.
    Not caught: two answers that say the opposite to questions with other words.
    """

    name = "contradictions"
    revision = 1
    whole = True
    deterministic = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        mode: Annotated[
            Literal["repaired", "faithful"],
            msgspec.Meta(description="repaired, or the rules of Self-Instruct as they were published."),
        ] = "repaired"
        unanswered: Annotated[
            Literal["drop", "keep"],
            msgspec.Meta(description="What becomes of rows without an answer: drop, or keep where a later step answers them."),
        ] = "drop"

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> Iterator[seodang.Keep | seodang.Drop]:
        rules = (_Faithful if self.options.mode == "faithful" else _Repaired)(context.locale, self.options.unanswered == "keep")
        answers: dict[bytes, bytes] = {}
        contradicted: set[bytes] = set()
        for record in records:
            if not record.input:
                continue  # it has no case
            instance = rules.instance(record)
            case = _case(instance)
            if not case or not instance.answer or rules.flaw(instance):
                continue
            answer = _digest(instance.answer)
            if answers.setdefault(case, answer) != answer:
                contradicted.add(case)
        return self._verdicts(records, rules, _Contradicted(records, rules, contradicted))

    def _verdicts(
        self, records: Sequence[seodang.Record], rules: _Rules, contradicted: _Contradicted
    ) -> Iterator[seodang.Keep | seodang.Drop]:
        keep = seodang.Keep()
        for record in records:
            instance = rules.instance(record)
            if code := rules.flaw(instance):
                yield seodang.Drop(code)
            elif (other := contradicted.other(instance)) is not None:
                yield seodang.Drop("contradiction", other=other)
            elif (other := rules.first_of(instance, record.id)) != record.id:
                yield seodang.Drop("repeated-instance", other=other)
            else:
                yield keep


class _Rules:
    """What both modes share. `instance` is called twice for each record, so it is not heavy."""

    whole_instruction = False
    """Whether a contradiction costs all rows of its instruction."""

    def __init__(self, locale: seodang.Locale, unanswered_pass: bool) -> None:
        self._normal = locale.normal
        self._unanswered_pass = unanswered_pass

    def instance(self, record: seodang.Record) -> _Instance:
        raise NotImplementedError

    def flaw(self, instance: _Instance) -> str:
        raise NotImplementedError

    def first_of(self, instance: _Instance, record_id: str) -> str:
        """The id of the first of equal instances, where only that one may stay."""
        return record_id


class _Faithful(_Rules):
    """`filter_invalid_instances` and `filter_duplicate_instances` as published, in their order."""

    whole_instruction = True

    def __init__(self, locale: seodang.Locale, unanswered_pass: bool) -> None:
        super().__init__(locale, unanswered_pass)
        self._first: dict[bytes, str] = {}

    def instance(self, record: seodang.Record) -> _Instance:
        question, given, answer = record.question.strip(), record.input.strip(), record.answer.strip()
        return _Instance(question, question, given, answer, given == answer)

    def flaw(self, instance: _Instance) -> str:
        if not instance.answer:
            if self._unanswered_pass:
                return "input-ends-in-colon" if instance.input.endswith(":") else ""
            return "empty-answer"
        if instance.is_input_again:
            return "input-is-answer"
        if instance.input.endswith(":"):
            return "input-ends-in-colon"
        return "answer-ends-in-colon" if instance.answer.endswith(":") else ""

    def first_of(self, instance: _Instance, record_id: str) -> str:
        if not instance.answer:
            return record_id
        return self._first.setdefault(_digest(instance.task, instance.input, instance.answer), record_id)


class _Repaired(_Rules):
    def instance(self, record: seodang.Record) -> _Instance:
        # What was said before belongs to the task: another system turn may well ask for another answer.
        before = record.messages[:-1] if record.answered else record.messages
        said = [self._plain(message.text) for message in before]
        task = "\0".join(said)
        question = said[0] if before and before[0].role == "user" else self._plain(record.question)
        answer = self._plain(record.answer)
        if record.answered and not answer and record.messages[-1].calls:
            answer = "\0"  # a call of a tool is an answer without words
        # A task may be about blanks: here they count.
        again = bool(record.input) and self._normal(record.input).strip() == self._normal(record.answer).strip()
        return _Instance(task, question, self._plain(record.input), answer, again)

    def _plain(self, text: str) -> str:
        if not text:
            return ""
        return " ".join(self._normal(text).split())

    def flaw(self, instance: _Instance) -> str:
        if not instance.answer and not self._unanswered_pass:
            return "empty-answer"
        if not instance.input and instance.question.endswith((":", "：")):
            return "question-ends-in-colon"
        if instance.input.endswith((":", "：")):
            return "input-ends-in-colon"
        if instance.answer.endswith((":", "：")):
            return "answer-ends-in-colon"
        if instance.is_input_again:
            return "input-is-answer"
        return "answer-repeats-question" if self._is_echo(instance) else ""

    def _is_echo(self, instance: _Instance) -> bool:
        if _first_letter(instance.answer) != _first_letter(instance.question + instance.input):
            return False
        said = _letters(instance.answer)
        return len(said) >= LEAST_ECHO and said in (_letters(instance.question), _letters(instance.question + instance.input))


class _Contradicted:
    """What is told of contradictions: of each case the first two rows with different answers. Read only where there are any."""

    def __init__(self, records: Sequence[seodang.Record], rules: _Rules, cases: set[bytes]) -> None:
        self._rows: dict[bytes, list[tuple[bytes, str]]] = {}
        self._case_of_task: dict[bytes, bytes] = {}
        if not cases:
            return
        for record in records:
            instance = rules.instance(record)
            case = _case(instance)
            if rules.flaw(instance) or not instance.answer or case not in cases:
                continue
            rows, answer = self._rows.setdefault(case, []), _digest(instance.answer)
            if len(rows) < 2 and all(answer != other for other, _ in rows):
                rows.append((answer, record.id))
            if rules.whole_instruction:
                self._case_of_task.setdefault(_digest(instance.task), case)

    def other(self, instance: _Instance) -> str | None:
        """The row with the other answer, where this one has to go for it; one of the two where it has to go with its instruction."""
        if not self._rows or not instance.answer:
            return None
        rows = self._rows.get(_case(instance)) or self._rows.get(self._case_of_task.get(_digest(instance.task), b""))
        if rows is None:
            return None
        mine = _digest(instance.answer)
        return next(record_id for answer, record_id in rows if answer != mine)


def _case(instance: _Instance) -> bytes:
    """What contradicting rows have in common; nothing for a row without an input, which may have many answers."""
    return _digest(instance.task, instance.input) if instance.input else b""


def _first_letter(text: str) -> str:
    found = _LETTER.search(text)
    return found.group().casefold() if found else ""


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text).casefold()


def _digest(*texts: str) -> bytes:
    """Sixteen bytes instead of the texts: a million of them take a hundred megabytes, whatever their length."""
    return blake2b("\0\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
