"""`seodang try RECIPE --step NAME` on a training: what can be known before its first step, and nothing trained."""

from __future__ import annotations

import json

import pytest

TRAIN = """
[[step]]
train = "sft"
width = 32
layers = 2
heads = 2
max_steps = 2
batch_tokens = 256
threads = 1
"""
TRY = ("try", "recipe.toml", "--run-dir", "run", "--step", "sft")


@pytest.fixture
def school(shell):
    """A recipe that asks a teacher and trains, over thirty rows."""
    rows = "".join(json.dumps({"instruction": f"{number} 다음은?"}, ensure_ascii=False) + "\n" for number in range(30))
    (shell.folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    with open(shell.folder / "recipe.toml", "a", encoding="utf-8") as recipe:
        recipe.write(TRAIN)
    return shell


def figures(tried) -> dict:
    return {finding["code"].partition(":")[2]: finding.get("facts", {}) for finding in tried["findings"]}


def test_a_training_is_tried_with_a_sample_until_its_rows_are_there(school):
    tried = school.json(*TRY)
    assert tried["rows"] == "sample" and figures(tried)["found-rows"]["rows"] == 5
    assert len(tried["examples"]) == 3
    assert [piece.get("trained", False) for piece in tried["examples"][0]] == [False, True]
    assert not list((school.folder / "run").rglob("student")) and not list((school.folder / "run").rglob("*.partial-*"))
    assert school("run", "recipe.toml", "--run-dir", "run", "--quiet", "--step", "answer").code == 0
    told = school(*TRY)
    assert told.code == 0, told.err
    assert "Tried with all rows of the run run." in told.out and "30 rows" in told.out
    assert "⟦" in told.out and "What carries loss stands like ⟦…⟧." in told.out
    assert "- Template koalpaca: 30 questions are asked exactly as trained, every answer ends with '<eos>'." in told.out
    assert sorted(folder.name for folder in (school.folder / "run").glob("0*")) == ["01-seeds-handcrafted", "02-teach-answer"]
    korean = school(*TRY, language="ko").out
    assert "실행 run의 모든 행으로 시험했습니다." in korean and "손실이 걸리는 부분은 ⟦…⟧처럼 표시합니다." in korean
    assert school.json(*TRY, "--rows", "2")["rows"] == "sample"


def test_where_nobody_is_asked_all_rows_are_tried(school):
    recipe = school.folder / "recipe.toml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace('[[step]]\nteach = "answer"\nteacher = "echo"\n', ""), encoding="utf-8")
    unanswered = school(*TRY)
    assert unanswered.code == 4 and "No row can be trained on" in unanswered.err
    rows = "".join(f'{{"instruction": "{number} 다음은?", "output": "{number + 1}입니다."}}\n' for number in range(30))
    (school.folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    tried = school.json(*TRY)
    assert tried["rows"] == "all" and figures(tried)["found-rows"]["rows"] == 30


def test_what_stops_a_training_stops_its_rehearsal_and_the_training_alike(school):
    (school.folder / "base").mkdir()
    (school.folder / "base" / "pytorch_model.bin").write_bytes(b"pickle")
    for command in (TRY, ("run", "recipe.toml", "--run-dir", "run", "--quiet")):
        said = school(*command, "--set", "sft.model=base")
        assert said.code == 4 and "holds its weights only as pytorch_model.bin" in said.err


def test_a_second_training_waits_for_the_first(school):
    with open(school.folder / "recipe.toml", "a", encoding="utf-8") as recipe:
        recipe.write(TRAIN.replace('train = "sft"', 'train = "sft"\nname = "second"\nmodel = "step:sft"'))
    wanted = ("try", "recipe.toml", "--run-dir", "run", "--step", "second")
    said = school(*wanted)
    assert said.code == 4 and "comes after 'sft', which has not run yet, and a rehearsal trains nothing." in said.err
    assert "seodang run RECIPE --step sft" in said.err
    assert "앞선 'sft' 단계를 아직 실행하지 않았고" in school(*wanted, language="ko").err
    assert school("run", "recipe.toml", "--run-dir", "run", "--quiet", "--step", "sft").code == 0
    tried = school.json(*wanted)
    assert tried["step"] == "second" and figures(tried)["found-base"]["base"].endswith("student")


def test_the_plan_tells_what_binds_whoever_trains(school):
    asked = ("plan", "recipe.toml", "--set", "sft.model=LGAI-EXAONE/EXAONE-4.0-1.2B")
    assert "sft: LicenseRef-EXAONE-1.2-NC wants the student's name to begin with 'EXAONE'." in school(*asked).out
    assert "학생 모델의 이름은 'EXAONE'로 시작해야 합니다." in school(*asked, language="ko").out
    assert "LicenseRef-EXAONE-1.2-NC" in school.json(*asked)["plan"]["stages"][2]["terms"]
