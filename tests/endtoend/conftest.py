"""The command line inside this process: fast enough to tell a whole story in every test."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from seodang.commandline import main

RECIPE = """[recipe]
name = "first"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
licence = "CC0-1.0"

[[step]]
teach = "answer"
teacher = "echo"
"""
ROWS = '{"instruction": "하나", "url": "https://example.org/1"}\n{"instruction": "둘"}\n{"instruction": "셋"}\n'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A folder with a recipe and three rows, and `seodang` in it. Gives exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")

    def seodang(*arguments: str, language: str = "en") -> SimpleNamespace:
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=said.out, err=said.err)

    seodang.folder = tmp_path
    seodang.json = lambda *arguments: json.loads(seodang(*arguments, "--json").out)
    return seodang
