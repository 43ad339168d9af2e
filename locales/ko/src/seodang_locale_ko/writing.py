"""How Korean is written: its normal form, and whether a text is Korean at all."""

from __future__ import annotations

import re
import unicodedata

import seodang

_HALF_WIDTH = re.compile(r"[\uffa0-\uffdc]+")
_SYLLABLE = re.compile(r"([ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ])([ㅏ-ㅣ])([ㄱ-ㄷㄹ-ㅂㅄ-ㅈㅊ-ㅎ](?![ㅏ-ㅣ]))?")
_LEADING = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_TRAILING = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"

# Code, addresses, and names that only a program reads: snake_case, camelCase, result.txt.
_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|https?://[^\s가-힣]+|(?<![\w.-])[\w.-]++@[\w-]++\.[\w.-]+"
    r"|(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*+(?:[_.][A-Za-z0-9_]++)+|\b[a-z]++(?:[A-Z][a-z0-9]*+)+",
    re.DOTALL,
)
_PERHAPS_NO_PROSE = re.compile("[A-Za-z`@]")
"""Each of them needs one of these."""
_NO_HANGUL = re.compile(r"[^\W\d_가-힣ㄱ-ㅣ]")
_HANGUL_WORD = re.compile(r"[가-힣ㄱ-ㅣ]+")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+")
_OTHER_LETTER = re.compile(r"[^\W\d_A-Za-zÀ-ɏ가-힣ㄱ-ㅣ]")

SHARE = 0.2
"""Hangul is used for nothing but Korean, so a fifth of the words is enough: 〈Docker container에서 port 3000 열기〉."""


def normal(text: str) -> str:
    """Normal form C, and half-width Hangul as syllables. Nothing else: NFKC would rewrite ①, ㎏ and full-width marks as well."""
    return seodang.nfc(_HALF_WIDTH.sub(_full_width, text))


def _full_width(found: re.Match[str]) -> str:
    # One step of the decomposition gives the letter that is written alone (ㅎ); NFKC would go on to conjoining letters.
    letters = "".join(chr(int(unicodedata.decomposition(sign).split()[-1], 16)) for sign in found.group() if sign in _NARROW)
    return _SYLLABLE.sub(_composed, letters)


_NARROW = frozenset(sign for sign in map(chr, range(0xFFA1, 0xFFDD)) if unicodedata.decomposition(sign).startswith("<narrow>"))


def _composed(found: re.Match[str]) -> str:
    leading, vowel, trailing = found.groups()
    trail = _TRAILING.index(trailing) if trailing else 0
    return chr(0xAC00 + (_LEADING.index(leading) * 21 + ord(vowel) - ord("ㅏ")) * 28 + trail)


def is_korean(text: str) -> bool:
    """Whether Hangul has its share of the words. Chinese characters and kana have no words; two of them count as one."""
    if text.isascii():
        return False
    prose = seodang.nfc(text)
    if "`" not in prose and "@" not in prose and not _NO_HANGUL.search(prose):
        return bool(_HANGUL_WORD.search(prose))  # most Korean texts have no other letters, and need no counting
    if _PERHAPS_NO_PROSE.search(prose):
        prose = _NO_PROSE.sub(" ", prose)
    hangul = len(_HANGUL_WORD.findall(prose))
    if not hangul:
        return False
    others = len(_LATIN_WORD.findall(prose)) + len(_OTHER_LETTER.findall(prose)) / 2
    return hangul >= SHARE * (hangul + others)
