"""Amounts as a person types and reads them."""

import pytest
from hypothesis import given, strategies
from seodang.ledger.money import MOST_MICRO, AmountError, Cap, amount, format_amount, format_amounts, parse_cap


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("1.5USD", Cap("USD", 1_500_000)),
        ("5usd", Cap("USD", 5_000_000)),
        (" 2,000 KRW ", Cap("KRW", 2_000_000_000)),
        ("0.000001USD", Cap("USD", 1)),
        ("0USD", Cap("USD", 0)),
    ],
)
def test_amounts_that_are_understood(text, cap):
    assert parse_cap(text) == cap


@pytest.mark.parametrize(
    "text", ["", "5", "USD", "$5", "5 dollars", "-1USD", "1.0000001USD", "1e3USD", "1,00USD", "٥USD", "nanUSD", "9999999999USD"]
)
def test_amounts_that_are_refused(text):
    with pytest.raises(AmountError) as refused:
        parse_cap(text)
    assert refused.value.exit_code == 3


@given(strategies.integers(0, MOST_MICRO))
def test_what_is_shown_can_be_read(micro):
    assert parse_cap(format_amount(micro, "USD")) == Cap("USD", micro)


def test_amounts_are_exact_and_currencies_are_not_added_up():
    assert amount(1_234_500_000) == "1,234.5"
    assert amount(-1) == "-0.000001"
    assert format_amounts({"USD": 1_500_000, "KRW": 300_000_000, "EUR": 0}) == "300 KRW + 1.5 USD"
    assert format_amounts({}) == "0"
