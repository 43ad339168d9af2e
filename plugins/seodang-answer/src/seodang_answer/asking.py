"""The question of one record, as every way of asking puts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

if TYPE_CHECKING:
    from seodang_answer import OneAnswer

WHOLE = ("stop", "tool_calls")
"""How an answer ends that can be used."""


class Questions:
    """Forms questions and puts answers into their records."""

    def __init__(self, lesson: OneAnswer, context: seodang.Context) -> None:
        self._lesson = lesson
        self._options = lesson.options
        self._system = self._options.system
        if not self._system and self._options.locale_system:
            self._system = context.locale.prompts.get("answer-system", "")
            if not self._system:
                raise seodang.SeodangError("seodang_answer:no-system", step=context.step, language=context.language)
        batched = self._options.batch > 1
        # The places of a batch's prompt are others.
        self._prompt = (
            lesson.prompt("{question}", context, needs=("question",), offers=("input",))
            if self._options.prompt and not batched
            else None
        )

    def of(self, record: seodang.Record) -> seodang.Request | None:
        """None lets an answered record pass."""
        if record.answered and not self._options.replace:
            return None
        return self.request(unanswered(record))

    def request(self, record: seodang.Record) -> seodang.Request:
        """The question of a record that has no answer, in the user's prompt where there is one."""
        if self._prompt is None:
            return self._told(self._lesson.request(record))
        *before, last = record.messages
        question, given = last.text, record.input
        if given and "input" not in self._prompt.places:
            question, given = f"{question}\n\n{given}", ""
        text = self._prompt.fill(question=question, input=given)
        turns = (*before, msgspec.structs.replace(last, text=text))
        return self._told(self._lesson.request(msgspec.structs.replace(record, messages=turns, input="")))

    def text(self, text: str) -> seodang.Request:
        """A question that is no record's own: several tasks at once."""
        return self._told(self._lesson.ask_for(text))

    def answered(self, record: seodang.Record, message: seodang.Message, **fields: Any) -> seodang.Record:
        """The record with this as its last turn."""
        return msgspec.structs.replace(record, messages=(*unanswered(record).messages, message), **fields)

    def _told(self, request: seodang.Request) -> seodang.Request:
        if not self._system or self._system == self._options.system:
            return request
        turns = tuple(turn for turn in request.messages if turn.role != "system")
        return msgspec.structs.replace(request, messages=(seodang.Message("system", self._system), *turns))


def unanswered(record: seodang.Record) -> seodang.Record:
    """The record up to its last question."""
    return msgspec.structs.replace(record, messages=record.messages[:-1]) if record.answered else record


class Unusable(msgspec.Struct, frozen=True):
    """Why there is no answer that can be used: `code` is counted, `detail` is shown."""

    code: str
    detail: str = ""


async def asked(ask: Any, request: seodang.Request, record: str, *, accept: Sequence[str] = WHOLE) -> seodang.Answer | Unusable:
    """The answer, or why it cannot be used. One of several questions that fails does not end the others."""
    try:
        answer: seodang.Answer = await ask(request, record=record)
    except seodang.Refused as refused:
        return Unusable(refused.reason, refused.detail)
    return answer if answer.finish in accept else Unusable(answer.finish, shown(answer.message.text))


def shown(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text.split())[:200]
