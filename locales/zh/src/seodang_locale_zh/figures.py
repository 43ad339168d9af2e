"""Money and dates as they are written in China: 1,234.50元 and 2026年3月14日.

Large amounts are written in digits and not by 万 and 亿: a text that is compared or calculated with needs all of them.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

_UNITS = {
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "KRW": "韩元",
    "HKD": "港元",
    "CHF": "瑞士法郎",
    "SGD": "新加坡元",
}


def money(amount: int | float | Decimal, currency: str) -> str:
    """The unit behind the figure; currencies without a Chinese name here keep their code."""
    return f"{amount:,}{_UNITS[currency]}" if currency in _UNITS else f"{amount:,} {currency}"


def date(day: datetime.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
