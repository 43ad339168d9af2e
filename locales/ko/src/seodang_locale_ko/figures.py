"""Numbers, money, dates and times as they are written in Korea."""

from __future__ import annotations

import datetime
from decimal import Decimal

_UNITS = {"KRW": "원", "USD": "달러", "EUR": "유로", "JPY": "엔", "CNY": "위안", "GBP": "파운드"}
_TEN_THOUSAND, _HUNDRED_MILLION, _TRILLION = 10**4, 10**8, 10**12


def money(amount: int | float | Decimal, currency: str) -> str:
    """12,345원 digit by digit; where nothing but zeros would follow 만, by 조, 억 and 만: 3만 원, 1억 2,000만 원."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    if currency not in _UNITS:
        return f"{sign}{amount:,} {currency}"
    if currency == "KRW" and amount >= _TEN_THOUSAND and amount % _TEN_THOUSAND == 0:
        return f"{sign}{_by_ten_thousands(int(amount))} 원"
    return f"{sign}{amount:,}{_UNITS[currency]}"


def _by_ten_thousands(amount: int) -> str:
    parts = []
    for value, name in ((_TRILLION, "조"), (_HUNDRED_MILLION, "억"), (_TEN_THOUSAND, "만")):
        count, amount = divmod(amount, value)
        if count:
            parts.append(f"{count:,}{name}")
    return " ".join(parts)


def date(day: datetime.date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def time(moment: datetime.time) -> str:
    """By twenty-four hours: 14시 5분; the full hour without minutes."""
    return f"{moment.hour}시 {moment.minute}분" if moment.minute else f"{moment.hour}시"
