"""Personal data in texts: where it stands, and how it is masked so that a text stays readable."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from seodang.texts import PersonalPattern

if TYPE_CHECKING:
    from seodang.locales import Locale

PERSONAL_DATA = "LicenseRef-personal-data"
"""The terms of rows that hold unmasked personal data. A step that asks somebody else's computer refuses them; what masks them
takes this away (`clears`)."""


class PersonalData(msgspec.Struct, frozen=True, order=True):
    """A place in a text where personal data of this kind stands."""

    start: int
    end: int
    kind: str


# One sign for one sign, so that places stay true: full-width forms, the many dashes, and blanks that look like nothing.
_FOLDED: dict[int, int] = {
    **{sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\u30fc"), ord("-")),
    **dict.fromkeys(map(ord, "\u2022\u2027\u2219\u22c5\u30fb"), ord("·")),
    **dict.fromkeys((0xA0, 0xAD, *range(0x2000, 0x200E), 0x202F, 0x2060, 0x3000, 0x3164, 0xFEFF), ord(" ")),
}


_ANY_FOLDED = re.compile("[" + "".join(map(re.escape, map(chr, _FOLDED))) + "]")


class _Ready(msgspec.Struct, frozen=True):
    """A pattern, compiled once."""

    known: PersonalPattern
    pattern: re.Pattern[str]
    near: re.Pattern[str] | None


class PersonalSearch:
    """Looks for the patterns of a language. Made once: most texts have few digits, and for these few patterns are left to try."""

    def __init__(self, patterns: Sequence[PersonalPattern]) -> None:
        self.patterns = patterns
        self._ready = [
            _Ready(known, re.compile(known.pattern), _any_of(known.near) if known.near else None) for known in patterns
        ]
        self._most_digits = max((known.digits for known in patterns), default=0)
        self._with_digits: dict[int, list[_Ready]] = {}

    def find(self, text: str, check: Callable[[str, str], bool]) -> list[PersonalData]:
        """The places in their order. Where two patterns overlap, the earlier pattern has it: the stricter ones are listed first.

        Patterns are written for ASCII digits, marks and blanks; full-width ones and the other dashes are read as these.
        """
        if not text.isascii() and _ANY_FOLDED.search(text):
            text = text.translate(_FOLDED)
        digits = min(sum(map(text.count, "0123456789")), self._most_digits)
        if (ready := self._with_digits.get(digits)) is None:
            ready = self._with_digits[digits] = [each for each in self._ready if each.known.digits <= digits]
        words = ""
        found: list[PersonalData] = []
        for each in ready:
            if (near := each.near) is not None:
                words = words or text.casefold()
                if not near.search(words):
                    continue  # nowhere in the text, so nowhere near
            for match in each.pattern.finditer(text):
                self._enter(found, match, each, text, check)
        return sorted(found)

    def _enter(
        self, found: list[PersonalData], match: re.Match[str], each: _Ready, text: str, check: Callable[[str, str], bool]
    ) -> None:
        known = each.known
        start, end = match.span(match.lastindex or 0)
        if any(start < other.end and other.start < end for other in found):
            return
        if each.near is not None:
            around = text[max(0, match.start() - known.within) : match.end() + known.within].casefold()
            if not each.near.search(around):
                return
        if known.check and not check(known.check, text[start:end]):
            return
        found.append(PersonalData(start, end, known.kind))


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Read as texts are: カード has a sign in it that texts may have instead of a dash."""
    return re.compile("|".join(re.escape(word.translate(_FOLDED).casefold()) for word in words))


def luhn(number: str) -> bool:
    """The check digit of payment cards."""
    digits = [int(sign) for sign in number if sign.isdecimal()]
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


class Pseudonyms:
    """Masks what it finds with stable, typed placeholders: the same number in two turns of a dialogue is `<phone_1>` in both.

    Make one for each dialogue. It remembers what it has masked for as long as it lives, and writes none of it anywhere;
    `counts` is all that is told.
    """

    def __init__(self, locale: Locale, *, tokens: bool = False, kinds: Collection[str] | None = None) -> None:
        """`tokens` puts the base model's own mask tokens where there is one for the kind; `kinds` are the only ones to be masked."""
        self._locale = locale
        self._known: dict[tuple[str, str], str] = {}
        self._tokens = tokens
        self._kinds = kinds
        self.counts: Counter[str] = Counter()

    def mask(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for place in self._locale.personal_data(text):
            if self._kinds is not None and place.kind not in self._kinds:
                continue
            parts += [text[end : place.start], self._name(place.kind, text[place.start : place.end])]
            end = place.end
            self.counts[place.kind] += 1
        return "".join((*parts, text[end:])) if parts else text

    def _name(self, kind: str, value: str) -> str:
        pattern = next(pattern for pattern in self._locale.personal if pattern.kind == kind)
        if self._tokens and pattern.token:
            return pattern.token
        # However it is written: 010-1234-5678 and 010 1234 5678 are one number.
        plain = "".join(sign for sign in value.translate(_FOLDED).casefold() if sign.isalnum()) or value
        if (kind, plain) not in self._known:
            number = 1 + sum(1 for other, _ in self._known if other == kind)
            self._known[kind, plain] = f"<{pattern.placeholder}_{number}>"
        return self._known[kind, plain]


__all__ = ["PERSONAL_DATA", "PersonalData", "PersonalSearch", "Pseudonyms", "luhn"]
