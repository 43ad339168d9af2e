"""Signs that no writer meant: what software, encodings and copying leave in a text, and how it is taken out without loss."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from html import unescape

import msgspec

_ARABIC_OR_HEBREW = re.compile(r"[\u0590-\u08ff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A joiner between two pictures makes one of them, and scripts of India and Iran are written with both; elsewhere they are nothing.
_JOINED = r"(?<![\u0600-\u0dff\ufe0f\u2600-\u27bf\U0001f000-\U0001faff])[\u200c\u200d]"
_ZERO_WIDTH = re.compile(rf"[\u00ad\u200b\u2060\ufeff\u3164\u115f\u1160\uffa0]|{_JOINED}")
_REPLACED = re.compile("\ufffd")
_HALF_WIDTH = re.compile(r"[\uffa1-\uffdc]+")
_LONE_JAMO = re.compile(r"[\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]+")
_JAMO = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]")
_JAMO_RUN = re.compile(r"([ㄱ-ㅎㅏ-ㅣ])(?:\s?\1){3,}|[ㄱ-ㅎㅏ-ㅣ]{6,}")
_BLOCKS = r"br|p|div|span|li|ul|ol|table|tr|td|th|h[1-6]|a|b|i|u|em|strong|font|img|script|style|hr|sup|sub|blockquote"
_ENTITY = re.compile(r"&(?:nbsp|amp|lt|gt|quot|apos|middot|hellip|#\d{2,5}|#x[0-9a-f]{2,5});", re.IGNORECASE)
_HTML = re.compile(rf"</(?:{_BLOCKS})>|<(?:br|hr)\s?/?>|<(?:{_BLOCKS})\s+[a-z-]+=[^<>]*>|{_ENTITY.pattern}", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype|<html|<head|<body|<table|html|<\?xml", re.IGNORECASE)
_BREAK = re.compile(r"[ \t]*<br\s?/?>[ \t]*\n?", re.IGNORECASE)

# UTF-8 read as Latin-1 or as Windows-1252: a lead byte and what would be continuation bytes, in both readings.
_CONTINUATION = (
    r"[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022"
    r"\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_AS_LATIN = rf"(?:[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}})"
_UTF8_AS_LATIN = re.compile(rf"{_AS_LATIN}(?:{_AS_LATIN}|[ -~])*{_AS_LATIN}|{_AS_LATIN}")
# A Korean code page read as Latin-1: pairs of signs from ¡ to þ, in runs such as no language of Europe writes.
_CP949_AS_LATIN = re.compile(r"(?<![\x80-\xff])(?:[\xb0-\xc8][\xa1-\xfe]){2,}(?:[ ,.!?]*[\xa1-\xfe]{2})*+(?![\x80-\xff])")
_HANGUL = re.compile(r"[가-힣]")
_HANGUL_OR_HAN = re.compile(r"[가-힣一-鿿]+")


@cache
def _utf8_as_cp949() -> re.Pattern[str]:
    """UTF-8 read as a Korean code page: two syllables in a row that the code page has and hardly any word.

    Those are its later additions; the 2,350 syllables of the standard have two high bytes.
    """
    rare = tuple(sign for sign in map(chr, range(0xAC00, 0xD7A4)) if min(sign.encode("cp949")) < 0xA1)
    return re.compile(rf"[{''.join(rare)}]\??[{''.join(rare)}]")


class Damage(msgspec.Struct, frozen=True):
    """One kind of damage: how it is found, and what takes it out where that loses nothing."""

    code: str
    found: Callable[[str], tuple[int, int] | None]
    mended: Callable[[str], str] | None = None
    outside_code: bool = False
    """Code may have it and mean it."""


def _by(pattern: re.Pattern[str]) -> Callable[[str], tuple[int, int] | None]:
    def found(text: str) -> tuple[int, int] | None:
        match = pattern.search(text)
        return match.span() if match else None

    return found


def _bidi(text: str) -> tuple[int, int] | None:
    """Marks of direction belong to texts that are written from right to left, and to no other."""
    return None if _ARABIC_OR_HEBREW.search(text) else _by(_BIDI)(text)


def _misread(text: str) -> tuple[int, int] | None:
    for pattern, read in ((_CP949_AS_LATIN, _cp949_again), (_UTF8_AS_LATIN, _utf8_again)):
        for match in pattern.finditer(text):
            if read(match.group()) is not None:
                return match.span()
    return _by(_utf8_as_cp949())(text)


def _latin_bytes(text: str) -> bytes:
    """The bytes that were misread, sign by sign: one text may hold both readings."""
    return b"".join(sign.encode("latin-1") if sign < "\u0100" else sign.encode("cp1252") for sign in text)


def _utf8_again(run: str) -> str | None:
    """What the run was before it was misread; None where it is no misread text."""
    try:
        text = _latin_bytes(run).decode()
    except UnicodeError:
        return None
    # Whatever is no letter, mark or picture was no text before either.
    return text if all(unicodedata.category(sign)[0] in "LPSMN" or sign == "\xa0" for sign in text if sign > "\x7f") else None


def _cp949_again(run: str) -> str | None:
    try:
        text = run.encode("latin-1").decode("cp949")
    except UnicodeError:
        return None
    return text if 2 * len(_HANGUL.findall(text)) > len(text.replace(" ", "")) else None


def _reread(text: str) -> str:
    """What can be read again and reads as something; the rest stands, and is found again."""
    # The pairs of a code page may be UTF-8 by accident; UTF-8 never comes in pairs throughout.
    text = _CP949_AS_LATIN.sub(lambda found: _cp949_again(found.group()) or found.group(), text)
    text = _UTF8_AS_LATIN.sub(lambda found: _utf8_again(found.group()) or found.group(), text)
    return _HANGUL_OR_HAN.sub(lambda found: _from_cp949(found.group()), text) if _utf8_as_cp949().search(text) else text


def _from_cp949(run: str) -> str:
    if not _utf8_as_cp949().search(run):
        return run
    try:
        return run.encode("cp949").decode()
    except UnicodeError:
        return run  # a byte that the code page does not have is lost


def _left_of_pages(text: str) -> tuple[int, int] | None:
    """Tags and entities, unless the text is a page itself."""
    return None if _PAGE.search(text) else _by(_HTML)(text)


def _without(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub("", text)


def _without_html(text: str) -> str:
    """Breaks as line breaks and entities as their signs. Other tags stand: what they meant is not known."""
    return _ENTITY.sub(lambda found: unescape(found.group()).replace("\xa0", " "), _BREAK.sub("\n", text))


def _full_width(text: str) -> str:
    # NFKC for this block alone: for a whole text it would rewrite ①, ㎏ and full-width marks.
    return _HALF_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)


DAMAGES = (
    Damage("mojibake", _misread, _reread),
    Damage("replacement-sign", _by(_REPLACED)),
    Damage("control-sign", _by(_CONTROL), _without(_CONTROL)),
    Damage("bidi-sign", _bidi, _without(_BIDI)),
    Damage("zero-width", _by(_ZERO_WIDTH), _without(_ZERO_WIDTH)),
    Damage("half-width", _by(_HALF_WIDTH), _full_width),
    Damage("lone-jamo", _by(_LONE_JAMO)),
    Damage("html", _left_of_pages, _without_html, outside_code=True),
)
"""In this order they are looked for and mended: what was misread looks like control signs until it is read again."""

JAMO_RUN = Damage("jamo-run", lambda text: _by(_JAMO_RUN)(text) if _JAMO.search(text) else None)
"""〈ㅋㅋㅋㅋ〉: people write so, and no answer should. Looking for one letter first takes a quarter of the time."""

# What can have none of these: it is looked at sign by sign, and faster than for what is odd.
_PLAIN = re.compile(r"[\t\n\r -%'-;=-~ㄱ-ㅣ가-힣一-鿿ぁ-ヿ‐-‟…、-〟！-～]*")


@lru_cache(maxsize=16)  # mending asks about a text, and looking for what is left asks again
def is_suspicious(text: str) -> bool:
    """Whether any sign is there at all by which one of `DAMAGES` could be found. Nine texts in ten have none."""
    plain = _PLAIN.match(text)
    return plain is None or plain.end() < len(text) or (not text.isascii() and bool(_utf8_as_cp949().search(text)))
