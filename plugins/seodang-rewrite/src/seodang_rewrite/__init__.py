"""Answers in another speech level or style: the teacher rewrites the words, and nothing else may have changed afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_rewrite.checking import Checks, reason_against
from seodang_rewrite.own_texts import STYLE, own_prompt

REWRITTEN, NOT_REWRITTEN = "rewritten", "not-rewritten"
LEVEL = "rewrite-level"
"""The locale's prompt, with places for the text and the level."""
USUAL = 300
"""The signs of a usual answer."""


class Rewrite(seodang.Lesson):
    """Has the answers of a record rewritten in one speech level (`level`), or in a style that is told in words (`style`).

    Only turns that are not at the level yet are rewritten, every turn by itself. A rewritten text is taken when it is at the level, has the
    same numbers, code and addresses, and about the same length. If one turn of a record is not, `on_failure` says what becomes of it.
    """

    name = "rewrite"
    revision = 1

    class Options(seodang.Lesson.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        level: Annotated[str, msgspec.Meta(description="A speech level of the language, as in '합쇼' or '해요'.")] = ""
        style: Annotated[
            str, msgspec.Meta(description="A style in your own words, as in '초등학생에게 설명하는 말투'; instead of `level`.")
        ] = ""
        tagged: Annotated[
            str, msgspec.Meta(description="Only records with this tag, as a filter that tags leaves it; empty for all.")
        ] = ""
        turns: Annotated[
            Literal["others", "all"], msgspec.Meta(description="Rewrite the turns that are not at the level yet, or all.")
        ] = "others"
        min_share: Annotated[
            float,
            msgspec.Meta(
                ge=0, le=1, description="So much of the sentences has to be at the level, before and after; 0 checks none."
            ),
        ] = 0.9
        shortest: Annotated[
            float, msgspec.Meta(ge=0, le=1, description="A rewritten text has at least this share of the old length.")
        ] = 0.5
        longest: Annotated[float, msgspec.Meta(ge=1, description="And at most so many times the old length.")] = 2.0
        on_failure: Annotated[
            Literal["drop", "quarantine", "keep"],
            msgspec.Meta(
                description="What becomes of a record whose text came to nothing: left out, set aside, or kept as it was, with a tag."
            ),
        ] = "drop"

    def estimate(self, rows: int, context: seodang.Context) -> seodang.Outlook:
        """Every row is rewritten, at most: which of them have to be, their words tell, and those of later steps are not there yet."""
        text = self._prompt(context).fill(text="가" * USUAL, level=self.options.level, style=self.options.style)
        return seodang.Outlook(questions=(seodang.Expected(request=self.ask_for(text), times=rows),), at_most=True)

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        prompt = self._prompt(context)

        async def rewritten(record: seodang.Record) -> Mapping[int, str] | Failure | None:
            return await self._rewritten(record, prompt, context)

        async for record, outcome in context.ask.each(records, rewritten):
            if outcome is None:
                yield record
            elif not isinstance(outcome, Failure):
                yield tagged(with_texts(record, outcome), REWRITTEN, self.options.level or self.options.style)
            elif self.options.on_failure == "keep":
                yield tagged(record, NOT_REWRITTEN, outcome.code)
            elif self.options.on_failure == "drop":
                yield seodang.Drop(outcome.code, outcome.detail, id=record.id)
            else:
                context.quarantine(record.id, outcome.code, outcome.detail)

    def _prompt(self, context: seodang.Context) -> seodang.Prompt:
        """The words of the question, after all that can be wrong with the options has been said."""
        level, style, locale = self.options.level, self.options.style, context.locale
        if bool(level) == bool(style):
            raise seodang.StepError("seodang_rewrite:level-or-style", step=context.step)
        if style:
            return self.prompt(own_prompt(STYLE, context), context, needs=("text",), offers=("style",))
        if level not in locale.speech_levels:
            known = ", ".join(locale.speech_levels)
            raise seodang.StepError(
                "seodang_rewrite:unknown-level", step=context.step, level=level, language=locale.language, known=known
            )
        if LEVEL not in locale.prompts:
            raise seodang.StepError("seodang_rewrite:no-prompt", step=context.step, prompt=LEVEL, language=locale.language)
        return self.prompt(locale.prompts[LEVEL], context, needs=("text",), offers=("level",))

    async def _rewritten(
        self, record: seodang.Record, prompt: seodang.Prompt, context: seodang.Context
    ) -> Mapping[int, str] | Failure | None:
        """The new texts by their place, why there are none, or nothing where nothing was asked."""
        if self.options.tagged and self.options.tagged not in record.tags:
            return None
        checks = Checks(
            locale=context.locale,
            level=self.options.level,
            min_share=self.options.min_share,
            shortest=self.options.shortest,
            longest=self.options.longest,
        )
        meant = [
            place
            for place, message in enumerate(record.messages)
            if message.role == "assistant"
            and message.text.strip()
            and (self.options.turns == "all" or not checks.fits(message.text))
        ]
        if not meant:
            return None
        texts = await asyncio.gather(*(self._turn(record.messages[place].text, prompt, checks, context) for place in meant))
        failure = next((text for text in texts if isinstance(text, Failure)), None)
        return failure or {place: text for place, text in zip(meant, texts, strict=True) if isinstance(text, str)}

    async def _turn(self, text: str, prompt: seodang.Prompt, checks: Checks, context: seodang.Context) -> str | Failure:
        question = self.ask_for(prompt.fill(text=text, level=self.options.level, style=self.options.style))
        try:
            answer = await context.ask(question)
        except seodang.Refused as refused:
            return Failure(refused.reason, refused.detail)
        said = answer.message.text.strip()
        if answer.finish != "stop":
            return Failure(answer.finish, said)
        reason = reason_against(text, said, checks)
        return Failure(reason.code, reason.detail) if reason else said


class Failure(msgspec.Struct, frozen=True):
    """Why a text was not taken."""

    code: str
    detail: str = ""


def with_texts(record: seodang.Record, texts: Mapping[int, str]) -> seodang.Record:
    messages = tuple(
        msgspec.structs.replace(message, text=texts[place]) if place in texts else message
        for place, message in enumerate(record.messages)
    )
    return msgspec.structs.replace(record, messages=messages)


def tagged(record: seodang.Record, name: str, value: str) -> seodang.Record:
    return msgspec.structs.replace(record, tags={**record.tags, name: value})


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(Rewrite)
