"""What is wrong with an answer that should be a translation and nothing else. Nothing is cut off it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import seodang

from seodang_llm_translator.questions import OTHERWISE, Words, words_of

HEAD = 80
"""Who declines does so in the first words."""
LANGUAGES = ("en", "ko", "ja", "zh")
_TRANSLATING = re.compile("(?i)translat|번역|翻訳|訳文|翻译|译文")
"""A text about translating begins like words about a translation."""
_QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』"}


class Flaw(msgspec.Struct, frozen=True):
    """Why an answer is not taken. `is_talk`: it may hold a translation, with words around it that nobody asked for."""

    code: str
    detail: str = ""
    is_talk: bool = False


def flaw_in(answer: seodang.Answer, source: str, words: Words, context: Any) -> Flaw | None:
    """The first thing that is wrong with it."""
    said = answer.message.text.strip()
    shown = " ".join(said.split())[:200]
    if answer.finish != "stop":
        return Flaw(answer.finish, shown)
    if not said:
        return Flaw("empty")
    if _declines(said, source, words, context):
        return Flaw("declined", shown)
    if _talks(said, source, words):
        return Flaw("preface", shown, is_talk=True)
    if _wrapped(said, source.strip()):
        return Flaw("wrapped", shown, is_talk=True)
    return None


def _declines(said: str, source: str, words: Words, context: Any) -> bool:
    """A phrase of the locale's `refusals` that the text gives no reason for: a text that is sorry itself is translated so."""
    english = words_of(OTHERWISE)
    head = said[:HEAD].casefold()
    phrases = [phrase.casefold() for phrase in context.locale.refusals]
    declines = any(phrase in head for phrase in phrases) or bool(english and re.search(english.declining, said[:HEAD]))
    if not declines:
        return False
    own = words_of(context.source_language) or words
    return not re.search(own.about, source)


def _talks(said: str, source: str, words: Words) -> bool:
    """It begins with words about the translation, and the text itself does not."""
    english = words_of(OTHERWISE)
    patterns = [each.talk for each in (words, english) if each]
    starts = source.strip().splitlines()[0] if source.strip() else ""
    own = any(re.search(each.talk, starts) for each in (words_of(language) for language in LANGUAGES) if each)
    return any(re.search(pattern, said.splitlines()[0]) for pattern in patterns) and not own and not _TRANSLATING.search(starts)


def _wrapped(said: str, source: str) -> bool:
    """The whole answer stands in quotation marks or in a code fence, and the text does not."""
    if said.startswith("```") and said.endswith("```") and "```" not in source:
        return True
    closing = _QUOTES.get(said[0])
    return (
        closing is not None
        and len(said) > 1
        and said.endswith(closing)
        and closing not in said[1:-1]
        and not (source[:1] in {*_QUOTES, "'", "‘"} or source[-1:] in {*_QUOTES.values(), "'", "’"})
    )
