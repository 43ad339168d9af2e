"""Drop answers in which a model declines, talks of itself, or takes another model's name for its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.parts import excerpt
from seodang_filters.wanted import compiled, pattern, signs, words

_QUOTATION = re.compile(r"“[^”]*”|‘[^’]*’|\"[^\"]*\"|「[^」]*」|『[^』]*』")

CODES = ("self-reference", "knowledge-limit", "refusal", "vendor-identity")


class Refusals(seodang.Filter):
    """Looks at the first signs of every answer for the refusals of the locale, for a model that talks of itself or of what it
    has not learnt, and for a vendor's name in a sentence of the first person.

    English originals that a translation left are found as well: the locales of `languages` are asked, too. An answer that speaks
    about refusals or about a vendor is left alone; one that declines in words that no list has is not found. A phrase that only
    opens an answer politely (〈죄송하지만〉) counts at its beginning alone.
    """

    name = "refusals"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        head: Annotated[int, msgspec.Meta(ge=1, description="So many signs from the beginning of an answer are looked at.")] = 150
        languages: Annotated[
            tuple[str, ...],
            msgspec.Meta(description="Further languages, as of originals left by a translation.", extra=seodang.names("locale")),
        ] = ()
        codes: Annotated[
            tuple[str, ...],
            msgspec.Meta(
                min_length=1, description="What is dropped: any of self-reference, knowledge-limit, refusal, vendor-identity."
            ),
        ] = CODES

        def __post_init__(self) -> None:
            if unknown := [code for code in self.codes if code not in CODES]:
                raise ValueError(f"codes = {unknown}: {', '.join(CODES)}")

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        others = dict.fromkeys((*self.options.languages, context.source_language))
        locales = [context.locale, *(context.get("locale", code) for code in others if code != context.language)]
        known = [_Known(locale, self.options.codes) for locale in locales]
        return [self._verdict(record, known) for record in records]

    def _verdict(self, record: seodang.Record, known: Sequence[_Known]) -> seodang.Keep | seodang.Drop:
        for message in record.messages:
            if message.role != "assistant":
                continue
            head = message.text[: self.options.head]
            for words_of_language in known:
                if found := words_of_language.find(head):
                    return found
        return seodang.Keep()


class _Known:
    """How models decline and name themselves in one language."""

    def __init__(self, locale: seodang.Locale, codes: Sequence[str]) -> None:
        self._locale = locale
        self._patterns = {
            code: pattern(locale, code, Refusals.name) for code in CODES if code in codes and code != "vendor-identity"
        }
        phrases = sorted(words(locale, "refusals", Refusals.name), key=len, reverse=True)
        self._opening = compiled(rf"[\s.,!…]*(?:{'|'.join(map(re.escape, phrases))})") if "refusal" in codes else None
        self._vendors = [(vendor, vendor.casefold()) for vendor in words(locale, "vendors", Refusals.name)]
        self._any_vendor = compiled("|".join(re.escape(plain) for _, plain in self._vendors))
        self._first_person = signs("first-person", locale, Refusals.name)[0]
        self._identity = "vendor-identity" in codes

    def find(self, head: str) -> seodang.Drop | None:
        head = _own_words(head)
        for code, known in self._patterns.items():
            if (found := known.search(head)) and not (code == "self-reference" and self._speaks_of_another(head, found.start())):
                return seodang.Drop(code, excerpt(head, *found.span()))
        if self._opening and (found := self._opening.match(head)):
            return seodang.Drop("refusal", excerpt(head, *found.span()))
        if self._identity and (vendor := self._vendor(head)):
            return seodang.Drop("vendor-identity", f"{vendor}: {excerpt(head, 0, 80)}")
        return None

    def _vendor(self, head: str) -> str:
        """The vendor that stands in a sentence of the first person: the model's own name or maker, not a subject."""
        folded = head.casefold()
        if not self._any_vendor.search(folded):
            return ""
        likely = [vendor for vendor, plain in self._vendors if plain in folded]
        if not likely or not self._first_person.find(head, folded):
            return ""
        for sentence in self._locale.sentences(head):
            if self._first_person.find(sentence, sentence.casefold()) and (found := self._locale.mentions(sentence, likely)):
                return found[0]
        return ""

    def _speaks_of_another(self, head: str, place: int) -> bool:
        """〈GPT-3는 인공지능 모델입니다〉 is about a model, and by whomever it likes: it names one and says no I."""
        begin = 0
        for sentence in self._locale.sentences(head):
            begin += len(sentence)
            if begin > place:
                folded = sentence.casefold()
                named = any(plain in folded for _, plain in self._vendors)
                return named and not self._first_person.find(sentence, folded)
        return False


def _own_words(head: str) -> str:
    """The text without what it quotes, unless it is nothing else: many answers stand in quotation marks as a whole."""
    if not _QUOTATION.search(head):
        return head
    rest = _QUOTATION.sub(lambda found: " " * len(found.group()), head)
    return rest if sum(map(str.isalpha, rest)) >= 6 else head
