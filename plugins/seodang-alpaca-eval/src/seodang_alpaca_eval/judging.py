"""The judge's answers to many questions at once, in their order, through the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import seodang

from seodang_alpaca_eval.prompts import Prompts, Shown

INVALID = "INVALID JUDGE"


class Control(NamedTuple):
    """What an answer that answers nothing came to over `count` questions, and whether it stayed below the student."""

    name: str
    value: float
    count: int
    is_below: bool


def believed(protocol: str, controls: Sequence[Control], context: seodang.Context) -> str:
    """The protocol of scores by this judge: one that was taken in is told, and every score says so."""
    worst = sorted(control.name for control in controls if not control.is_below)
    if not worst:
        return protocol
    context.warn("seodang_alpaca_eval:invalid-judge", judge=context.ask.model or context.ask.teacher_id, controls=worst)
    return f"{INVALID}: taken in by {', '.join(worst)}; {protocol}"


class Heard(NamedTuple):
    """One verdict or grade for each question. None where the judge refused, was cut off, or said neither: that is counted and never
    scored. `answered` are those that it neither refused nor broke off."""

    verdicts: list[float | None]
    answered: int

    def or_stop(self, context: seodang.Context) -> list[float | None]:
        """A judge of whom there is no verdict at all is no judge, and stops the step."""
        asked = len(self.verdicts)
        if asked and all(verdict is None for verdict in self.verdicts):
            raise seodang.StepError(
                "seodang_alpaca_eval:no-verdict-at-all",
                step=context.step,
                asked=asked,
                unreadable=self.answered,
                refused=asked - self.answered,
            )
        return self.verdicts


async def judge(shown: Sequence[Shown], prompts: Prompts, context: seodang.Context, *, sample: int = 0) -> Heard:
    asked = {str(number): one for number, one in enumerate(shown)}
    found: dict[str, float | None] = {}

    async def records() -> AsyncIterator[seodang.Record]:
        for number, one in asked.items():
            yield seodang.Record(id=number, messages=(seodang.Message("user", one.question.turns[0]),), source="judged")

    def request(record: seodang.Record) -> seodang.Request:
        made = prompts.request(asked[record.id], context)
        # A question of another sample is another question to the ledger; the first is the same as without samples.
        return seodang.Request(messages=made.messages, schema=made.schema, sample=sample)

    done = 0
    async for record, answer in context.ask.each(records(), request):
        found[record.id] = None if answer is None else prompts.read(answer, asked[record.id])
        done += 1
        context.progress(done, len(asked))
    return Heard([found.get(number) for number in asked], len(found))
