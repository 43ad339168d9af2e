"""Answers that are no use were paid for: they are kept, told, and asked again only when somebody says so."""

from __future__ import annotations

import json

import pytest
from seodang_bench.vendors import vendor
from seodang_openai.mock import mock_openai

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


def test_show_and_the_report_tell_the_cost_by_step_what_was_wasted_and_what_a_row_came_to(school):
    shell, server = school
    shell(*RUN)
    assert (costs := shell.json("show", "run"))["costs"][0]["wasted_micro"] == costs["costs"][0]["spent_micro"], (
        "nothing was of use"
    )
    shell("retry", "run", "--reason", "length")
    shell(*RUN)
    summary = shell.json("show", "run")
    (cost,) = summary["costs"]
    billed = server.counts().charged
    # The answer in half a JSON document tells no usage: it stays at its worst case, above the bill.
    assert cost["spent_micro"]["USD"] >= billed["input_tokens"] * 1 + billed["output_tokens"] * 2
    assert set(cost["wasted_for"]) == {"length", "content-filter", "bad-answer"} and cost["rows"] == 1
    assert cost["per_row_micro"] == cost["spent_micro"] and summary["rows"] == 1
    assert 0 < cost["wasted_micro"]["USD"] < cost["spent_micro"]["USD"]
    told, korean = shell("show", "run").out, shell("show", "run", language="ko").out
    assert "answer: paid in vain for bad-answer" in told and "1 row in the end, 0.0" in told
    assert "answer: 헛쓴 까닭 bad-answer" in korean and "끝에 남은 1행, 한 행에 0.0" in korean
    shell("report", "run")
    page = (shell.folder / "run" / "report.html").read_text(encoding="utf-8")
    assert "answer: paid in vain for bad-answer" in page and '<th class="right">wasted</th>' in page


SEEDS_AND_ANSWER = """[recipe]
name = "two-teachers"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "short"
"""

TWO = """
[teachers.short]
use = "openai"
model = "short"
base_url = "{url}"
input_price = 1.0
output_price = 2.0

[teachers.long]
use = "openai"
model = "long"
base_url = "{url}"
input_price = 10.0
output_price = 20.0
"""


def test_two_teachers_answer_the_same_rows_beside_each_other_with_what_each_costs(shell, monkeypatch):
    """The second answers later and more; the bill of each is what the mock charged."""
    monkeypatch.setenv("COLUMNS", "100")
    with mock_openai(answer=lambda prompt: "짧은 답.") as server:
        steps = SEEDS_AND_ANSWER + TWO.format(url=server.url + "/v1")
        (shell.folder / "recipe.toml").write_text(steps, encoding="utf-8")
        command = ("try", "recipe.toml", "--rows", "2", "--teacher", "short", "--teacher", "long")
        first = shell.json(*command)
        charged, payments = server.counts().charged, server.counts().payments
        again = shell.json(*command)
        assert server.counts().payments == payments == 4, "the rehearsal that is repeated buys nothing"
        out = shell(*command, language="ko").out
    short, long = (tried["bought"] for tried in first)
    assert [tried["teacher"] for tried in first] == ["short", "long"] and first[0]["seeds"] == first[1]["seeds"]
    assert short["answers"] == long["answers"] == 2 and short["seconds"] > 0
    assert short["input_tokens"] + long["input_tokens"] == charged["input_tokens"]
    assert long["micro"]["USD"] == 10 * short["micro"]["USD"] == 10 * (short["input_tokens"] + 2 * short["output_tokens"])
    assert [tried["bought"] for tried in again] == [short, long], "and compares the same"
    heads = next(line for line in out.splitlines() if "short:" in line)
    assert heads.split() == ["short:", "long:"] and "답당 초" in out
    assert any(line.split() == ["짧은", "답.", "짧은", "답."] for line in out.splitlines())
