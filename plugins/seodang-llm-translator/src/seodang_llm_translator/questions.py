"""What the teacher is asked: the prompt of the target's locale, and beside it what this text needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

if TYPE_CHECKING:
    from seodang_llm_translator import LanguageModel

OTHERWISE = "en"
_MARK = "⟦"


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in one language beside the locale's prompt, and how an answer in it talks instead of translating."""

    only: str
    marks: str
    before: str
    terms: str
    again: str
    names: dict[str, str]
    talk: str
    about: str
    declining: str = ""


class Questions:
    """Forms the questions of one pair of languages."""

    def __init__(self, translator: LanguageModel, context: Any) -> None:
        self._context = context
        known = _words()
        self.words = known.get(context.language, known[OTHERWISE])
        self._prompt = _prompt(translator, context)
        note = context.locale.translation
        register = ""
        if context.register:
            register = note.registers.get(context.register, "")
            if not register:
                facts = {"step": context.step, "register": context.register, "language": context.language}
                raise seodang.SeodangError("seodang_llm_translator:no-register", **facts)
        self._told = [each for each in (self.words.only, note.instruction, register, translator.options.instruction) if each]

    def of(self, text: seodang.Text) -> seodang.Request:
        """The question for one text. Only what the text itself needs is in it, so that equal texts stay one question."""
        told = list(self._told)
        if _MARK in text.text:
            told.append(self.words.marks)
        if terms := _terms_in(self._context.glossary, text.text):
            told.append("\n".join([self.words.terms, *(f"- {term} → {meant}" for term, meant in terms.items())]))
        if text.before:
            told.append(f"{self.words.before}\n<<<\n{text.before}\n>>>")
        names = self.words.names
        source, target = (names.get(code, code) for code in (self._context.source_language, self._context.language))
        asked = self._prompt.fill(text=text.text, source=source, target=target)
        return seodang.Request(messages=(seodang.Message("system", "\n\n".join(told)), seodang.Message("user", asked.strip())))

    def again(self, request: seodang.Request, answer: seodang.Answer) -> seodang.Request:
        """The same conversation, with what is wrong about its answer."""
        told = (seodang.Message("assistant", answer.message.text), seodang.Message("user", self.words.again))
        return msgspec.structs.replace(request, messages=(*request.messages, *told))


def _prompt(translator: LanguageModel, context: Any) -> seodang.Prompt:
    needs, offers = ("text",), ("source", "target")
    if translator.options.prompt:
        return seodang.read_prompt(context.files("prompt")[0], needs=needs, offers=offers)
    own = context.locale.prompts.get("translate", "")
    if not own:
        raise seodang.SeodangError("seodang_llm_translator:no-prompt", step=context.step, language=context.language)
    return seodang.Prompt(own, needs=needs, offers=offers, where=translator.name)


def _terms_in(glossary: Mapping[str, str], text: str) -> dict[str, str]:
    return {
        term: meant
        for term, meant in glossary.items()
        if term != meant and re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE)
    }


@cache
def _words() -> Mapping[str, Words]:
    told = tomllib.loads(files("seodang_llm_translator").joinpath("words.toml").read_text(encoding="utf-8"))
    return {language: msgspec.convert(words, Words) for language, words in told.items()}


def words_of(language: str) -> Words | None:
    """The words of a language, where they are known."""
    return _words().get(language)
