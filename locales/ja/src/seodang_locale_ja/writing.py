"""Japanese writing: its normal form, its share in a text, words in a text without blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import seodang

_HALF_WIDTH = re.compile(r"[\uff65-\uff9f]+")
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`|https?://\S+|(?<![\w.-])[\w.-]++@[\w.-]+\b", re.DOTALL | re.ASCII)
_KANA = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾝ]")
_KANJI = re.compile(r"[々〆一-鿿㐀-䶿]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_'-]*")
_HANGUL = re.compile(r"[가-힣]")

SHARE = 0.2
"""A Japanese sentence about software is half Latin. So much of it is Japanese at the least."""


def normal(text: str) -> str:
    """Normal form C, and half-width katakana at their usual width. The compatibility form of everything would rewrite ① and ㎏."""
    return _HALF_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found[0]), seodang.nfc(text))


def is_japanese(text: str) -> bool:
    """By kana, which no other language has. A line of kanji alone may as well be Chinese, so it is not counted as Japanese."""
    prose = _NO_PROSE.sub(" ", text)
    kana = len(_KANA.findall(prose))
    own = kana + len(_KANJI.findall(prose))
    others = len(_LATIN_WORD.findall(prose)) + len(_HANGUL.findall(prose))
    return kana > 0 and own >= SHARE * (own + others)


def is_kana_or_kanji(sign: str) -> bool:
    return sign in "ー々〆" or bool(_KANA.match(sign) or _KANJI.match(sign))


def mentioned(text: str, words: Sequence[str]) -> list[str]:
    """The words that stand in the text by themselves: 地図 in 地図を, and not in 地図帳; グラフ and not in パラグラフ.

    Where no blank parts words, the change of script does. A word in hiragana is found wherever it stands.
    """
    text = normal(text).casefold()
    return [word for word in words if _pattern(word).search(text)]


def _pattern(word: str) -> re.Pattern[str]:
    plain = normal(word).casefold()
    first, last = _script(plain[0]), _script(plain[-1])
    before = f"(?<!{first})" if first else ""
    behind = f"(?!{last})" if last else ""
    return re.compile(before + re.escape(plain) + behind)


def _script(sign: str) -> str:
    if _KANJI.match(sign):
        return _KANJI.pattern
    if "ァ" <= sign <= "ヺ" or sign == "ー":
        return "[ァ-ヺー]"
    return r"[a-z0-9]" if sign.isascii() and sign.isalnum() else ""
