"""What a user has who installed wheels: the entry points are there, a recipe runs, nothing comes from the checkout."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
from pathlib import Path

RECIPE = """
[recipe]
name = "installed"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "echo"
"""


def seodang(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["seodang", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)


def test_no_plugin_is_broken(tmp_path: Path):
    found = seodang("plugins", "--json", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert '"broken"' not in found.stdout


def test_every_distribution_of_the_checkout_is_installed():
    names = {entry.dist.name for entry in importlib.metadata.entry_points(group="seodang")}
    assert {
        "seodang-echo",
        "seodang-openai",
        "seodang-handcrafted",
        "seodang-train",
        "seodang-demo",
        "seodang-locale-ko",
    } <= names


def test_a_recipe_runs_and_is_exported(tmp_path: Path):
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text('{"instruction": "안녕하세요?"}\n', encoding="utf-8")
    done = seodang("run", "recipe.toml", "--run-dir", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    out = seodang("export", "run", "--to", "messages", "out.jsonl", cwd=tmp_path)
    assert out.returncode == 0, out.stderr
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert row["messages"][-1] == {"role": "assistant", "content": "안녕하세요?"}
