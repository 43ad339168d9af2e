"""Which of the numbers that look like personal data can be such."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_LEAST_DIGITS, _MOST_DIGITS = 8, 15
"""An international number has at most fifteen digits (E.164); shorter ones than eight are a sum or a score."""


def iban(value: str) -> bool:
    """Whether the number of a bank account keeps the rule of ISO 13616: read as a number, it leaves 1 when divided by 97."""
    plain = "".join(value.split()).upper()
    if not 15 <= len(plain) <= 34:
        return False
    # The country and the check digits go to the end; A counts as 10, Z as 35.
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def international(value: str) -> bool:
    return _LEAST_DIGITS <= sum(sign.isdecimal() for sign in value) <= _MOST_DIGITS


CHECKS: Mapping[str, Callable[[str], bool]] = {"iban": iban, "international": international}
"""The checks that the patterns of `texts.toml` name."""
