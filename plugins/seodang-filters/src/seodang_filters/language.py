"""Drop rows in another language than the recipe's, by script first: Hangul is used for nothing but Korean. A detector comes second."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_filters.detecting import cld2
from seodang_filters.parts import Field, excerpt, parts
from seodang_filters.wanted import pattern

# Code, addresses and what only programs read. The locale leaves the same out; here it decides whether there is prose at all.
_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|https?://\S+|(?<![\w.-])[\w.-]++@[\w-]+\.[\w.-]+|\b[A-Za-z]\w*(?:[_.]\w+)+", re.DOTALL
)
_QUOTATION = re.compile(r"“[^”]{0,2000}”|‘[^’\n]{0,500}’|\"[^\"]{0,2000}\"|「[^」]{0,2000}」|『[^』]{0,2000}』|\([^()]{0,500}\)")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_CODE_MARK = re.compile(r"[{}()\[\]<>;=_\\$&|+*]")
_LONG_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]{4,}")
_SMALL_LATIN_WORD = re.compile(r"(?<![\w'’])[a-zß-öø-ÿ]{2,}")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏ]")

# One letter of each script, and what a run of it looks like: so many words one after another, or three times as many signs where
# no blank stands between words. Between words of prose stand blanks and few marks; brackets and operators are code.
_SPACED = {"A": "A-Za-zÀ-ɏ", "Я": "Ѐ-ӿ", "Ω": "Ͱ-Ͽ", "ع": "؀-ۿ", "ה": "֐-׿", "ह": "ऀ-ॿ", "가": "가-힣"}
_UNSPACED = {"学": "々〇一-鿿㐀-䶿", "あ": "ぁ-ゖァ-ヺー", "ก": "฀-๿"}


_UNSPACED_LETTER = re.compile(f"[{''.join(_UNSPACED.values())}]")


class Language(seodang.Filter):
    """Drops a text in which no allowed language is found, and an answer that goes on in another script for a whole sentence.

    Locales decide, by script first: right for Korean, Japanese and Chinese from a few signs on, while the locales of languages that
    share an alphabet look for their small words; with `detector = "cld2"` these are told apart by CLD2 where it is sure. Code,
    addresses and identifiers do not count, nor do texts that are nothing but names, numbers or very few letters: they are in no
    language. What stands in quotation marks or brackets may be foreign. Not caught: a language that the locale takes for its own.
    An answer in another language that was asked for (〈translate into Spanish〉) is dropped like any other: `fields = ["instruction"]`
    lets answers be.
    """

    name = "language"
    revision = 2

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        languages: Annotated[
            tuple[str, ...],
            msgspec.Meta(
                description="Languages that may stand; the recipe's where none is named.", extra=seodang.names("locale")
            ),
        ] = ()
        fields: Annotated[
            tuple[Field, ...], msgspec.Meta(min_length=1, description="Which texts have to be in the language.")
        ] = (
            "instruction",
            "answer",
        )
        least_letters: Annotated[int, msgspec.Meta(ge=1, description="Texts with fewer letters are in no language.")] = 12
        mixed_words: Annotated[
            int,
            msgspec.Meta(ge=0, description="So many words of another script in a row are too many in an answer; 0 allows any."),
        ] = 8
        detector: Annotated[
            Literal["", "cld2"],
            msgspec.Meta(
                description="Asked about languages in Latin letters: cld2 (needs seodang-filters[languages]), or none but the locale."
            ),
        ] = ""
        correct: Annotated[bool, msgspec.Meta(description="Set the record's language to the one that was found.")] = False

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        codes = self.options.languages or (context.language,)
        locales = {code: context.locale if code == context.language else context.get("locale", code) for code in codes}
        telling = _Telling(self.options, locales, cld2(context.step) if self.options.detector else None)
        return [telling.verdict(record) for record in records]


class _Telling:
    def __init__(
        self, options: Language.Options, locales: dict[str, seodang.Locale], detector: Callable[[str], str] | None
    ) -> None:
        self._options = options
        self._locales = locales
        self._detector = detector
        by_code = {code: pattern(locale, "script", Language.name) for code, locale in locales.items()}
        scripts = list(by_code.values())
        self._latin = [code for code, script in by_code.items() if script.match("A")]
        """These share their letters with a hundred others."""
        self._scripts = [script for script in scripts if not script.match("A")]
        """Of those that no other language is written in, or few: a word in one of them tells what the text is meant to be."""
        self._foreign = _runs(scripts, options.mixed_words) if options.mixed_words else None
        signs = "".join((*_foreign(_SPACED, scripts), *_foreign(_UNSPACED, scripts)))
        # Most texts have no letter with which a run could begin, and looking for a letter costs little.
        self._foreign_letter = re.compile(f"[{signs}]" if signs else "(?!)")

    def verdict(self, record: seodang.Record) -> seodang.Keep | seodang.Drop:
        found = ""
        for field, text in parts(record, self._options.fields):
            code = self._language(text)
            within = code is None and any(script.search(text) for script in self._scripts)
            if field == "answer" and (code or within) and self._foreign and (run := self._foreign_run(text)):
                return seodang.Drop("mixed-language", excerpt(run, 0, len(run)))
            # Titles, lists of words and quotations outweigh a short text around them.
            if code is None and not within:
                return seodang.Drop("wrong-language", f"{field}: {excerpt(text, 0, 60)}")
            found = found or code or ""
        if self._options.correct and found and record.language != found:
            return seodang.Keep(msgspec.structs.replace(record, language=found))
        return seodang.Keep()

    def _language(self, text: str) -> str | None:
        """The code of the language, nothing where the text is in none, None where it is in another."""
        code = next((code for code, locale in self._locales.items() if locale.is_written_in(text)), None)
        if self._detector and (code in self._latin or (code is None and self._latin)):
            found = self._detector(_QUOTATION.sub(" ", _NO_PROSE.sub(" ", text)))
            if found in self._latin:
                return found
            if found and code is not None:
                return None
        return code or (None if self._is_prose(text) else "")

    def _is_prose(self, text: str) -> bool:
        prose = _NO_PROSE.sub(" ", text)
        letters = _LETTER.findall(prose)
        # A sign of Chinese or Japanese is a word or half of one.
        if len(letters) + 2 * len(_UNSPACED_LETTER.findall(prose)) < self._options.least_letters:
            return False
        if 2 * len(_CODE_MARK.findall(prose)) >= len(_WORD.findall(prose)):
            return False  # code that no fence marks
        # Names in Latin letters: New York, IBM, Steve Jobs. Prose has words that begin small.
        return bool(_SMALL_LATIN_WORD.search(prose)) or not all(map(_LATIN_LETTER.match, letters))

    def _foreign_run(self, text: str) -> str:
        assert self._foreign is not None
        if not self._foreign_letter.search(text) or not self._foreign.search(text):
            return ""
        prose = _QUOTATION.sub("\n", _NO_PROSE.sub("\n", text))
        return next((run.group() for run in self._foreign.finditer(prose) if _is_sentence(run.group())), "")


def _is_sentence(run: str) -> bool:
    """No title, whose words begin with capitals, and no list, which has a comma behind every other word."""
    long_words = _LONG_LATIN_WORD.findall(run)
    capitals = sum(1 for word in long_words if word[0].isupper())
    signs = len(_LETTER.findall(run))
    return 2 * capitals <= len(long_words) and 3 * run.count(",") <= len(_WORD.findall(run)) and 2 * signs > len(run)


def _foreign(letters: dict[str, str], scripts: Sequence[re.Pattern[str]]) -> list[str]:
    """The signs of the scripts that are none of these."""
    return [signs for letter, signs in letters.items() if not any(script.match(letter) for script in scripts)]


def _runs(scripts: Sequence[re.Pattern[str]], words: int) -> re.Pattern[str] | None:
    """What matches so many words in a script that is none of these."""

    spaced = _foreign(_SPACED, scripts)
    runs = [rf"(?<![{signs}])(?:[{signs}'’-]++[ ,;:.!?]++){{{words - 1},}}[{signs}]++" for signs in spaced]
    if signs := "".join(_foreign(_UNSPACED, scripts)):  # together, because Japanese is written in two of them at once
        runs.append(rf"[{signs}、。，・0-9 ]{{{3 * words},}}")
    return re.compile("|".join(runs)) if runs else None
