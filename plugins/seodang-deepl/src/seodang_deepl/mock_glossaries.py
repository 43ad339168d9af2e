"""The glossaries of the mock's account: the third version of the interface, as far as the SDK uses it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import msgspec
from seodang.testing.wire_server import Reaction, Received

from seodang_deepl.mock_wire import Dictionary, decode_glossary, encode, error

Pair = tuple[str, str]
_CREATED = "2026-01-01T00:00:00.000000Z"


class MockGlossaries:
    """`made` counts how many were created, so that a test sees one that is found again."""

    def __init__(self) -> None:
        self.made = 0
        self._kept: dict[str, tuple[str, dict[Pair, dict[str, str]]]] = {}

    def react(self, received: Received) -> Reaction:
        path, _, query = received.path.partition("?")
        identifier, _, part = path.removeprefix("/v3/glossaries").strip("/").partition("/")
        if not identifier:
            return self._create(received.body) if received.method == "POST" else self._list()
        if identifier not in self._kept:
            return error(404, "Glossary not found")
        if received.method == "DELETE":
            del self._kept[identifier]
            return Reaction(status=204)
        return self._entries(identifier, query) if part == "entries" else Reaction(body=encode(self._told(identifier)))

    def terms(self, identifiers: Sequence[str], pair: Pair) -> Mapping[str, str] | str:
        """The terms of these for a pair of languages, the first before the others; or what the service says against it."""
        terms: dict[str, str] = {}
        for identifier in reversed(identifiers):
            if identifier not in self._kept:
                return "Glossary not found."
            dictionaries = self._kept[identifier][1]
            if pair not in dictionaries:
                return f"The glossary_id {identifier} has no dictionary for {pair[0]} and {pair[1]}."
            terms |= dictionaries[pair]
        return terms

    def _create(self, body: bytes) -> Reaction:
        try:
            asked = decode_glossary(body)
            dictionaries = {(one.source_lang.lower(), one.target_lang.lower()): _entries(one) for one in asked.dictionaries}
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as problem:
            return error(400, f"Invalid glossary entries provided: {problem}")
        if not dictionaries or not all(dictionaries.values()):
            return error(400, "Missing or invalid argument: 'entries'")
        self.made += 1
        identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{asked.name}/{self.made}"))
        self._kept[identifier] = asked.name, dictionaries
        return Reaction(status=201, body=encode(self._told(identifier)))

    def _list(self) -> Reaction:
        return Reaction(body=encode({"glossaries": [self._told(identifier) for identifier in self._kept]}))

    def _told(self, identifier: str) -> dict[str, object]:
        name, dictionaries = self._kept[identifier]
        told = [
            {"source_lang": source, "target_lang": target, "entry_count": len(terms)}
            for (source, target), terms in dictionaries.items()
        ]
        return {"glossary_id": identifier, "name": name, "creation_time": _CREATED, "dictionaries": told}

    def _entries(self, identifier: str, query: str) -> Reaction:
        asked = parse_qs(query)
        pair = asked.get("source_lang", [""])[0].lower(), asked.get("target_lang", [""])[0].lower()
        terms = self._kept[identifier][1].get(pair)
        if terms is None:
            return error(404, "Dictionary not found")
        entries = "\n".join(f"{term}\t{meant}" for term, meant in terms.items())
        told = {"source_lang": pair[0], "target_lang": pair[1], "entries": entries, "entries_format": "tsv"}
        return Reaction(body=encode({"dictionaries": [told]}))


def _entries(dictionary: Dictionary) -> dict[str, str]:
    """Strictly: two columns in each line, neither empty, no term twice."""
    separator = "\t" if dictionary.entries_format == "tsv" else ","
    terms: dict[str, str] = {}
    for line in dictionary.entries.split("\n"):
        term, found, meant = line.partition(separator)
        if not found or not term.strip() or not meant.strip() or separator in meant or term in terms:
            raise ValueError(f"line {line!r}")
        terms[term] = meant
    return terms
