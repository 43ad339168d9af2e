"""Several questions at once, their answers in the order of the questions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import seodang

Answered = seodang.Answer | seodang.Refused


async def together(context: seodang.Context, requests: Iterable[seodang.Request]) -> list[Answered]:
    """Asks all of them. A question that will never be answered has its refusal in its place; what stops the run is raised."""
    answers = await asyncio.gather(*map(context.ask, requests), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, seodang.Refused):
            raise answer
    return [answer for answer in answers if isinstance(answer, (seodang.Answer, seodang.Refused))]
