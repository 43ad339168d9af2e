"""What all of these templates share: which turns are trained, and where Alpaca's separate input belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import seodang
from seodang import Segment


class Turn(NamedTuple):
    """One turn of a conversation as a template sees it. `first` is said of the first question."""

    role: str
    text: str
    given: str
    first: bool
    trained: bool


def turns(record: seodang.Record) -> Iterator[Turn]:
    """The turns in their order. The separate input belongs to the last question; an answer of weight 0 is not trained."""
    questions = [place for place, message in enumerate(record.messages) if message.role == "user"]
    for place, message in enumerate(record.messages):
        if message.role not in ("system", "user", "assistant"):
            raise seodang.DataError("seodang_templates:no-such-turn", role=message.role, record=record.id)
        yield Turn(
            role=message.role,
            text=message.text,
            given=record.input if questions and place == questions[-1] else "",
            first=bool(questions) and place == questions[0],
            trained=message.role == "assistant" and message.weight > 0,
        )


def answer(turn: Turn, end: str = "eos") -> list[Segment]:
    """An answer and what it ends with: both are trained, or neither."""
    return [Segment(turn.text, trained=turn.trained), Segment(end, trained=turn.trained, special=True)]
