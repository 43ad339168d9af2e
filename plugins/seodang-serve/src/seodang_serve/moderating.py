"""Alpaca's first release measure: questions and answers are shown to a moderation, and nothing it flags is answered or shown."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import seodang
from seodang.asking.ask import Ask

JUDGE = "openai-moderation"


class _Judged(msgspec.Struct):
    flagged: bool


class Moderator:
    """Asks the judge. Where it cannot be asked nothing is shown: an error is no permission."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def passes(self, *texts: str) -> bool:
        said = "\n\n".join(text for text in texts if text.strip())
        if not said:
            return True
        try:
            answer = await self._ask(seodang.Request(messages=(seodang.Message("user", said),)))
        except seodang.Refused as refused:
            # The judge's refusal is no fault of the request that is judged.
            raise seodang.SeodangError("seodang_serve:not-moderated", detail=str(refused)) from refused
        return not msgspec.json.decode(answer.message.text, type=_Judged).flagged

    async def passes_question(self, messages: Sequence[seodang.Message]) -> bool:
        """All that came from outside: a turn of the assistant's may be made up too."""
        return await self.passes(*(message.text for message in messages))


def refusal(code: str) -> seodang.Answer:
    from seodang_serve import said

    return seodang.Answer(message=seodang.Message("assistant", said(code)), finish="content_filter")
