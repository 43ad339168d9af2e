"""Checks of numbers that are given out in Japan."""

from __future__ import annotations


def my_number(value: str) -> bool:
    """個人番号: twelve digits, of which the last checks the others (weights 2 to 7, from the right, and over again from 2)."""
    digits = [int(sign) for sign in value if sign.isdecimal()]
    if len(digits) != 12:
        return False
    weighted = sum(digit * (2 + place % 6) for place, digit in enumerate(reversed(digits[:-1])))
    rest = weighted % 11
    return digits[-1] == (0 if rest <= 1 else 11 - rest)


CHECKS = {"my-number": my_number}
