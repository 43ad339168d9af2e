"""The rungs above the program: a model of one's own behind a server, and one that has a price. What a model says is checked by computation."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click
import pytest
import seodang
from click.testing import CliRunner
from seodang.runs.engine import run_recipe
from seodang.wording import render
from seodang_demo.choosing import marks_of, teaching
from seodang_demo.command import command
from seodang_demo.tasks import TASKS
from seodang_locale_ko import Korean
from seodang_openai.mock import mock_openai

RECIPE = Path(str(files("seodang_demo"))) / "recipes" / "demo-teacher.toml"
SMALL = [
    "questions.facts={numbers=6, josa=6, sums=4}", "sft.max_steps=1", "sft.width=16", "sft.layers=1", "sft.heads=2", "program-exam.items=3",
]  # fmt: skip


def competent(prompt: str) -> str:
    """A model that can add and choose particles, and reads no number."""
    question, particle = prompt.splitlines()[-1], Korean().particle
    for task in TASKS:
        fact = task.read(question)
        if fact is not None and task.name != "numbers":
            return task.sentence(task.truth(fact, particle), fact, particle)
    return "모르겠습니다."


def test_a_model_behind_a_server_teaches_and_is_marked(tmp_path: Path):
    with mock_openai(answer=competent) as server:
        chosen = teaching("local", "qwen", f"{server.url}/v1")
        assert chosen.recipe == RECIPE.stem
        run_recipe(RECIPE, tmp_path / "run", settings=[*chosen.settings, *SMALL])
    marks = {each.name: (each.right, each.asked) for each in marks_of(tmp_path / "run")}
    assert marks == {"numbers": (0, 18), "josa": (12, 12), "sums": (8, 8)}
    assert seodang.open_run(tmp_path / "run").scores("program-exam"), "a student was trained on it and asked"


def told(*arguments: str, language: str) -> str:
    found = CliRunner().invoke(command, arguments, env={"SEODANG_LANGUAGE": language, "OPENAI_API_KEY": "none"})
    assert found.exit_code == 2
    return found.output


def test_what_has_a_price_waits_for_a_cap(tmp_path: Path):
    arguments = ("--teacher", "openai", "--model", "gpt-4o-mini", "--run-dir", str(tmp_path / "demo"))
    english, korean = (told(*arguments, language=language) for language in ("en", "ko"))
    assert "The questions cost at most 0." in english and "--max-cost 0." in english
    assert "질문에 드는 돈은 최대 0." in korean and "얼마까지 쓸지 정하세요" in korean
    assert not (tmp_path / "demo").exists(), "nothing was begun"


def test_who_teaches_is_told_or_asked_for(tmp_path: Path):
    assert teaching("program", "", "").recipe == "demo"
    local = teaching("local", str(tmp_path / 'a "quoted" model.gguf'), "")
    assert local.settings[0] == 'teachers.village.use="local"' and '\\"quoted\\"' in local.settings[1]
    for language, which, none in (
        ("en", "Which model is to teach? Name it with --model: --teacher local has none of its own.", "The program teacher has no --model"),
        ("ko", "어떤 모델이 가르칠까요? --teacher local에는 정해진 모델이 없으니", "프로그램 교사에는 --model도 --url도 없습니다."),
    ):  # fmt: skip
        assert render("seodang_demo:which-model", {"teacher": "local"}, language).startswith(which)
        assert render("seodang_demo:program-has-no-model", {}, language).startswith(none)
    for teacher, model in (("local", ""), ("openai", ""), ("program", "x")):
        with pytest.raises(click.UsageError):
            teaching(teacher, model, "")


def test_what_is_said_on_the_way_reads_well():
    facts = {
        "likely": "0.01 USD",
        "most": "0.05 USD",
        "model": "모델",
        "place": "demo",
        "subject": "조사",
        "right": 9,
        "asked": 10,
    }

    def both(code: str) -> list[str]:
        return [render(f"seodang_demo:{code}", facts, language) for language in ("en", "ko")]

    assert both("price") == [
        "The questions will cost about 0.01 USD, and at most 0.05 USD.", "질문에 드는 돈은 약 0.01 USD, 최대 0.05 USD입니다.",
    ]  # fmt: skip
    assert both("marks") == ["the teacher itself, 조사: 9 of 10 answers right", "교사 자신, 조사: 10개 가운데 9개 정답"]
    assert both("begin-model")[1].startswith("모델이 가르치고 프로그램이 답을 확인합니다. 모든 것은 demo에 남습니다.")
    assert both("begin-model")[0].startswith("모델 teaches here, and a program checks it.")
