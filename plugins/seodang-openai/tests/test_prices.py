"""The table of prices: what is in it, what fits which model, and that nothing is guessed."""

import datetime

import pytest
import seodang
from seodang_openai import OpenAI
from seodang_openai.prices import listed_price, table


def price(model: str, **options) -> seodang.Price | None:
    return OpenAI(OpenAI.Options(model=model, **options)).price()


def test_the_table_says_what_it_is_and_its_prices_are_possible():
    prices = table()
    assert datetime.date.fromisoformat(prices.date) and prices.source.startswith("https://")
    assert len(prices.models) >= 10
    for model, listed in prices.models.items():
        assert 0 < listed.input < listed.output, model
        assert listed.cached is None or 0 < listed.cached < listed.input, model


def test_a_model_and_its_dated_snapshots_have_a_price_with_its_version():
    expected = seodang.Price(
        input_micro_per_million=150_000,
        output_micro_per_million=600_000,
        cached_micro_per_million=75_000,
        source=table().version,
    )
    assert price("gpt-4o-mini") == price("gpt-4o-mini-2024-07-18") == expected
    assert str(expected) == f"USD 0.15 in, 0.6 out, 0.075 cached (seodang-openai {table().date})"
    assert expected.cost(1_000_000, 0, 1_000_000) == 75_000 and expected.cost(1_000_000, 0, 400_000) == 120_000
    assert price("gpt-4o-2024-05-13").input_micro_per_million == 5_000_000, "a snapshot that has a price of its own"


@pytest.mark.parametrize(
    "model", ["gpt-4o-mini-audio-preview", "ft:gpt-4o-mini-2024-07-18:us::x", "gpt-4", "gpt-4o-mini-2", "", "GPT-4o"]
)
def test_nothing_is_guessed(model):
    assert listed_price(model) is None


def test_the_table_is_the_vendors_and_the_recipe_goes_before_it():
    assert price("gpt-4o-mini", base_url="https://llm.example.org/v1") is None
    assert price("gpt-4o-mini", base_url="https://eu.api.openai.com/v1") is None, "its regional hosts may take more"
    assert price("gpt-4o-mini", base_url="http://127.0.0.1:8000/v1") == seodang.FREE
    stated = price("gpt-4o-mini", input_price=1.0, output_price=2.0)
    assert str(stated) == "USD 1 in, 2 out (recipe)"


def test_a_batch_costs_half():
    batch = listed_price("gpt-4.1-nano", batch=True)
    assert (batch.input_micro_per_million, batch.output_micro_per_million, batch.cached_micro_per_million) == (
        50_000,
        200_000,
        12_500,
    )
    assert batch.source.endswith(", batch")
