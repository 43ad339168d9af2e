"""A task as it is read out of an answer, and what stood there instead of one."""

from __future__ import annotations

import hashlib

import msgspec
import seodang


class Task(msgspec.Struct, frozen=True):
    """One task of a batch. `position` is its number in the list."""

    position: int
    instruction: str
    input: str
    output: str


class Unread(msgspec.Struct, frozen=True):
    """A part of an answer that is no whole task, and why."""

    position: int
    code: str
    text: str


class Unfit(msgspec.Struct, frozen=True):
    """Why a task is not kept. `other` is the task that it is too similar to."""

    code: str
    detail: str = ""
    other: str = ""


class Batch(msgspec.Struct, frozen=True):
    """One question: the seeds that it shows, and the request."""

    seeds: tuple[seodang.Record, ...]
    request: seodang.Request

    @property
    def name(self) -> str:
        """The same on every run, and another for a second asking of the same question."""
        asked = "\0".join([str(self.request.sample), *(message.text for message in self.request.messages)])
        return hashlib.blake2b(asked.encode(), digest_size=6).hexdigest()


def unusable(record: seodang.Record) -> str:
    """Why a record cannot be shown as an example, or nothing."""
    turns = [message for message in record.messages if message.role != "system"]
    if not record.question.strip():
        return "no-instruction"
    if not record.answer.strip():
        return "no-answer"
    return "" if [turn.role for turn in turns] == ["user", "assistant"] else "not-single-turn"
