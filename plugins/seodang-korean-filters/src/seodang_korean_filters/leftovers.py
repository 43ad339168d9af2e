"""What batch translation and generation leave in Korean texts: 당신, English sentences, names in two scripts, doubled endings, 〈을(를)〉."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec
import seodang

from seodang_korean_filters import asked_for
from seodang_korean_filters.fields import FaultOptions, Part, parts, require_korean, without_code, without_quotations

TAG = "leftovers"

Code = Literal["pronoun-you", "half-translated-name", "english-sentence", "doubled-ending", "doubled-particle", "open-particle"]

_YOU = re.compile(r"당신(?=[은이의을에도과만께]|\s)")
_HONOURED = re.compile(r"께서[^.!?\n]{0,80}$")  # 할머니께서 당신의 집을: an elder's own
_ENGLISH = re.compile(r"(?:^|(?<=[\s:]))[A-Z][A-Za-z'’-]*(?:[ ,;:]{1,2}[A-Za-z0-9'’%-]+){4,60}[.!?](?=\s|$)", re.MULTILINE)
_SMALL_WORDS = re.compile(
    r"(the|an?|is|are|was|were|be|of|to|and|or|in|on|for|with|that|this|it|you|your|can|will|not|as|by|from|have|has)$"
)
_ENDING = re.compile(r"(입니다|습니다|합니다|됩니다|니다|이다|했다|한다|세요|어요|아요|예요|에요|해요)[.!?]*\s?\1(?![가-힣])")
_PARTICLES = re.compile(
    r"(?<=[가-힣])(?:[를을]를|은는|는은|는는|를을|를(?:은|이|가|의|와|과)|와과|에서에서|에게에게|으로으로|에에)(?![가-힣])"
)
_ANY_PARTICLES = re.compile(
    "를를|을를|은는|는은|는는|를을|를은|를는|를이|를가|를의|를와|를과|와과|에서에서|에게에게|으로으로|에에"
)
"""The same without what stands around it: that is looked for much faster."""
_NO_DOUBLE = re.compile(r"(쓰|않|있|없|하|되|보|가|오)$")  # 〈안쓰는는〉 is a doubled syllable and no doubled particle
_OPEN = re.compile(
    r"(?<=[가-힣A-Za-z0-9%)\]'\"’”」』》〉}])(?:을\(를\)|를\(을\)|은\(는\)|는\(은\)|이\(가\)|가\(이\)|와\(과\)|과\(와\)|\(으\)로|\(이\)(?:나|라|란|랑|며)"
    r"|(?:을/를|를/을|은/는|는/은|이/가|가/이|와/과|과/와)(?![가-힣/]))"
)
_AROUND = 20


@cache
def _names() -> tuple[re.Pattern[str], ...]:
    """A given name in one script with a surname in the other, and an English title before a name in Hangul."""
    text = files(__package__).joinpath("names.toml").read_text(encoding="utf-8")
    names = {kind: "|".join(sorted(words.split(), key=len, reverse=True)) for kind, words in tomllib.loads(text).items()}
    particle = "(?:은|는|이|가|을|를|의|과|와|에게|도|씨)?"
    return (
        re.compile(rf"(?<![가-힣])(?:{names['given_hangul']}) [A-Z](?:[a-z]+|\. [A-Z][a-z]+)"),
        re.compile(rf"(?<![A-Za-z])(?:{names['given_latin']}) (?:{names['surname_hangul']}){particle}(?![가-힣])"),
        re.compile(r"(?<![A-Za-z])(?:Mrs?|Ms|Miss)\.? [가-힣]{2,}"),
    )


class Leftovers(seodang.Filter):
    """Leaves out texts with what a batch translation or a careless generation has left behind.

    `pronoun-you`: the reader is called 당신. `half-translated-name`: 존 Smith, Tom 크루즈, Mr. 스미스. `english-sentence`: one among
    Korean ones. `doubled-ending`: 입니다.입니다. `doubled-particle`: 를을. `open-particle`: 을(를), 은/는 behind a word. Quotations and
    code do not count, nor what the question asks for: texts in a voice of their own, other languages, the grammar of Korean.
    """

    name = "leftovers"
    revision = 1

    class Options(FaultOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
        codes: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1, description="What is looked for.")] = (
            "pronoun-you", "half-translated-name", "english-sentence", "doubled-ending", "doubled-particle", "open-particle",
        )  # fmt: skip

    def sift(self, records: Sequence[seodang.Record], context: seodang.Context) -> list[seodang.Keep | seodang.Drop]:
        require_korean(self.name, context)
        finders = [(code, _FINDERS[code]) for code in self.options.codes]
        return [self._verdict(record, finders) for record in records]

    def _verdict(self, record: seodang.Record, finders: Sequence[tuple[str, Finder]]) -> seodang.Keep | seodang.Drop:
        for part in parts(record, self.options.fields):
            text = without_quotations(without_code(part.text))
            for code, find in finders:
                if (found := find(text, part, record)) is None:
                    continue
                if self.options.action == "tag":
                    return seodang.Keep(tags={TAG: code})
                return seodang.Drop(code, text[max(0, found.start() - _AROUND) : found.end() + _AROUND].strip())
        return seodang.Keep()


def _you(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    if "당신" not in text or part.field != "answer":
        return None
    found = next((found for found in _YOU.finditer(text) if not _HONOURED.search(text[: found.start()][-100:])), None)
    # Who is asked 〈당신은 누구인가요?〉 may answer in the same words, and a text of its own addresses whom it likes.
    asked = [message.text for message in record.messages[: part.place] if message.role == "user"]
    return None if any("당신" in question or asked_for.a_text(question) for question in asked) else found


def _name(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    if text.isascii() or not _LATIN.search(text):
        return None
    return next((found for pattern in _names() if (found := pattern.search(text))), None)


def _english(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    if not _LATIN.search(text) or not _HANGUL.search(text):
        return None
    for found in _ENGLISH.finditer(text):
        if _is_sentence(found.group()):
            asked = f"{record.question} {record.input}"
            return None if asked_for.about_another_language(asked) or asked_for.a_text(record.question) else found
    return None


def _is_sentence(words: str) -> bool:
    """Names and titles in a row have no small words in between, or nothing but capitals beside them."""
    small = [word for word in re.findall(r"[A-Za-z'’]+", words)[1:] if word[0].islower()]
    return 0 < sum(1 for word in small if _SMALL_WORDS.match(word)) < len(small) - 1


def _ending(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    return _ENDING.search(text)


def _particles(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    if not _ANY_PARTICLES.search(text):
        return None
    found = next((found for found in _PARTICLES.finditer(text) if not _NO_DOUBLE.search(text[: found.start()][-1:])), None)
    return None if found is None or asked_for.about_korean(record.question) else found


def _open(text: str, part: Part, record: seodang.Record) -> re.Match[str] | None:
    found = _OPEN.search(text) if "(" in text or "/" in text else None
    return None if found is None or asked_for.about_korean(f"{record.question} {record.input}") else found


_LATIN = re.compile("[A-Za-z]{2}")
_HANGUL = re.compile("[가-힣]{2}")
Finder = Callable[[str, Part, seodang.Record], "re.Match[str] | None"]
_FINDERS: dict[str, Finder] = {
    "pronoun-you": _you,
    "half-translated-name": _name,
    "english-sentence": _english,
    "doubled-ending": _ending,
    "doubled-particle": _particles,
    "open-particle": _open,
}
