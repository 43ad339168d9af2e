"""How conversations are written for a student: as the published models had them, in segments."""

from __future__ import annotations

from collections.abc import Iterator

import seodang
from seodang import Segment


class KoAlpaca(seodang.Template):
    """KoAlpaca v1.1 (Polyglot-ko): `### 질문:`, `### 맥락:` for an input, `### 답변:`."""

    name = "koalpaca"
    revision = 1

    def segments(self, record: seodang.Record) -> list[Segment]:
        return list(_turns(record, self._question, answer_follows=" "))

    def _question(self, text: str, given: str, first: bool) -> str:
        start = "" if first else "\n\n"
        context = f"\n\n### 맥락: {given}" if given else ""
        return f"{start}### 질문: {text}{context}\n\n### 답변:"


class Alpaca(seodang.Template):
    """Stanford Alpaca, with the separate input where there is one; nothing stands between `### Response:` and the answer."""

    name = "alpaca"
    revision = 1

    HEAD = "Below is an instruction that describes a task{paired}. Write a response that appropriately completes the request.\n\n"
    PAIRED = ", paired with an input that provides further context"

    def segments(self, record: seodang.Record) -> list[Segment]:
        return list(_turns(record, self._question, answer_follows=""))

    def _question(self, text: str, given: str, first: bool) -> str:
        start = self.HEAD.format(paired=self.PAIRED if given else "") if first else "\n\n"
        context = f"### Input:\n{given}\n\n" if given else ""
        return f"{start}### Instruction:\n{text}\n\n{context}### Response:"


def _turns(record: seodang.Record, question, answer_follows: str) -> Iterator[Segment]:
    """User turns carry no loss; an answer and its end token do, unless its weight is 0. A system turn stands before the first."""
    last_user = max((place for place, message in enumerate(record.messages) if message.role == "user"), default=-1)
    first = True
    for place, message in enumerate(record.messages):
        if message.role == "system":
            yield Segment(message.text + "\n\n")
        elif message.role == "user":
            yield Segment(question(message.text, record.input if place == last_user else "", first) + answer_follows)
            first = False
        elif message.role == "assistant":
            trained = message.weight > 0
            yield Segment(message.text, trained=trained)
            yield Segment("eos", trained=trained, special=True)
