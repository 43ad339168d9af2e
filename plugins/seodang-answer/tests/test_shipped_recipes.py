"""The recipes that come with the lesson and the examples of its README, with the real command line against a vendor on loopback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import seodang

pytest.importorskip("seodang_filters", reason="a batch is looked at by its filter answer-fit")
pytest.importorskip("seodang_handcrafted", reason="the questions are its rows")
pytest.importorskip("seodang_locale_ko", reason="the recipes are Korean")
mock = pytest.importorskip("seodang_openai.mock", reason="somebody has to answer")

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def command(tmp_path):
    """The real command line, in a folder of its own."""

    def run(*arguments: str, **environment: str) -> str:
        said = subprocess.run(
            [sys.executable, "-m", "seodang", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "SEODANG_LANGUAGE": "en", **environment},
        )  # fmt: skip
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    return run


def test_the_best_of_four(command, tmp_path):
    command("init", "begun", "--recipe", "best-of-korean")
    with mock.mock_openai(answers="best-of-korean") as server:
        local = [f"--set=teachers.{name}.base_url={server.url}/v1" for name in ("writer", "critic")]
        local += ["--run-dir", "run"]
        planned = command("plan", "begun/recipe.toml", *local)
        assert "answer.judge" in planned
        command("run", "begun/recipe.toml", *local, "--quiet")
        paid = server.counts().payments
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == paid
    records = list(seodang.open_run(tmp_path / "run").records("answer"))
    assert len(records) == 6 and 24 + 6 <= paid <= 48, "four answers to each, and a grade for every different one"
    for record in records:
        scores = [candidate.score for candidate in record.candidates]
        assert len(scores) == 4 and scores == sorted(scores, reverse=True) and set(scores) <= {9.0, 6.0, 3.0}
        assert record.answer == record.candidates[0].message.text and record.candidates[0].rank == 1
    assert len({candidate.message.text for record in records for candidate in record.candidates}) > 6, "samples differ"
    shown = json.loads(command("show", "run", "--json"))
    assert {step["name"]: step["rows"]["in"] for step in shown["steps"] if step["name"] == "answer"} == {"answer": 6}


def test_four_in_one_request(command, tmp_path):
    command("init", "begun", "--recipe", "batched-korean")
    with mock.mock_openai(answers="batched-korean") as server:
        local = (f"--set=answer.base_url={server.url}/v1", "--run-dir", "run")
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == 3, "four, four and two"
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == 3
    records = list(seodang.open_run(tmp_path / "run").records("answer"))
    assert [record.tags["position"] for record in records] == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert len({record.tags["batch"] for record in records}) == 3
    assert all(record.question[:8] in record.answer for record in records)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_of_the_readme_are_recipes(command, tmp_path, number):
    text = EXAMPLES[number]
    head = '[recipe]\nname = "mine"\nlanguage = "ko"\n\n'
    if "seeds =" not in text:
        head += '[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\n\n'
    (tmp_path / "recipe.toml").write_text(head + text, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"instruction": "김치를 담그는 방법은?"}\n', encoding="utf-8")
    (tmp_path / "rubric.txt").write_text("{question} {answer} '점수: N'", encoding="utf-8")
    assert "answer" in command("plan", "recipe.toml", "--allow-unknown-price", OPENAI_API_KEY="sk-of-nobody")


def test_the_readme_has_examples():
    assert len(EXAMPLES) >= 3
