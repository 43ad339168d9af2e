"""The shipped recipe, begun and run with the real command line on a model that is made here; and the README's recipes."""

import json
import re
from pathlib import Path

import pytest
from seodang.commandline import main
from seodang_local.tiny import write_tiny

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys, no_network):
    pytest.importorskip("seodang_answer", reason="the recipe's lesson is a distribution of its own")
    pytest.importorskip("seodang_handcrafted", reason="the recipe's seeds are a distribution of their own")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    monkeypatch.setenv("SEODANG_OFFLINE", "1")

    def seodang(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return seodang


def test_the_shipped_recipe_runs_offline_with_a_model_that_is_set(shell, tmp_path):
    model = write_tiny(tmp_path / "tiny", tokenizer="pieces", seed=1)
    code, out, err = shell("init", "begun", "--recipe", "local-teacher")
    assert code == 0 and out.startswith("begun holds recipe.toml, questions.jsonl.\n"), err
    code, _, err = shell("plan", "begun/recipe.toml")
    assert code == 4 and "There is no directory begun/model. Paths are relative to the recipe." in err
    chosen = ("begun/recipe.toml", "--set", f"teachers.own.model={model}", "--set", "teachers.own.max_tokens=400")
    code, out, err = shell("plan", *chosen)
    assert code == 0, err
    code, out, err = shell("run", *chosen, "--run-dir", "run", "--quiet")
    assert code == 0, err
    code, out, _ = shell("show", "run", "answer", "--rows", "0", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) == 6 and all(row["messages"][1]["role"] == "assistant" for row in rows)
    code, out, _ = shell("ledger", "run", "--json")
    assert '"local"' in out or "seodang-local:local" in out


def test_the_recipes_of_the_readme_are_accepted(tmp_path, shell):
    write_tiny(tmp_path / "models" / "own", tokenizer="pieces", seed=1)
    (tmp_path / "questions.jsonl").write_text('{"instruction": "안녕?"}\n', encoding="utf-8")
    shown = [
        text for text in re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL) if "[recipe]" in text
    ]
    assert shown
    for text in shown:
        (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
        code, _, err = shell("run", "recipe.toml", "--quiet", "--set", "teachers.own.max_tokens=400", "--step", "answer")
        assert code == 0, err
