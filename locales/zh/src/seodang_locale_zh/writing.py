"""How Chinese is written: its normal form, and whether a text is Chinese at all."""

from __future__ import annotations

import re
import unicodedata

import seodang

_NO_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|https?://[!-~]+"
    r"|(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9.-]+"
    r"|(?<![A-Za-z0-9_.])[A-Za-z][A-Za-z0-9]*(?:[_.][A-Za-z0-9_]+)+",
    re.DOTALL,
)
_QUOTATION = re.compile(r"“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」|『[^』\n]*』|《[^》\n]*》|\"[^\"\n]*\"|'[^'\n]*'")
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""The Chinese characters, with 〇 and the later extensions, for use in brackets of a regular expression."""
_HAN = re.compile(rf"[{HAN}]")
# Kana and Hangul, but not ー and ・, which stand in Chinese texts as a dash and between the parts of foreign names.
_NEIGHBOUR = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff6f\uff71-\uff9d\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_OTHER_WORD = re.compile(rf"[^\W\d_{HAN}]+")

# Full-width letters and digits, and the radicals that stand for characters in texts taken from printed pages.
_OF_ANOTHER_WIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2e80-\u2fd5]")


def normal(text: str) -> str:
    """Normal form C, letters and digits of one width, radicals as characters. Marks stay full-width, as Chinese writes them.

    Simplified and traditional characters stay what they are: to change one for the other is a translation.
    """
    return seodang.nfc(_OF_ANOTHER_WIDTH.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text))


def is_chinese(text: str) -> bool:
    """Whether Han characters, simplified or traditional, are at least as many as words in other scripts, without kana and Hangul.

    What stands in quotation marks is asked about and does not count, unless there is nothing else: 把“ありがとう”译成中文 is Chinese.
    Japanese that has no kana at all, as names and titles have, cannot be told from Chinese.
    """
    prose = _NO_PROSE.sub(" ", seodang.nfc(text))
    without_quotations = _QUOTATION.sub(" ", prose)
    prose = without_quotations if _HAN.search(without_quotations) else prose
    characters = len(_HAN.findall(prose))
    return bool(characters) and not _NEIGHBOUR.search(prose) and characters >= len(_OTHER_WORD.findall(prose))
