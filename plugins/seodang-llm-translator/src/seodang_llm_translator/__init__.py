"""A language model as a translator: it asks the teacher of its step, one text a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import seodang

from seodang_llm_translator.answers import Flaw, flaw_in
from seodang_llm_translator.questions import Questions

MOST_BYTES = 16 * 1024
"""Of one text. A longer one is sent in sentences: models leave things out of long texts."""


class LanguageModel(seodang.Translator):
    """Asks the step's teacher for a translation of each text, and takes nothing but the translation for an answer.

    What is paid, kept and asked again is the question to the teacher; this has no price of its own.
    """

    name = "llm"
    revision = 1
    asks = True
    max_texts = 1
    max_bytes = MOST_BYTES
    marks = "brackets"

    # No `in_flight`: the key stands flat in the step and is the teacher's.
    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        instruction: Annotated[
            str, msgspec.Meta(description="How to translate, in your own words, beside what the language's prompt says.")
        ] = ""
        prompt: Annotated[
            str,
            msgspec.Meta(
                description="A file with your own prompt instead of the language's: needs {text}, may have {source} and {target}.",
                extra=seodang.FILES,
            ),
        ] = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._questions: dict[tuple[str, str], Questions] = {}

    async def translate(self, texts: Sequence[seodang.Text], context: Any) -> list[seodang.Translation]:
        return [await self._translated(text, context) for text in texts]

    async def _translated(self, text: seodang.Text, context: Any) -> seodang.Translation:
        questions = self._questions_of(context)
        request = questions.of(text)
        answer = await context.ask(request)
        flaw = flaw_in(answer, text.text, questions.words, context)
        if isinstance(flaw, Flaw) and flaw.is_talk:
            # It translated and talked about it. Cutting the talk off would be a guess: it is told so, once.
            answer = await context.ask(questions.again(request, answer))
            flaw = flaw_in(answer, text.text, questions.words, context)
        if isinstance(flaw, Flaw):
            raise seodang.Refused(flaw.detail, reason=flaw.code)
        return seodang.Translation(_between_blanks_of(text.text, answer.message.text))

    def _questions_of(self, context: Any) -> Questions:
        pair = (context.source_language, context.language)
        if pair not in self._questions:
            self._questions[pair] = Questions(self, context)
        return self._questions[pair]


def _between_blanks_of(source: str, answer: str) -> str:
    """The answer with the blanks around it that the text had: models put line ends behind what they say."""
    bare = source.strip()
    start = source.find(bare)
    return source[:start] + answer.strip() + source[start + len(bare) :]


@seodang.hookimpl
def register_translators(register: seodang.Register) -> None:
    register(LanguageModel)
