"""The numbers of a text and of its translation, whether in digits, with words for large ones behind them, or in words.

Languages group digits (1,000), multiply (1만 is 10,000) and spell numbers out: the locale has its words for them. What is written
otherwise is a warning where a multiplier is part of it, and nothing where a word stands for a small number; a number that the source
says in no form is a failure. Hours by twelve and by
twenty-four, and units that were converted, are not recognised: they are other numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from decimal import Decimal

import msgspec

from seodang.locales import Locale
from seodang.texts import NumberWords
from seodang.translation.checks.pairs import Finding, Pair

_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_OTHER_DIGIT = re.compile(r"[^\x00-\x7f\D]")
_DIGIT = re.compile(r"\d")
_IN_DIGITS = re.compile(r"\d\d*(?:\.\d+)?")
"""Not `\\d+`: what begins with one sign, `re` looks for several times as fast as for what begins with a repetition."""
_NO_WORDS = NumberWords()
ARTICLES = 2
"""Words for one and two are articles, ordinals and pairs as well: that they are not said again means nothing."""
EACH = 1
"""May be new: 〈per person〉 is 〈for 1 person〉 in some languages. Any other number has to come from somewhere."""


class Numbers(msgspec.Struct, frozen=True):
    """How often each value stands in a text: in digits alone, in digits with a multiplier, in words alone."""

    digits: Counter[Decimal]
    multiplied: Counter[Decimal]
    words: Counter[Decimal]


class _Group:
    """Numbers and multipliers that stand together: 1억 2,000만."""

    def __init__(self) -> None:
        self.parts: list[Decimal] = []
        self.has_digits = self.has_scale = self.ends_in_number = False

    def take(self, value: Decimal, *, scale: bool, digits: bool) -> bool:
        """False where it belongs to a group of its own."""
        if scale:
            smaller = Decimal(0)
            while self.parts and self.parts[-1] < value:
                smaller += self.parts.pop()
            self.parts.append((smaller or Decimal(1)) * value)
            self.has_scale, self.ends_in_number = True, False
            return True
        last = self.parts[-1] if self.parts else None
        tens_and_units = not digits and not self.has_digits and last is not None and 10 <= last < 100 and value < 10
        if last is not None and ((self.ends_in_number and not tens_and_units) or value >= last or digits != self.has_digits):
            return False
        self.parts.append(value)
        self.ends_in_number = True
        self.has_digits = self.has_digits or digits
        return True


def read(text: str, words: NumberWords = _NO_WORDS) -> Numbers:
    """The numbers of a text."""
    found = Numbers(Counter(), Counter(), Counter())
    group, end = _Group(), 0
    plain = _plain(text)
    for place in words.pattern.finditer(plain):
        name = place.lastgroup or ""
        digits, scale = name == "digits", name.startswith("scale")
        value = Decimal(place[0] if digits else name.rpartition("_")[2])
        together = words.joint.fullmatch(plain, end, place.start())
        if not (together and group.take(value, scale=scale, digits=digits)):
            _close(group, found)
            group = _Group()
            group.take(value, scale=scale, digits=digits)
        end = place.end()
    _close(group, found)
    return found


def _close(group: _Group, found: Numbers) -> None:
    if group.parts:
        kind = (found.multiplied if group.has_scale else found.digits) if group.has_digits else found.words
        kind[sum(group.parts, Decimal(0))] += 1


def numbers(pair: Pair) -> Finding | None:
    """Each number of the source stands in the translation, and no other."""
    if not _DIGIT.search(pair.source) and not _DIGIT.search(pair.target):
        return None
    if _same_digits(pair):
        return None
    before, after = read(pair.source, _words(pair.source_locale)), read(pair.target, _words(pair.target_locale))
    if before.digits == after.digits and before.words == after.words and not before.multiplied and not after.multiplied:
        return None
    missing, new = before.digits - after.digits, after.digits - before.digits
    missing_large, new_large = before.multiplied - after.multiplied, after.multiplied - before.multiplied
    as_large, as_digits, from_words = missing & new_large, missing_large & new, new_large & before.words
    lost = missing - as_large + (missing_large - as_digits)
    added = (new - as_digits + (new_large - as_large)) - before.words
    in_words, lost = lost & after.words, lost - after.words
    # What stands for a number in digits of the source does not also stand for one in words.
    unread = before.words - after.words - new - new_large
    unsaid = Counter({value: times for value, times in unread.items() if value > ARTICLES})
    if lost or any(value != EACH for value in added) or (added and (in_words or unsaid)):
        return Finding("numbers", f"{_told(lost + in_words or unsaid)} → {_told(added)}")
    if added:
        return Finding("numbers", f"∅ → {_told(added)}", "warn")
    rewritten = as_large + as_digits + from_words + (before.multiplied & after.multiplied)
    return Finding("numbers", _told(rewritten), "warn") if rewritten else None


def _same_digits(pair: Pair) -> bool:
    """Whether both have the same digits and nothing that multiplies any. Then words change nothing, and reading them takes twenty
    times as long as this."""
    source, target = _plain(pair.source), _plain(pair.target)
    if sorted(_IN_DIGITS.findall(source)) != sorted(_IN_DIGITS.findall(target)):
        return False
    return not (_is_multiplied(source, pair.source_locale) or _is_multiplied(target, pair.target_locale))


def _is_multiplied(text: str, locale: Locale | None) -> bool:
    multiplying = _words(locale).multiplying
    return multiplying is not None and multiplying.search(text) is not None


def _told(values: Counter[Decimal]) -> str:
    return " ".join(f"{value.normalize():,f}" for value in sorted(values.elements())) or "∅"


def _plain(text: str) -> str:
    """The text with ASCII digits, and without commas between groups of three."""
    if not text.isascii():
        text = _OTHER_DIGIT.sub(_ascii_digit, text.replace("，", ",").replace("．", "."))
    return _GROUPED.sub(lambda found: found[0].replace(",", ""), text) if "," in text else text


def _ascii_digit(sign: re.Match[str]) -> str:
    value = unicodedata.decimal(sign[0], None)
    return sign[0] if value is None else str(value)


def _words(locale: Locale | None) -> NumberWords:
    return _NO_WORDS if locale is None else locale.number_words
