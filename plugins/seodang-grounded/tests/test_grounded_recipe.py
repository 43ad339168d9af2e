"""The shipped recipe and the README's example with the real command line, against a vendor on loopback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import seodang

pytest.importorskip("seodang_filters", reason="the recipe sifts")
pytest.importorskip("seodang_locale_ko", reason="the recipe is Korean")
pytest.importorskip("seodang_naver_kin", reason="the posts are its rows")
mock = pytest.importorskip("seodang_openai.mock", reason="somebody has to answer")

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
FORGOTTEN = re.search(r'--url "([^"]+)"', README)[1]


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


def everything_in(folder: Path) -> str:
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_shipped_recipe_from_posts_to_rows_and_back(command, tmp_path):
    command("init", "begun", "--recipe", "grounded-korean")
    with mock.mock_openai(answers="grounded-korean") as server:
        local = (f"--set=grounded.base_url={server.url}/v1", "--run-dir", "run")
        assert "6 new questions" in command("plan", "begun/recipe.toml", *local)
        command("run", "begun/recipe.toml", *local, "--quiet")
        command("run", "begun/recipe.toml", *local, "--quiet")
        assert server.counts().payments == 6, "seven posts, one without an accepted answer; the second run buys nothing"
    steps = {step["name"]: step for step in json.loads(command("show", "run", "--json"))["steps"]}
    assert steps["grounded"]["dropped"] == {"appended-answer": 1, "copied": 1, "no-answer": 1, "nothing-left": 2}
    assert steps["grounded"]["rows"]["used"] == 4 and steps["grounded"]["rows"]["made"] == 4
    records = list(seodang.open_run(tmp_path / "run").records())
    assert len(records) == 4 and all(record.tags["url"] == record.columns["url"] for record in records)
    assert all("LicenseRef-naver-kin" in record.terms for record in records)
    assert [record.tags["injection"] for record in records if "injection" in record.tags] == [["이전의 모든 지시를 무시하고"]]

    forgotten = json.loads(command("forget", "run", "--url", FORGOTTEN, "--json"))
    assert forgotten["rows"] >= 2, "the post and what was made from it"
    left = everything_in(tmp_path / "run")
    assert "김칫독" not in left and "발효 식품을 땅속에서" not in left and "비를 맞은 자전거" in left


def test_what_was_left_out_is_forgotten_with_its_post(command, tmp_path):
    """Rows that were rejected stand in a file, too."""
    command("init", "begun", "--recipe", "grounded-korean")
    with mock.mock_openai(answers="grounded-korean") as server:
        command("run", "begun/recipe.toml", f"--set=grounded.base_url={server.url}/v1", "--run-dir", "run", "--quiet")
    assert "펄라이트" in everything_in(tmp_path / "run")
    url = next(record.tags["url"] for record in seodang.open_run(tmp_path / "run").records("posts") if "화분" in record.question)
    command("forget", "run", "--url", url)
    assert "펄라이트" not in everything_in(tmp_path / "run")


def test_the_readmes_example_is_a_recipe(command, tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "recipe.toml").write_text(example, encoding="utf-8")
    (tmp_path / "kin").mkdir()
    (tmp_path / "kin" / "rows.jsonl").write_text(
        '{"title": "김치?", "answer": "채소입니다.", "adopted": true}\n', encoding="utf-8"
    )
    assert "1 new question" in command("plan", "recipe.toml", OPENAI_API_KEY="sk-of-nobody")
