"""The vendor's wire format as the mock reads and writes it, and what of it is refused."""

from __future__ import annotations

from typing import Literal

import msgspec
from seodang.testing.wire_server import Reaction

from seodang_deepl.languages import FORMALITY, INSTRUCTIONS, LANGUAGES, base

MOST_TEXTS = 50
MOST_BODY_BYTES = 131_072
MOST_GLOSSARIES = 5


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request to translate. A field that the service does not have is an error here, so that none is sent in vain."""

    text: list[str]
    target_lang: str
    source_lang: str = ""
    context: str = ""
    show_billed_characters: bool = False
    split_sentences: str = ""
    preserve_formatting: bool = False
    formality: Literal["", "default", "more", "less", "prefer_more", "prefer_less"] = ""
    glossary_id: str = ""
    glossary_ids: list[str] = []
    tag_handling: Literal["", "xml", "html"] = ""
    tag_handling_version: Literal["", "v1", "v2"] = ""
    outline_detection: bool = True
    non_splitting_tags: list[str] = []
    splitting_tags: list[str] = []
    ignore_tags: list[str] = []
    model_type: Literal["", "quality_optimized", "prefer_quality_optimized", "latency_optimized"] = ""
    style_id: str = ""
    translation_memory_id: str = ""
    translation_memory_threshold: int = 0
    custom_instructions: list[str] = []

    @property
    def target(self) -> str:
        return base(self.target_lang)

    @property
    def glossaries(self) -> list[str]:
        return [self.glossary_id] if self.glossary_id else self.glossary_ids


class Dictionary(msgspec.Struct):
    source_lang: str
    target_lang: str
    entries: str
    entries_format: Literal["tsv", "csv"] = "tsv"


class NewGlossary(msgspec.Struct):
    name: str
    dictionaries: list[Dictionary]


decode_asked = msgspec.json.Decoder(Asked).decode
decode_glossary = msgspec.json.Decoder(NewGlossary).decode
encode = msgspec.json.Encoder().encode


def error(status: int, message: str, *headers: tuple[str, str]) -> Reaction:
    """An error as the vendor writes it. It costs nothing."""
    return Reaction(status=status, body=encode({"message": message}), headers=(("content-type", "application/json"), *headers))


def objection(asked: Asked) -> str:
    """What the service says to a request that it does not take, or nothing."""
    target = asked.target
    told = asked.custom_instructions
    refusals = (
        (not asked.text, "Parameter 'text' not specified."),
        (len(asked.text) > MOST_TEXTS, f"Too many texts: {len(asked.text)}, at most {MOST_TEXTS} in a request."),
        (target not in LANGUAGES, f"Value for 'target_lang' not supported: {asked.target_lang}."),
        (bool(asked.source_lang) and base(asked.source_lang) not in LANGUAGES, "Value for 'source_lang' not supported."),
        (
            asked.formality in ("more", "less") and target not in FORMALITY,
            f"Target language '{asked.target_lang}' doesn't support formality.",
        ),
        (bool(asked.glossaries) and not asked.source_lang, "Parameter 'source_lang' is needed with 'glossary_id'."),
        (len(asked.glossaries) > MOST_GLOSSARIES, f"Too many values for 'glossary_ids': at most {MOST_GLOSSARIES}."),
        (bool(told) and target not in INSTRUCTIONS, f"'custom_instructions' are not supported for {asked.target_lang}."),
        (len(told) > 10 or any(len(text) > 300 for text in told), "'custom_instructions': at most 10 of 300 characters."),
        (bool(told) and asked.model_type == "latency_optimized", "'custom_instructions' need model_type quality_optimized."),
        (not 0 <= asked.translation_memory_threshold <= 100, "Value for 'translation_memory_threshold' not supported."),
    )
    return next((message for refused, message in refusals if refused), "")
