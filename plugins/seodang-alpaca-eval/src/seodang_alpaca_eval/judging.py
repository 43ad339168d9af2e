"""The judge's answers to many questions at once, in their order, through the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import seodang

from seodang_alpaca_eval.prompts import Prompts, Shown


async def judge(shown: Sequence[Shown], prompts: Prompts, context: seodang.Context, *, sample: int = 0) -> list[float | None]:
    """One verdict or grade for each. None where the judge refused, was cut off, or said neither: that is counted and never scored. A judge of whom
    there is no verdict at all is no judge, and stops the step."""
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
        found[record.id] = None if answer is None else prompts.read(answer)
        done += 1
        context.progress(done, len(asked))
    if asked and not any(verdict is not None for verdict in found.values()):
        raise seodang.StepError(
            "seodang_alpaca_eval:no-verdict-at-all",
            step=context.step,
            asked=len(asked),
            unreadable=len(found),
            refused=len(asked) - len(found),
        )
    return [found.get(number) for number in asked]
