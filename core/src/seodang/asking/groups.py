"""Forms groups of questions for a teacher that answers several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seodang.asking.ask import Question

QUIET_TURNS = 10
"""An unfilled group is sent when the event loop has turned so often without another question. Turns, not time: how
questions fall into groups must not depend on how fast the machine is."""


class Groups:
    """Questions go into groups in the order in which they are asked; a full group is sent at once."""

    def __init__(self, size: int, send: Callable[[list[Question]], None]) -> None:
        self._size = size
        self._send = send
        self._forming: list[Question] = []
        self._looking = False

    def add(self, question: Question) -> None:
        self._forming.append(question)
        if len(self._forming) == self._size:
            self._send_forming()
        elif not self._looking:
            self._looking = True
            self._look_later(question, 0)

    def remove(self, question: Question) -> bool:
        """Takes a question back that was not sent yet."""
        if question in self._forming:
            self._forming.remove(question)
            return True
        return False

    def clear(self) -> list[Question]:
        forming, self._forming = self._forming, []
        return forming

    def _send_forming(self) -> None:
        group, self._forming = self._forming, []
        self._send(group)

    def _look_later(self, newest: Question, turns: int) -> None:
        asyncio.get_running_loop().call_soon(self._look, newest, turns)

    def _look(self, newest: Question, turns: int) -> None:
        if not self._forming:
            self._looking = False
        elif self._forming[-1] is not newest:
            self._look_later(self._forming[-1], 0)
        elif turns < QUIET_TURNS:
            self._look_later(newest, turns + 1)
        else:
            self._looking = False
            self._send_forming()
