"""Asked again, and asked otherwise: only what was of no use, with the parameters that were missing, under the old key."""

from __future__ import annotations

import json

import pytest
from seodang_openai.mock import mock_openai

SEEDS = """[recipe]
name = "again"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
"""
TEACHER = """
model = "mock"
base_url = "{url}"
input_price = 1.0
output_price = 2.0
"""
ANSWER = SEEDS + '\n[[step]]\nteach = "answer"\nteacher = "openai"\nmax_tokens = 20' + TEACHER
JUDGED = SEEDS + '\n[[step]]\nfilter = "score"\njudge = "openai"\nthreshold = 3' + TEACHER
RUN = ("run", "recipe.toml", "--run-dir", "run", "--quiet", "--quarantine-limit", "1")
LONG = "긴 답입니다. " * 20


def test_a_cut_answer_is_bought_once_more_with_more_room_and_nothing_else_is(shell):
    with mock_openai(answer=lambda prompt: LONG if "둘" in prompt else "짧은 답.") as server:
        (shell.folder / "recipe.toml").write_text(ANSWER.format(url=server.url + "/v1"), encoding="utf-8")
        assert shell(*RUN).code == 0
        assert shell.json("show", "run")["steps"][1]["quarantined"] == {"length": 1}
        assert server.counts().payments == 3

        told = shell.json("retry", "run", "--reason", "length", "--set", "max_tokens=400")
        assert told["questions"] == 1
        estimate = shell.json("plan", "recipe.toml", "--run-dir", "run")["steps"][1]["estimate"]
        assert (estimate["requests"], estimate["stored"]) == (1, 2)
        assert shell(*RUN).code == 0
        assert server.counts().payments == 4
        step = shell.json("show", "run")["steps"][1]
        assert step["rows"]["kept"] == 3 and not step["quarantined"]

        recipe = shell.folder / "recipe.toml"
        recipe.write_text(recipe.read_text(encoding="utf-8") + "replace = true\n", encoding="utf-8")
        assert shell(*RUN).code == 0
        assert server.counts().payments == 4, "the replacement stands under the key of the question that the recipe asks"
    lines = [json.loads(line) for line in shell("ledger", "run", "--sent", "--json").out.splitlines()]
    assert [line["request"].get("max_tokens") for line in lines if line["request"]["messages"][0]["text"] == "둘"] == [None, 400]


def test_a_judge_without_a_verdict_is_asked_again_and_the_others_are_not(shell):
    rows = [{"instruction": question, "output": "답입니다."} for question in ("하나", "둘", "셋")]
    (shell.folder / "rows.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    mumbled = []

    def judge(prompt: str) -> str:
        if "둘" in prompt and not mumbled:
            mumbled.append(prompt)
            return "잘 모르겠습니다."
        return "점수: 5"

    with mock_openai(answer=judge) as server:
        (shell.folder / "recipe.toml").write_text(JUDGED.format(url=server.url + "/v1"), encoding="utf-8")
        assert shell(*RUN).code == 0
        assert shell.json("show", "run")["steps"][1]["quarantined"] == {"no-verdict": 1}
        wrong = shell("retry", "run", "--reason", "lenght")
        assert wrong.code == 4 and "stop (3), no-verdict (1)" in wrong.err

        assert shell.json("retry", "run", "--reason", "no-verdict", "--set", "temperature=0.7")["questions"] == 1
        assert shell(*RUN).code == 0
        assert server.counts().payments == 4
        assert shell.json("show", "run")["steps"][1]["rows"]["kept"] == 3
        assert shell.json("show", "run")["wasted"]["USD"] != "0"
        assert shell(*RUN).code == 0 and server.counts().payments == 4


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("max-tokens=2048", "Did you mean 'max_tokens'?"),
        ("max_tokens=0", "Expected `int` >= 1"),
        ("max_tokens=many", "Expected `int"),
        ("temperature", "'temperature' is nothing that a question can be asked again with"),
    ],
)
def test_a_setting_that_means_nothing_marks_nothing(shell, setting, said):
    assert shell(*RUN).code == 0
    refused = shell("retry", "run", "--reason", "stop", "--set", setting)
    assert refused.code == 4 and said in refused.err
    assert shell.json("plan", "recipe.toml", "--run-dir", "run")["steps"][1]["state"] == "stands"
