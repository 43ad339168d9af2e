"""Which of the numbers that look like personal data can be such."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

_CENTURIES = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}
_DATE = re.compile(r"(19|20)\d\d[-. ]+\d{1,2}[-. ]+\d{1,2}(?!\d)")
_TIMESTAMP = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{4}(\d\d)?")


def resident_number(value: str) -> bool:
    """Whether the first six digits are a day of the century that the seventh names.

    The check digit is not asked: numbers issued since October 2020 end in random digits, so it would let real ones pass unmasked.
    """
    digits = [sign for sign in value if sign.isdecimal()]
    year, month, day = (int("".join(digits[place : place + 2])) for place in (0, 2, 4))
    try:
        datetime.date(_CENTURIES[digits[6]] + year, month, day)
    except ValueError:
        return False
    return True


def account(value: str) -> bool:
    """Ten to fourteen digits, as banks have them, that are neither a date nor a moment."""
    digits = "".join(sign for sign in value if sign.isdecimal())
    return 10 <= len(digits) <= 14 and not _DATE.match(value) and not (value.isdecimal() and _TIMESTAMP.fullmatch(digits))


CHECKS: Mapping[str, Callable[[str], bool]] = {"resident": resident_number, "account": account}
"""The checks that the patterns of `texts.toml` name."""
