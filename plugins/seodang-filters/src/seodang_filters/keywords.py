"""Drop instructions that ask for what a model of texts cannot do: look at a picture, draw a graph, open a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_filters.parts import Field, excerpt, parts
from seodang_filters.wanted import pattern, words

_PUBLISHED = {"self-instruct": "blacklist-self-instruct", "alpaca": "blacklist-alpaca"}


class Keywords(seodang.Filter):
    """Drops rows that name what cannot be seen, heard or drawn, by the words of the locale, or that have one of your own words.

    The locale knows where a word ends: 〈지도〉 is found in 〈지도를〉 and not in 〈지도자〉. A row that only talks about pictures is
    dropped with those that need one: by words alone nobody can tell. `variant` repeats a published list letter for letter, where
    the locale has that list; it is Self-Instruct's rule for English, and finds nothing in another language.
    """

    name = "keywords"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, description="In which texts words are looked for.")] = (
            "instruction",
        )
        unsuitable: Annotated[bool, msgspec.Meta(description="Look for the locale's words for what a text cannot do.")] = True
        words: Annotated[tuple[str, ...], msgspec.Meta(description="Look for these words, too.")] = ()
        except_words: Annotated[tuple[str, ...], msgspec.Meta(description="Words of the locale that may stand.")] = ()
        programs: Annotated[bool, msgspec.Meta(description="Drop instructions that ask for a program as well.")] = False
        variant: Annotated[
            Literal["own", "self-instruct", "alpaca"],
            msgspec.Meta(description="The locale's own words, or the published English list as it was published."),
        ] = "own"

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        look = _Looking(self.options, context.locale)
        return [look.at(record) for record in records]


class _Looking:
    def __init__(self, options: Keywords.Options, locale: seodang.Locale) -> None:
        self._options = options
        self._locale = locale
        self._own = _folded(locale, options.words)
        self._unsuitable: dict[str, str] = {}
        self._published: tuple[re.Pattern[str], ...] = ()
        if options.variant != "own":
            names = (_PUBLISHED[options.variant], "blacklist-beginning")
            self._published = tuple(pattern(locale, name, Keywords.name) for name in names)
        elif options.unsuitable:
            spared = {*options.except_words}
            self._unsuitable = _folded(
                locale, [word for word in words(locale, "unsuitable", Keywords.name) if word not in spared]
            )
        self._program = pattern(locale, "asks-for-program", Keywords.name) if options.programs else None

    def at(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        for field, text in parts(record, self._options.fields):
            if field != "answer" and (published := self._in_published(text)):
                return published
            folded = self._locale.normal(text).casefold()
            for code, known in (("own-word", self._own), ("unsuitable", self._unsuitable)):
                # What the text does not have as letters it does not have as a word: few words are left to be looked for closely.
                likely = [word for plain, word in known.items() if plain in folded]
                if likely and (found := self._locale.mentions(text, likely)):
                    return seodang.Drop(code, f"{', '.join(found)}: {excerpt(text, text.find(found[0]))}")
            if self._program and field != "answer" and (asked := self._program.search(text)):
                return seodang.Drop("asks-for-program", excerpt(text, *asked.span()))
        return seodang.Keep()

    def _in_published(self, text: str) -> seodang.Drop | None:
        for code, known in zip(("blacklist", "blacklist-beginning"), self._published, strict=False):
            if found := known.search(text):
                return seodang.Drop(code, excerpt(text, *found.span()))
        return None


def _folded(locale: seodang.Locale, known: Sequence[str]) -> dict[str, str]:
    return {locale.normal(word).casefold(): word for word in known}
