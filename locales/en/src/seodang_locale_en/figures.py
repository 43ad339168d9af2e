"""Money and dates as they are written in English: $1,234.50 and 14 March 2026.

English has two orders of the day; this one is understood on both sides of the Atlantic, while 3/4/2026 is another day on each.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

_SIGNS = {"USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "KRW": "₩", "CNY": "CN¥", "CAD": "CA$", "AUD": "A$"}
_WHOLE = frozenset({"JPY", "KRW"})
"""Currencies that have no smaller unit in use."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(amount: int | float | Decimal, currency: str) -> str:
    """The sign before the figure, two places behind the point or as many as there are. Unknown currencies keep their code."""
    sign, exact = ("-", -amount) if amount < 0 else ("", amount)
    digits = Decimal(str(exact))
    own = max(0, -int(digits.as_tuple().exponent))
    places = max(own, 0 if currency in _WHOLE else 2)
    figure = f"{digits:,.{places}f}"
    return f"{sign}{_SIGNS[currency]}{figure}" if currency in _SIGNS else f"{sign}{figure} {currency}"


def date(day: datetime.date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
