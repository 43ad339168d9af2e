"""The first lesson: ask the teacher, keep the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
import seodang


class OneAnswer(seodang.Lesson):
    """Puts every unanswered record to the teacher as it stands; the answer becomes its last turn."""

    name = "answer"
    revision = 1

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        replace: Annotated[bool, msgspec.Meta(description="Ask answered records again and replace their last answer.")] = False

    async def teach(self, records: AsyncIterator[seodang.Record], context: seodang.Context) -> AsyncIterator[seodang.Record]:
        async for record, answer in context.ask.each(records, self.question):
            if answer is None:
                yield record
            else:
                yield msgspec.structs.replace(record, messages=(*unanswered(record).messages, answer.message))

    def question(self, record: seodang.Record) -> seodang.Request | None:
        """None lets an answered record pass."""
        if record.answered and not self.options.replace:
            return None
        return self.request(unanswered(record))


def unanswered(record: seodang.Record) -> seodang.Record:
    """The record up to its last question."""
    return msgspec.structs.replace(record, messages=record.messages[:-1]) if record.answered else record


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(OneAnswer)
