"""Which of the numbers that look like personal data can be such."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"


def resident_number(value: str) -> bool:
    """Whether an 18-digit number has a day of birth in it and ends in its check digit, as GB 11643 has it."""
    try:
        datetime.date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=False))
    return _CHECK_SIGNS[total % 11] == value[17].upper()


CHECKS: Mapping[str, Callable[[str], bool]] = {"resident-number": resident_number}
"""The checks that the patterns of `texts.toml` name."""
