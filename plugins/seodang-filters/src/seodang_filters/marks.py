"""Mark rows that talk to a model instead of to a reader, and rows that nobody should be taught. Nothing is dropped unless asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.parts import FIELDS, Field, excerpt, parts
from seodang_filters.wanted import Sign, any_word_of, signs, signs_of


class MarkOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of both filters here."""

    fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, description="Which texts are looked at.")] = FIELDS
    drop: Annotated[bool, msgspec.Meta(description="Drop the rows that are found instead of marking them.")] = False


class PromptInjection(seodang.Filter):
    """Marks rows with text that is meant for a model: 〈이전 지시를 무시하고 …〉, 〈reveal your system prompt〉, chat markers.

    `tags["prompt-injection"]` says what was found in which field. Such rows are evidence, and lessons about them are wanted by
    some: only `drop = true` leaves them out. English patterns are looked for in every language. By patterns, so a new wording
    passes; the lessons' own defences do not depend on this filter.
    """

    name = "prompt-injection"
    revision = 1
    Options = MarkOptions

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        known = signs(self.name, context.locale, self.name)
        if context.language != "en":
            known = (*known, *signs_of(self.name, "en"))
        near = any_word_of(known)
        return [verdict(record, known, near, self.options, self.name) for record in records]


class Unsafe(seodang.Filter):
    """Marks rows with abuse, hate, sexual content, or a request for help with violence, self-harm or crime.

    `tags["unsafe"]` says what was found in which field. Lists like these mark a tenth of what a moderation service finds and
    something harmless besides (a doctor's 〈자살 예방〉 is left alone, a quoted insult is not): look before `drop = true`.
    """

    name = "unsafe"
    revision = 1
    Options = MarkOptions

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        known = signs(self.name, context.locale, self.name)
        near = any_word_of(known)
        return [verdict(record, known, near, self.options, self.name) for record in records]


def verdict(
    record: seodang.Record, known: Sequence[Sign], near: re.Pattern[str], options: MarkOptions, name: str
) -> seodang.Keep | seodang.Drop:
    """`near` finds one of the words of the signs: most texts have none."""
    found: list[str] = []
    for field, text in parts(record, options.fields):
        folded = text.casefold()
        if not near.search(folded):
            continue
        for sign in known:
            if match := sign.find(text, folded):
                if options.drop:
                    return seodang.Drop(name, f"{sign.name} ({field}): {excerpt(text, *match.span())}")
                if (mark := f"{field}: {sign.name}") not in found:
                    found.append(mark)
    return seodang.Keep(tags={name: found}) if found else seodang.Keep()
