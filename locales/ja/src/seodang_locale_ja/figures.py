"""Amounts and days as they are written in Japan."""

from __future__ import annotations

import datetime
from decimal import Decimal

_UNITS = {"JPY": "円", "KRW": "ウォン", "USD": "ドル", "EUR": "ユーロ", "CNY": "人民元", "GBP": "ポンド"}


def money(amount: int | float | Decimal, currency: str) -> str:
    """The number and the unit without a blank: 1,200円. A currency without a usual word keeps its code."""
    unit = _UNITS.get(currency)
    return f"{amount:,}{unit}" if unit else f"{amount:,} {currency}"


def date(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
