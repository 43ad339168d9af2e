"""Drop or mend rows whose text is damaged: broken code and lists, misread encodings, signs that cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import seodang

from seodang_filters.damage import DAMAGES, JAMO_RUN, Damage, is_suspicious
from seodang_filters.layout import broken_list, cut_off, open_fence
from seodang_filters.parts import FIELDS, Field, excerpt, parts, rewritten
from seodang_filters.wanted import pattern

CODES = (
    *(damage.code for damage in DAMAGES),
    *("jamo-run", "open-code-fence", "broken-list", "cut-off", "bad-beginning"),
)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_PLACE = re.compile(r"\s*[<\[{][^<>\[\]{}\n]{1,30}[>\]}]")
"""A place to fill in may be the first thing that an instruction has."""


class Format(seodang.Filter):
    """Each kind of damage is a code of its own: `mojibake` (UTF-8 or a Korean code page read as Latin-1), `replacement-sign`,
    `control-sign`, `bidi-sign`, `zero-width`, `half-width` Hangul, `lone-jamo` that make no syllable, `html` outside of code, and
    in answers alone `jamo-run` (ㅋㅋㅋㅋ), `open-code-fence`, `broken-list` and `cut-off`; in instructions `bad-beginning`.

    `fix` mends what can be mended without loss and looks again: misread text is read again where it reads as something, signs that
    cannot be seen go, half-width letters get their width, entities and line breaks of HTML become what they stand for. Nothing else
    is changed: what is lost (�), cut or left open stays a reason to drop.
    """

    name = "format"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        fields: Annotated[tuple[Field, ...], msgspec.Meta(min_length=1, description="Which texts are looked at.")] = FIELDS
        fix: Annotated[bool, msgspec.Meta(description="Mend what can be mended without loss; the row counts as changed.")] = False
        tag: Annotated[
            tuple[str, ...], msgspec.Meta(description="Codes that only mark a row (`tags.format`) instead of dropping it.")
        ] = ()
        ignore: Annotated[tuple[str, ...], msgspec.Meta(description="Codes that are not looked for.")] = ()

        def __post_init__(self) -> None:
            if unknown := [code for code in (*self.tag, *self.ignore) if code not in CODES]:
                raise ValueError(f"{', '.join(unknown)}: {', '.join(CODES)}")

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        looking = _Looking(self.options, context.locale)
        return [looking.verdict(record) for record in records]


class _Looking:
    def __init__(self, options: Format.Options, locale: seodang.Locale) -> None:
        self._options = options
        self._locale = locale
        self._damages = [damage for damage in DAMAGES if damage.code not in options.ignore]
        self._asked = {code for code in CODES if code not in options.ignore}
        self._beginning = pattern(locale, "bad-beginning", Format.name) if "bad-beginning" in self._asked else None

    def verdict(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        kept = record
        if self._options.fix and any(is_suspicious(text) for _, text in parts(record, self._options.fields)):
            kept = rewritten(record, self._options.fields, self._mended)
        marks: list[str] = []
        for field, text in parts(kept, self._options.fields):
            for code, where in self._flaws(field, text):
                if code not in self._options.tag:
                    return seodang.Drop(code, f"{field}: {where}")
                if code not in marks:
                    marks.append(code)
        changed = None if kept is record else kept
        return seodang.Keep(changed, {"format": marks}) if marks else seodang.Keep(changed)

    def _flaws(self, field: Field, text: str) -> Iterator[tuple[str, str]]:
        if is_suspicious(text):
            for damage in self._damages:
                if place := damage.found(_prose(text) if damage.outside_code else text):
                    yield damage.code, excerpt(text, *place)
        if field == "answer":
            yield from self._flaws_of_answer(text)
        elif self._beginning and field == "instruction" and (found := self._beginning.search(text)) and not _PLACE.match(text):
            yield "bad-beginning", excerpt(text, *found.span())

    def _flaws_of_answer(self, text: str) -> Iterator[tuple[str, str]]:
        asked = self._asked
        if "jamo-run" in asked and (place := JAMO_RUN.found(_prose(text))):
            yield JAMO_RUN.code, excerpt(text, *place)
        if "open-code-fence" in asked and (where := open_fence(text)):
            yield "open-code-fence", where
        if "broken-list" in asked and (where := broken_list(text)):
            yield "broken-list", where
        if "cut-off" in asked and (where := cut_off(text, self._locale)):
            yield "cut-off", where

    def _mended(self, field: Field, text: str) -> str:
        if not is_suspicious(text):
            return text
        for damage in self._damages:
            if damage.code == "half-width" and damage.found(text):
                text = self._locale.normal(text)  # it knows which letters make a syllable; the width alone is mended below
            text = _mend(damage, text)
        return seodang.nfc(text)


def _mend(damage: Damage, text: str) -> str:
    if damage.mended is None or damage.found(_prose(text) if damage.outside_code else text) is None:
        return text
    if not damage.outside_code:
        return damage.mended(text)
    parts_of_text, end = [], 0
    for code in _CODE.finditer(text):
        parts_of_text += [damage.mended(text[end : code.start()]), code.group()]
        end = code.end()
    return "".join((*parts_of_text, damage.mended(text[end:])))


def _prose(text: str) -> str:
    """The text with its code as blanks, so that places stay true."""
    return _CODE.sub(lambda code: " " * len(code.group()), text) if "`" in text else text
