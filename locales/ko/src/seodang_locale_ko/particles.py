"""Which Korean particle follows a word, by its final sound: Hangul, numbers, Latin letters, acronyms, units, kana.

Imports nothing of seodang: the core loads this file by its path to fill its messages. What cannot be known (a Chinese
character has several readings) gets both forms, as in 〈漢을(를)〉.
"""

from __future__ import annotations

import re
import unicodedata

NONE, CONSONANT, RIEUL, UNKNOWN = "none", "consonant", "rieul", "unknown"

_CONSONANT_FORMS = {"를": "을", "는": "은", "가": "이", "와": "과", "야": "아"}
_SILENT = " \t'\"`’”」』》〉】*_,.;:!?…·/\\~-"
_COMPATIBLE = re.compile(r"[①-⑳㎀-㏟！-～]")
_BRACKETS = ")]}>"
_BRACKETED = re.compile(r"\s*(\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>)$")
_NUMBER = re.compile(r"\d[\d,]*(\.\d+)*$")
_MEASURED = re.compile(r"\d\s*([A-Za-z]+|[%℃°])$")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+$")
_DIGITS = {
    "0": CONSONANT,
    "1": RIEUL,
    "2": NONE,
    "3": CONSONANT,
    "4": NONE,
    "5": NONE,
    "6": CONSONANT,
    "7": RIEUL,
    "8": RIEUL,
    "9": NONE,
}
_UNITS = {
    "kg": CONSONANT,
    "g": CONSONANT,
    "mg": CONSONANT,
    "km": NONE,
    "m": NONE,
    "cm": NONE,
    "mm": NONE,
    "h": NONE,
    "s": NONE,
    "ms": NONE,
}
_LETTERS = {"l": RIEUL, "m": CONSONANT, "n": CONSONANT, "r": RIEUL}
_VOWELS = "aeiouy"


def attach(word: str, choice: str) -> str:
    """The word with the particle of `choice` (`을/를`, `이/가`, `으로/로`, `이라/라` …, in either order) that fits its sound."""
    after_consonant, after_vowel = _forms(choice)
    sound = final_sound(word)
    if sound == UNKNOWN:
        return word + _both(after_consonant, after_vowel)
    if sound == NONE or (sound == RIEUL and after_consonant == "으" + after_vowel and after_vowel.startswith("로")):
        return word + after_vowel
    return word + after_consonant


def _forms(choice: str) -> tuple[str, str]:
    first, _, second = choice.partition("/")
    reversed_order = _CONSONANT_FORMS.get(first) == second or second in ("이" + first, "으" + first)
    return (second, first) if reversed_order else (first, second)


def _both(after_consonant: str, after_vowel: str) -> str:
    if after_consonant.endswith(after_vowel) and len(after_consonant) > len(after_vowel):
        return f"({after_consonant.removesuffix(after_vowel)}){after_vowel}"
    return f"{after_consonant}({after_vowel})"


def final_sound(word: str) -> str:
    """How the word ends when it is read aloud: without a final consonant, with ㄹ, with another one, or unknown.

    Quotation marks and closing brackets are silent, and so is a bracketed addition after a word: 〈사과(apple)를〉.
    """
    spoken = _COMPATIBLE.sub(_plain, word).rstrip(_SILENT)
    addition = _BRACKETED.search(spoken)
    if addition and spoken[: addition.start()].strip(_SILENT):
        spoken = spoken[: addition.start()]
    spoken = spoken.rstrip(_SILENT + _BRACKETS)
    if not spoken:
        return UNKNOWN
    last = spoken[-1]
    if "가" <= last <= "힣":
        return {0: NONE, 8: RIEUL}.get((ord(last) - ord("가")) % 28, CONSONANT)
    if measured := _MEASURED.search(spoken):
        return _of_unit(measured.group(1))
    if number := _NUMBER.search(spoken):
        return _of_number(number.group())
    if latin := _WORD.search(spoken):
        return _of_latin(latin.group())
    return _of_other(last)


def _plain(sign: re.Match[str]) -> str:
    """〈７〉 and 〈⑦〉 are read like 〈7〉, 〈（주）〉 like 〈(주)〉, and 〈㎏〉 like the unit in 〈3kg〉, also without a number."""
    plain = unicodedata.normalize("NFKC", sign.group())
    return f"1{plain}" if "㎀" <= sign.group() <= "㏟" else plain


def _of_number(number: str) -> str:
    """1 일, 10 십, 1,000 천, 1조 조: zeros at the end name a power of ten; behind a point digits are read one by one."""
    digits = number.replace(",", "")
    zeros = len(digits) - len(digits.rstrip("0"))
    if "." in digits or zeros in (0, len(digits)):
        return _DIGITS[str(unicodedata.digit(digits[-1]))]
    return NONE if zeros >= 12 and (zeros // 4) in (3, 5) else CONSONANT  # 조 and 해 end in a vowel


def _of_unit(unit: str) -> str:
    if unit.lower().endswith("b") and len(unit) in (2, 3):  # MB, GiB: 바이트; 1.3B is the letter and a vowel as well
        return NONE
    return NONE if unit in "%℃°" else _UNITS.get(unit) or _of_latin(unit)


def _of_latin(word: str) -> str:
    if word[-1].isupper() or len(word) == 1 or not any(vowel in word.lower() for vowel in _VOWELS):
        return _LETTERS.get(word[-1].lower(), NONE)  # an acronym is spelt: API 에이피아이, LLM 엘엘엠
    return _of_english_word(word.lower())


def _of_english_word(word: str) -> str:
    """By the rules for writing English words in Hangul: model 모델, file 파일, step 스텝, prompt 프롬프트, engine 엔진."""
    if word.endswith(("l", "le")):
        return RIEUL
    if word.endswith(("m", "n", "me", "ne", "ng")):
        return CONSONANT
    if word.endswith(("ck", "ook", "oup", "out", "type")):
        return CONSONANT
    stopped = re.search(r"(?<![aeiouy])[aeiou][ptkc]$", word)  # after one short vowel: map 맵, format 포맷, music 뮤직
    return CONSONANT if stopped or word.endswith("web") else NONE


def _of_other(last: str) -> str:
    if "ㄱ" <= last <= "ㅎ":  # the names of the consonants all end in one: 기역, 니은; ㄹ is 리을
        return RIEUL if last == "ㄹ" else CONSONANT
    if "ㅏ" <= last <= "ㅣ":
        return NONE
    if "ぁ" <= last <= "ヿ":
        return CONSONANT if last in "んン" else NONE
    return UNKNOWN
