"""Amounts of money: integers of millionths, read from what a person types and shown as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from seodang.errors import DataError, RecipeError

MICRO = 1_000_000
MOST_MICRO = 10**15
"""A thousand million of a currency. Whoever passes this has mistyped, and sums of such amounts still fit into 64 bits."""

_AMOUNT = re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,10})(?:\.(?P<part>[0-9]{1,6}))?\s*(?P<currency>[A-Za-z]{3})")


class Cap(msgspec.Struct, frozen=True):
    """The most that a run may cost in one currency, over all its invocations."""

    currency: str
    micro: int


def parse_cap(text: str) -> Cap:
    """`1.5USD`, `1,000 KRW`: an amount and the three letters of its currency.

    A bare number is refused: five of what? So are more than six decimals, because millionths are all there is.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise AmountError("ledger.bad-amount", text=text)
    micro = int(found["whole"].replace(",", "")) * MICRO + int((found["part"] or "0").ljust(6, "0"))
    if micro > MOST_MICRO:
        raise AmountError("ledger.bad-amount", text=text)
    return Cap(found["currency"].upper(), micro)


class AmountError(DataError):
    """A mistyped amount is a mistake of configuration, like one in a recipe."""

    exit_code = RecipeError.exit_code


def amount(micro: int) -> str:
    """`1,234.5`: exact, without zeros that say nothing."""
    sign = "-" if micro < 0 else ""
    whole, part = divmod(abs(micro), MICRO)
    decimals = f".{part:06d}".rstrip("0") if part else ""
    return f"{sign}{whole:,}{decimals}"


def format_amount(micro: int, currency: str) -> str:
    """`1,234.5 USD`."""
    return f"{amount(micro)} {currency}".rstrip()


def format_amounts(micro: Mapping[str, int]) -> str:
    """`1.5 USD + 300 KRW`, or `0`. Currencies are never added up: there is no rate in the ledger."""
    return " + ".join(format_amount(value, currency) for currency, value in sorted(micro.items()) if value) or "0"


def tightest(caps: Sequence[Cap]) -> dict[str, int]:
    """One cap a currency: where two are given, the lower one holds."""
    limits: dict[str, int] = {}
    for cap in caps:
        limits[cap.currency] = min(cap.micro, limits.get(cap.currency, cap.micro))
    return limits
