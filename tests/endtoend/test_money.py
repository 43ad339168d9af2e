"""Answers that are no use were paid for: they are kept, told, and asked again only when somebody says so."""

from __future__ import annotations

import json

import pytest
from seodang_bench.vendors import vendor

RECIPE = """[recipe]
name = "money"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "openai"
model = "mock"
base_url = "{url}"
input_price = 1.0
output_price = 2.0
"""
RUN = ("run", "recipe.toml", "--run-dir", "run", "--quiet", "--quarantine-limit", "1")


@pytest.fixture
def school(shell):
    """Three questions to a vendor that cuts, filters and garbles one each, the first time it is asked."""
    script = ["--script", "하나=length", "--script", "둘=content-filter", "--script", "셋=cut-json"]
    with vendor(arguments=script) as server:
        (shell.folder / "recipe.toml").write_text(RECIPE.format(url=server.url), encoding="utf-8")
        yield shell, server


def test_what_was_paid_is_kept_and_asked_again_only_when_told(school):
    shell, server = school
    assert shell(*RUN).code == 0
    step = shell.json("show", "run")["steps"][1]
    assert step["quarantined"] == {"bad-answer": 1, "content_filter": 1, "length": 1}
    paid = server.counts().payments
    assert shell(*RUN, "--set", "answer.in_flight=2").code == 0
    assert server.counts().payments == paid, "a run that is repeated buys nothing"

    assert shell("retry", "run", "--reason", "length").code == 0
    assert shell(*RUN).code == 0
    step = shell.json("show", "run")["steps"][1]
    assert step["quarantined"] == {"bad-answer": 1, "content_filter": 1} and step["rows"]["kept"] == 1
    assert server.counts().payments == paid + 1


def test_the_ledger_says_what_went_where_and_what_it_cost(school):
    shell, server = school
    shell(*RUN)
    sent = shell("ledger", "run", "--sent", "--json")
    assert sent.code == 0 and "127.0.0.1" in sent.out
    spent = shell.json("show", "run")["spent"]["USD"]
    assert float(spent) > 0
    shown = json.loads(shell("show", "run", "answer", "--quarantined", "--json").out.splitlines()[0])
    assert shown["record"]["messages"][0]["text"] in ("하나", "둘", "셋")


def test_money_is_converted_at_the_rate_that_the_recipe_states(school):
    shell, _ = school
    recipe = shell.folder / "recipe.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8") + "\n[rates]\nUSD-KRW = 1400000\n", encoding="utf-8")
    shell(*RUN)
    summary = shell.json("show", "run")
    expected = float(summary["spent"]["USD"]) * 1_400_000
    assert abs(float(summary["converted"]["KRW"].replace(",", "")) - expected) < 0.01 and expected > 0
    assert "At the rate of the recipe" in shell("show", "run").out


def test_answers_bought_elsewhere_are_not_bought_again(school):
    shell, server = school
    shell(*RUN, "--limit", "1")
    assert server.counts().requests == 1
    done = shell(
        "run", "recipe.toml", "--run-dir", "other", "--quiet", "--quarantine-limit", "1", "--reuse", "run", "--limit", "1"
    )
    assert done.code == 0, done.err
    assert server.counts().requests == 1
