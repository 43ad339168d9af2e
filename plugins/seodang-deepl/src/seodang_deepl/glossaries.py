"""The glossary of a recipe as one of the account: found by the hash of its content, or made."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

import deepl
import seodang

from seodang_deepl import languages
from seodang_deepl.connection import Connection


class Glossaries:
    """Each content is looked for once. One that is there already, from an earlier run or from another one, is used again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._looking = threading.Lock()
        self._found: dict[str, str] = {}

    def identifier(self, terms: Mapping[str, str], context: Any) -> str:
        """The account's id of the glossary with these terms, for the languages of the step."""
        pair = languages.source_code(context.source_language), languages.source_code(context.language)
        name = name_of(terms, pair)
        with self._looking:
            if name not in self._found:
                self._found[name] = self._there(name, context) or self._made(name, terms, pair, context)
            return self._found[name]

    def _there(self, name: str, context: Any) -> str:
        listed = self._connection.speak(lambda client: client.list_multilingual_glossaries(), context)
        return next((glossary.glossary_id for glossary in listed if glossary.name == name), "")

    def _made(self, name: str, terms: Mapping[str, str], pair: tuple[str, str], context: Any) -> str:
        from deepl.api_data import MultilingualGlossaryDictionaryEntries as Dictionary

        for term in (*terms, *terms.values()):
            _refuse_unprintable(term)
        dictionary = Dictionary(pair[0], pair[1], dict(terms))
        made: deepl.MultilingualGlossaryInfo = self._connection.speak(
            lambda client: client.create_multilingual_glossary(name, [dictionary]), context
        )
        return made.glossary_id


def name_of(terms: Mapping[str, str], pair: tuple[str, str]) -> str:
    """Equal terms have equal names, whatever their order in the file."""
    content = json.dumps([*pair, sorted(terms.items())], ensure_ascii=False)
    return f"seodang-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _refuse_unprintable(term: str) -> None:
    if not term.strip() or any(sign in "\u2028\u2029" or (ord(sign) < 32) or 128 <= ord(sign) <= 159 for sign in term):
        raise seodang.SeodangError("seodang_deepl:glossary-term", term=term)
