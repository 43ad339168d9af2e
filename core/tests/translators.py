"""Translators for the tests of the translating step: ones that do what they are told, and ones that misbehave in one way each."""

from __future__ import annotations

import json
import re
from typing import Annotated

import msgspec
import seodang

_PIECE = re.compile(r'<x id="\d+"\s*/>|<x id="\d+">.*?</x>|⟦\d+⟧|&\w+;|&#\d+;|[A-Za-z\u00c0-\u024f]+|[가-힣]+', re.DOTALL)
_MARK = re.compile(r'<x id="\d+"\s*/>|<x id="\d+">.*?</x>|⟦\d+⟧', re.DOTALL)
_SYLLABLES = "가나다라마바사아자차카타파하"


def mangled(text: str) -> str:
    """Every word as other syllables, always the same for one word; marks, entities, digits and signs as they are."""

    def word(found: re.Match[str]) -> str:
        if found[0][0] in "<⟦&":
            return found[0]
        return "".join(_SYLLABLES[ord(sign) % len(_SYLLABLES)] for sign in found[0][:6])

    return _PIECE.sub(word, text)


def marks_in(text: str) -> list[str]:
    return _MARK.findall(text)


class Mangling(seodang.Translator):
    """Mangles every word. Bills what it is sent, and remembers it."""

    name = "mangling"
    price_micro = 20_000_000

    class Options(seodang.Translator.Options, frozen=True, kw_only=True, forbid_unknown_fields=True):
        flavour: Annotated[str, msgspec.Meta(description="Another flavour is another translation.")] = ""

    def __init__(self, options=None):
        super().__init__(options)
        self.requests: list[list[seodang.Text]] = []
        self.registers: set[str] = set()
        self.glossaries: list[dict[str, str]] = []

    def price(self):
        return seodang.Price(currency="EUR", input_micro_per_million=self.price_micro)

    async def translate(self, texts, context):
        self.requests.append(list(texts))
        self.registers.add(context.register)
        self.glossaries.append(dict(context.glossary))
        return [seodang.Translation(self.said(text.text), billed=len(text.text)) for text in texts]

    def said(self, text):
        return mangled(text)

    @property
    def texts(self):
        return [text.text for request in self.requests for text in request]


class Rows(seodang.Seeds):
    """Records as they stand in `rows.jsonl`, in the language that the option says."""

    name = "rows"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        path: Annotated[str, msgspec.Meta(description="The file.", extra=seodang.FILES)] = "rows.jsonl"
        language: Annotated[str, msgspec.Meta(description="Theirs.")] = "en"

    def read(self, context):
        for path in context.files("path"):
            for line in path.read_bytes().splitlines():
                record = msgspec.json.decode(line, type=seodang.Record)
                yield msgspec.structs.replace(record, language=record.language or self.options.language)


class English(seodang.Locale):
    """A language of sentences with full stops, in which some tasks are about words."""

    name = language = "en"
    patterns = {"script": "[A-Za-z]", "language-task": r"(?i)(?P<rhyme>\brhymes?\b)|(?P<odd_one_out>\bodd one out\b)"}

    def sentences(self, text):
        return re.split(r"(?<=[.!?] )", text)

    def similarity_tokens(self, text):
        return text.split()


class Korean(English):
    name = language = "ko"
    patterns = {"script": "[가-힣]"}
    speech_levels = ("합쇼체", "해요체")


class School:
    """Offers the translators, the rows and the languages of a test."""

    def __init__(self, *translators, locales=(English, Korean)):
        self._translators = translators
        self._locales = locales

    @seodang.hookimpl
    def register_translators(self, register):
        for translator in self._translators:
            register(translator)

    @seodang.hookimpl
    def register_seeds(self, register):
        register(Rows)

    @seodang.hookimpl
    def register_locales(self, register):
        for locale in self._locales:
            register(locale)


def rows_of(*records: seodang.Record) -> str:
    return "".join(msgspec.json.encode(record).decode() + "\n" for record in records)


def dialogue(*turns: str, system: str = "", **fields) -> seodang.Record:
    roles = ("user", "assistant")
    messages = tuple(seodang.Message(roles[number % 2], text) for number, text in enumerate(turns))
    first = (seodang.Message("system", system),) if system else ()
    return seodang.Record(messages=(*first, *messages), **fields)


def recipe(keys: str = "", translator: str = "mangling", language: str = "ko") -> str:
    return (
        f'[recipe]\nname = "t"\nlanguage = {json.dumps(language)}\n[[step]]\nseeds = "rows"\n'
        f"[[step]]\ntranslate = {json.dumps(translator)}\n{keys}\n"
    )
