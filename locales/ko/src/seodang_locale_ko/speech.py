"""The speech level of Korean sentences, by their last syllables: 합쇼, 해요, 해라, 해.

By rule, so it errs where only the meaning tells: a noun that ends like a verb. Frequent ones are listed; fragments, list items
and code end in nothing that is listed and are left out of the count.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from seodang_locale_ko.sentences import split

_FENCE = re.compile(r"^```.*?(?:^```[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_QUOTATION = re.compile(r"[\"“「『][^\"”」』]*[\"”」』]")
_OPENING = ('"', "“", "「", "『")
_TAIL = re.compile(r"(\s*\([^()]*\))?[^가-힣A-Za-z0-9]*$")

_NO_VERBS = re.compile(
    r"(필요|중요|수요|개요|주요|바다|소다|사이다|마다|이해|오해|올해|피해|방해|손해|동해|서해|남해|새해|동네|그네"
    r"|위해|통해|대해|의해|향해|인해|비해|재해|지중해|흑해|홍해|북해|황해|극해|리브해|비아해|트해|링해)$"
)
_PLAIN = re.compile(
    r"([셔겨려쳐켜져워줘와봐]라|는가|은가|인가|던가|느냐|으냐|이냐|하냐|어라|아라|거라|하라|해라|다|하자|보자|가자|말자)$"
)
_INTIMATE = re.compile(
    r"(해|돼|봐|줘|래|네|군|구나|거든|더라|잖아|는데|을게|할게|줄게|갈게|을걸|이야|거야|뭐야|누구야|아니야"
    r"|하지|었지|았지|했지|겠지|있지|없지|이지|렇지|르지)$"
)
_ASKED = re.compile(r"[지하되있없였았었겠]나$")  # 〈이루어지나?〉; 〈하나〉 and 〈언제나〉 ask nothing without their mark
_RELATIVES = re.compile(r"[머언]니$")  # 〈어머니?〉 asks for somebody, 〈어디 가니?〉 asks
_FINALS_OF_VERBS = (
    "ㅆㅄㅍㅎㄶㅌㅀㄾㄺㄼㄻㄵㄲ"  # 있어, 없어, 싶어, 좋지, 많아, 같아, 끓어, 읽지; 한국어, 단어 and 편지 have others
)
_LOOKED_AT = 4
"""Nothing that is looked for is longer."""
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def levels(text: str) -> Counter[str]:
    """How many sentences have each level. Code and quotations do not count: they are somebody else's words."""
    own_words = _FENCE.sub("", text) if "```" in text else text
    if any(map(own_words.__contains__, _OPENING)):
        own_words = _QUOTATION.sub("", own_words)
    return Counter(filter(None, map(sentence_level, split(own_words))))


def sentence_level(sentence: str) -> str:
    return _level(_ending(sentence)[-_LOOKED_AT:], "?" in sentence[-3:])


@lru_cache(maxsize=20_000)  # most sentences end as others do
def _level(ending: str, asks: bool) -> str:
    if (ending.endswith(("니다", "니까", "시다")) and len(ending) > 2 and _final(ending[-3]) == "ㅂ") or ending.endswith("시오"):
        return "합쇼"
    before = ending[-2] if len(ending) > 1 else ""
    if not ending or _NO_VERBS.search(ending):
        return ""
    if ending.endswith(("요", "죠")):
        return "해요" if before.strip() else ""  # no word is as short
    if _PLAIN.search(ending) or (asks and ending.endswith("니") and not _RELATIVES.search(ending)):
        return "해라"
    if asks and _ASKED.search(ending):
        return "해"
    if _INTIMATE.search(ending) or (ending[-1] in "어아지" and _final(before) in _FINALS_OF_VERBS):
        return "해"
    return "해" if ending[-1] in "까게" and _final(before) == "ㄹ" else ""


def _ending(sentence: str) -> str:
    """The sentence without its marks, and without an addition in brackets behind it."""
    if ")" in sentence:
        return _TAIL.sub("", sentence)
    sentence = sentence.rstrip(" .!?\n")  # nearly all that ever stands there
    end = len(sentence)
    while end:
        last = sentence[end - 1]
        if "가" <= last <= "힣" or (last.isascii() and last.isalnum()):
            return sentence[:end]
        end -= 1
    return ""


def _final(syllable: str) -> str:
    """The final consonant of a syllable, a blank where it has none."""
    return _FINALS[(ord(syllable) - ord("가")) % 28] if "가" <= syllable <= "힣" else " "
