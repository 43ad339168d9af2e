"""How a number, a Latin word or something in quotes or brackets is read aloud, where that is certain.

The locale knows a reading for everything. Here is asked whether people could have had another one in mind: 〈SWOT〉 is spelt or spoken,
〈아이폰 3〉 is 삼 or 쓰리, 〈Fe〉 is 철. A wrong particle behind such a word is none.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\d.,:/])(?P<before>[A-Za-z]\d{0,4}\s?|[-:])?(?P<number>\d[\d,]*(?:\.\d+)?)$")
_SIGN = re.compile(r"\d\s?[%℃]$")
_WORD = re.compile(r"(?<![A-Za-z0-9._/@&=+'’-])[A-Za-z]+$")
_UNIT = re.compile(r"\d\s?[A-Za-z]{1,3}$")
_TAG = re.compile(r"<[/A-Za-z][^<>]*>$")
_BRACKET = re.compile(r"(?P<outside>[^\s()\[\]]+)\s?[(\[](?P<inside>[^()\[\]]+)[)\]]$")
_CLOSING = "'\"’”」』》〉*_>"
_SAME_EITHER_WAY = "AIOUYFHLMNSVXZJQW"
"""Spelt or spoken, an acronym that ends so has the same particle: 〈NASA〉, 〈RAM〉, 〈URL〉. Of 〈SWOT〉, 〈TOEIC〉 and 〈RADAR〉 that is not true."""
_ENDS_IN_VOWEL = re.compile(r"([aiouyszxfhvjrw]|[csdgvzrei]e|(?<=[rln])d|(?<=[rsnclpf])t|(?<=[rnsl])k|(?<=[mls])p)$")
_ENDS_IN_CONSONANT = re.compile(r"([mnl]|ng|[bpgd]le|ine|one|ame|ome|ime)$")
_SILENT = re.compile(r"(que|gue|eau|ois|gn)$")
_LEAST = 3
"""Fe is 철 and km is a unit: Latin words of fewer letters are symbols."""


def readings(before: str, given: str) -> tuple[str, ...]:
    """The words as which the end of `before`, behind which the particle `given` stands, may be read; none where that is uncertain.

    〈납(Pb)〉 is read with its bracket or without, so it has two.
    """
    bare = before.rstrip(_CLOSING)
    if not bare or bare[-1] in ".!?…" or _TAG.search(before):
        return ()  # a sentence in quotes: people say 〈하는 말〉 behind it in their thoughts
    if bracket := _BRACKET.search(bare):
        both = tuple(_word(bracket[side].rstrip(_CLOSING), given) for side in ("outside", "inside"))
        return both if all(both) else ()
    word = _word(bare, given)
    return (word,) if word else ()


def _word(text: str, given: str) -> str:
    if not text:
        return ""
    if "가" <= text[-1] <= "힣":
        return text[-1]
    if sign := _SIGN.search(text):
        return sign.group()
    if number := _NUMBER.search(text):
        return number["number"] if number["before"] is None and _is_certain_number(number["number"], given) else ""
    word = None if _UNIT.search(text) else _WORD.search(text)
    return word.group() if word and _is_certain_word(word.group()) else ""


def _is_certain_number(number: str, given: str) -> bool:
    """1, 2, 4, 5, 7 and 8 take the same particles in Korean and in English; other numbers that are short may be those of a version."""
    if given in ("과", "가", "로"):  # 제5과, 종로3가, 3로
        return False
    return number[-1] in "124578" or len(number) >= _LEAST


def _is_certain_word(word: str) -> bool:
    if len(word) == 1:
        return True
    if word.isupper():
        return word[-1] in _SAME_EITHER_WAY or not re.search("[AEIOUY]", word)
    if len(word) < _LEAST or word[-1].isupper() or not re.search("[aeiouy]", word) or _SILENT.search(word):
        return False
    return bool(_ENDS_IN_VOWEL.search(word) or _ENDS_IN_CONSONANT.search(word))
