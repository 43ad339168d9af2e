"""What a judge will cost is told before it is asked: beside what the run then really asks of a vendor's mock, and counted by that."""

from __future__ import annotations

import json

import pytest
from seodang_openai.mock import mock_openai

FACTOR = 2
"""As docs/money.md states it: tokens are guessed by script, and what students will say by its usual length."""
REASON = "첫째 답변은 물은 것에 알기 쉽게 답했습니다. 둘째 답변은 같은 말을 되풀이하고, 묻지 않은 것을 길게 덧붙였습니다."
JUDGE = [
    {"when": r"1에서 10까지|1점\(", "text": json.dumps({"reason": REASON, "grade": 7}, ensure_ascii=False)},
    {"when": "", "text": json.dumps({"reason": REASON, "better": "A"}, ensure_ascii=False)},
]
RECIPE = """[recipe]
name = "judged"
language = "ko"

[students.mine]
use = "answers"
path = "mine.json"

[[step]]
evaluate = "{evaluation}"
student = "mine"
questions = "mine.json"
{more}
controls = 2
judge = "openai"
model = "mock"
base_url = "{url}/v1"
input_price = 1.0
output_price = 4.0
"""


@pytest.fixture
def judged(shell, monkeypatch):
    """Five answers in a file, a baseline, and a judge that is counted by whoever is paid."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    for name, said in (("mine", "서당에서는 글을 읽고 외우며 배웠습니다. "), ("theirs", "잘 모르겠지만 아마도 그럴 것입니다. ")):
        rows = [{"instruction": f"서당에서는 {n}번째로 무엇을 배웠습니까?", "output": said * (n + 2)} for n in range(5)]
        (shell.folder / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    with mock_openai(answers=JUDGE) as server:

        def recipe(evaluation, more=""):
            text = RECIPE.format(evaluation=evaluation, more=more, url=server.url)
            (shell.folder / "recipe.toml").write_text(text, encoding="utf-8")
            return shell, server

        yield recipe


@pytest.mark.parametrize(
    ("evaluation", "more", "requests"),
    [("alpaca-eval", 'baseline = "theirs.json"', 5 * 2 + 2 * 4 * 2), ("mt-bench", "", 5 + 2 * 4)],
)
def test_the_judge_costs_about_what_the_plan_says(judged, evaluation, more, requests):
    shell, server = judged(evaluation, more)
    planned = shell.json("plan", "recipe.toml", "--run-dir", "run")["steps"][0]["estimate"]
    assert (planned["requests"], planned["exact"], planned["complete"]) == (requests, True, True)

    assert shell("run", "recipe.toml", "--run-dir", "run", "--quiet").code == 0
    paid = server.counts()
    assert paid.payments == requests
    for name in ("input_tokens", "output_tokens"):
        assert 1 / FACTOR < planned[name] / paid.charged[name] < FACTOR
    bill = paid.charged["input_tokens"] * 1 + paid.charged["output_tokens"] * 4
    assert 1 / FACTOR < planned["likely_micro"] / bill < FACTOR and planned["most_micro"] > bill
    assert shell.json("plan", "recipe.toml", "--run-dir", "run")["steps"][0]["estimate"] is None


def test_what_a_trained_student_will_say_is_reckoned_with(judged):
    shell, server = judged("alpaca-eval", 'against = "theirs"')
    recipe = (shell.folder / "recipe.toml").read_text(encoding="utf-8")
    theirs = '[students.theirs]\nuse = "openai"\nmodel = "mock"\nbase_url = "http://127.0.0.1:9/v1"\n\n[[step]]'
    recipe = recipe.replace("[[step]]", theirs).replace('student = "mine"', 'students = ["mine", "theirs"]')
    (shell.folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    said = shell("plan", "recipe.toml", "--run-dir", "run")
    assert said.code == 0, said.err
    assert "2 students, 26 new questions (0 answered already)" in said.out
    assert "what its students will be asked or will say is not there yet" in said.out
    assert server.counts().requests == 0, "nobody was asked, neither the judge nor the student behind a server"


@pytest.mark.parametrize(("language", "told"), [("en", "more than the cap of 0.001 USD"), ("ko", "한도 0.001 USD를 넘습니다")])
def test_a_cap_below_it_is_told_before_money_is_spent(judged, language, told):
    shell, server = judged("alpaca-eval", 'baseline = "theirs.json"')
    stopped = shell("run", "recipe.toml", "--run-dir", "run", "--max-cost", "0.001USD", language=language)
    assert stopped.code == 7 and server.counts().payments == 0
    assert told in stopped.err
