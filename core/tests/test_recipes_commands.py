"""`seodang recipes` and `seodang init`: from nothing to a recipe that runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from seodang.commandline import main
from seodang.errors import PluginError
from seodang.recipes.shipped import Shipped, find_shipped, shipped_recipes


@pytest.fixture
def seodang(capsys, monkeypatch, tmp_path):
    """Runs a command in `tmp_path`; gives its exit code, output and what it complained of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    def run(*arguments, language="en"):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


def test_the_recipes_of_installed_distributions_are_listed(seodang):
    code, out, _ = seodang("recipes")
    head, *rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0 and head == ["Recipe", "From", "What it does"]
    assert [
        "first",
        "seodang-echo 0.1.0",
        "Five questions to a teacher that gives them back: no key, no network, no model.",
    ] in rows
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)

    assert seodang("recipes", language="ko")[1].splitlines()[0] == "레시피\t배포판\t하는 일"

    (listed,) = [one for one in json.loads(seodang("recipes", "--json")[1]) if one["name"] == "first"]
    assert listed["distribution"] == "seodang-echo" and Path(listed["path"]).is_file()


def test_a_recipe_is_shown_as_it_is_written(seodang):
    code, out, _ = seodang("recipes", "show", "first")
    assert code == 0 and out == next(one.path.read_text() for one in shipped_recipes() if one.name == "first")
    assert json.loads(seodang("recipes", "show", "seodang-echo:first", "--json")[1])["text"] == out


def test_an_unknown_recipe_is_told_with_the_nearest(seodang):
    code, _, error = seodang("recipes", "show", "frist")
    assert code == 3 and error == "No installed distribution brings a recipe 'frist'. Did you mean 'first'?\n"
    _, _, error = seodang("init", "here", "--recipe", "frist", language="ko")
    assert error == "설치된 배포판 가운데 레시피 'frist'가 들어 있는 것이 없습니다. 혹시 'first'가 아닌가요?\n"


def test_two_recipes_of_one_name_are_both_named(monkeypatch):
    facts = {"name": "first", "version": "1", "description": "", "path": Path("first.toml")}
    both = [Shipped(distribution=name, **facts) for name in ("seodang-a", "seodang-b")]
    for language, expected in {
        "en": "'first' is offered by seodang-a, seodang-b; write 'seodang-a:first', 'seodang-b:first'.",
        "ko": "'first'는 seodang-a, seodang-b에 모두 있습니다. 'seodang-a:first', 'seodang-b:first' 가운데 하나로 쓰세요.",
    }.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(PluginError) as caught:
            find_shipped("first", both)
        assert str(caught.value) == expected
    assert find_shipped("seodang-b:first", both).distribution == "seodang-b"


def test_nothing_installed_is_told_with_what_to_install(monkeypatch):
    for language, expected in {
        "en": "No installed distribution brings recipes. Install one with: pip install seodang-echo",
        "ko": "레시피가 들어 있는 배포판이 설치되어 있지 않습니다. 설치: pip install seodang-echo",
    }.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(PluginError) as caught:
            find_shipped("first", [])
        assert str(caught.value) == expected


def test_init_makes_a_directory_that_runs_at_once(seodang, tmp_path):
    code, out, _ = seodang("init", "my-project")
    assert code == 0
    assert out.splitlines() == ["my-project holds recipe.toml, rows.jsonl.", "Next: seodang run my-project/recipe.toml"]
    assert seodang("init", "내-프로젝트", language="ko")[1].splitlines() == [
        "내-프로젝트에 recipe.toml, rows.jsonl을 만들었습니다.",
        "다음: seodang run 내-프로젝트/recipe.toml",
    ]
    assert len((tmp_path / "my-project" / "rows.jsonl").read_text(encoding="utf-8").splitlines()) == 5


def test_init_overwrites_nothing(seodang, tmp_path):
    kept = tmp_path / "project" / "recipe.toml"
    kept.parent.mkdir()
    kept.write_text("mine")
    code, _, error = seodang("init", "project")
    assert code == 4 and error == "project is not empty, and nothing in it is overwritten. Name a new directory.\n"
    _, _, error = seodang("init", "project", language="ko")
    assert error == "project는 비어 있지 않습니다. 있는 파일은 덮어쓰지 않으니 새 디렉터리를 지정하세요.\n"
    assert kept.read_text() == "mine"


def test_init_tells_what_a_recipe_still_needs(seodang, tmp_path, monkeypatch):
    package = tmp_path / "site" / "seodang_needy"
    (package / "recipes").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    recipe = (
        '[recipe]\nname = "needy"\nlanguage = "ko"\nrequires = ["seodang-nowhere>=9"]\n[[step]]\nseeds '
        '= "handcrafted"\npath = "x.jsonl"\n'
    )
    (package / "recipes" / "needy.toml").write_text(recipe)
    metadata = tmp_path / "site" / "seodang_needy-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: seodang-needy\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[seodang]\nneedy = seodang_needy\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    code, out, _ = seodang("init", "project", "--recipe", "needy")
    assert code == 0
    lines = out.splitlines()
    assert lines[:2] == ["project holds recipe.toml.", "Before it can run, this is needed:"]
    assert "pip install 'seodang-nowhere>=9'" in lines[2] and "x.jsonl" in lines[3]
    assert lines[-1] == "Next: seodang run project/recipe.toml"
    assert "실행하려면 먼저 다음을 해결해야 합니다." in seodang("init", "other", "--recipe", "needy", language="ko")[1]


def test_the_schema_of_what_is_installed_is_printed_for_editors(seodang):
    code, out, _ = seodang("recipes", "schema")
    schema = json.loads(out)
    assert code == 0 and "first" not in schema
    assert "handcrafted" in schema["properties"]["step"]["items"]["properties"]["seeds"]["enum"]


def test_the_help_of_the_commands_is_in_the_readers_language():
    """In processes of their own, because help is written when a command is imported."""

    def help_of(language, *command):
        environ = {**os.environ, "SEODANG_LANGUAGE": language, "PYTHONIOENCODING": "utf-8"}
        told = subprocess.run(
            [sys.executable, "-m", "seodang", *command, "--help"], env=environ, capture_output=True, encoding="utf-8"
        )
        return " ".join(told.stdout.split())

    assert "show Print one recipe." in help_of("en", "recipes") and "Print the JSON Schema of recipes" in help_of("en", "recipes")
    assert "레시피 하나를 보여 줍니다." in help_of("ko", "recipes")
    assert "레시피 JSON Schema를 출력합니다" in help_of("ko", "recipes", "schema")
    assert "Which recipe to begin with" in help_of("en", "init") and "어떤 레시피로 시작할지" in help_of("ko", "init")
