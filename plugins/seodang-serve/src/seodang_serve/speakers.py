"""Who answers here: students on this machine, and the teacher of their recipe behind its ledger."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import seodang
from seodang.asking.ask import Ask
from seodang.serving.desk import talked

Hear = Callable[[str], bool]


class StudentSpeaker:
    """A student. What it draws is new each time, unless the request has a seed."""

    def __init__(self, student: seodang.Student) -> None:
        self._student = student

    @property
    def sample(self) -> int:
        return secrets.randbelow(2**31)

    async def answer(self, request: seodang.Request, hear: Hear) -> seodang.Answer:
        return await talked(self._student, request, hear)


class TeacherSpeaker:
    """A teacher, heard when its answer is in the ledger. The same question is not bought twice."""

    sample = 0

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def answer(self, request: seodang.Request, hear: Hear) -> seodang.Answer:
        found = await self._ask(request)
        hear(found.message.text)
        return found


Speaker = StudentSpeaker | TeacherSpeaker
