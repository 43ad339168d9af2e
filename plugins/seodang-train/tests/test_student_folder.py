"""From a recipe to a student's folder that says what it is: card, chat template, stops; by the real commands, in this process."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import seodang
import yaml
from seodang.commandline import main

RECIPE = """[recipe]
name = "village"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
licence = "CC-BY-4.0"

[[step]]
train = "sft"
width = 32
layers = 1
heads = 2
max_steps = 2
batch_tokens = 256
threads = 1
template = "koalpaca"
"""


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("seodang_handcrafted", "seodang_instruct_data"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    place = tmp_path_factory.mktemp("village")
    (place / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    rows = [{"instruction": f"{number} 다음은?", "output": f"{number + 1}입니다."} for number in range(9)]
    (place / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert command("run", place / "recipe.toml", "--run-dir", place / "run", "--quiet") == 0
    return place / "run"


def folder(run: Path) -> Path:
    return seodang.open_run(run).folder("sft")


def test_the_folder_says_where_answers_end_and_how_it_is_asked(run: Path):
    from transformers import AutoTokenizer

    student = folder(run) / "student"
    tokenizer = AutoTokenizer.from_pretrained(student)
    settings = json.loads((student / "generation_config.json").read_text(encoding="utf-8"))
    assert settings["eos_token_id"] == tokenizer.eos_token_id and settings["pad_token_id"] == tokenizer.pad_token_id
    said = tokenizer.apply_chat_template([{"role": "user", "content": "서당이란?"}], tokenize=False, add_generation_prompt=True)
    assert said == "### 질문: 서당이란?\n\n### 답변: ", "vLLM and llama.cpp ask it as it was trained"
    assert not [path for path in student.iterdir() if path.suffix in (".bin", ".pt")]


def test_the_run_writes_the_card_and_the_command_shows_it(run: Path, monkeypatch, capsys):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    written = folder(run) / "student" / "README.md"
    assert written.is_file(), "it stands there before anybody asks"
    assert command("card", run, "sft") == 0
    shown = capsys.readouterr().out
    card = written.read_text(encoding="utf-8")
    assert card in shown
    front = yaml.safe_load(card.split("---")[1])
    assert front == {
        "language": ["ko"], "license": "cc-by-4.0", "library_name": "transformers", "pipeline_tag": "text-generation",
        "tags": ["seodang", "sft"],
    }  # fmt: skip
    for part in (
        "GPTNeoXForCausalLM", "9 conversations, made in these steps:", "1. seeds by seodang-handcrafted:handcrafted: 9 in, 9 on",
        "### 질문: 1 + 1 = ?\n\n### 답변: 2<eos>", "| learning_rate | 0.001 |", "| last_loss |", "seodang run recipe.toml", 'train = "sft"',
    ):  # fmt: skip
        assert part in card, part
    assert str(run.parent) not in card, "where it lay on somebody's disk is nobody's business"
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert command("card", run, "train") == 0
    assert "대화 9개. 다음 단계를 거쳤습니다." in capsys.readouterr().out


def test_the_card_is_no_part_of_what_later_steps_depend_on(run: Path, capsys):
    names = [shard.name for shard in seodang.open_run(run).manifest("sft").shards]
    assert "student/model.safetensors" in names and "student/README.md" not in names
    before = (folder(run) / "manifest.json").stat().st_mtime_ns
    assert command("run", run.parent / "recipe.toml", "--run-dir", run, "--quiet") == 0
    assert (folder(run) / "manifest.json").stat().st_mtime_ns == before


def test_the_report_draws_the_losses(run: Path):
    assert command("report", run) == 0
    page = (run / "report.html").read_text(encoding="utf-8")
    assert re.search(r'<polyline class="curve', page)
    lines = [json.loads(line) for line in (folder(run) / "log.jsonl").read_bytes().splitlines()]
    assert [len(repr(line["loss"])) > 8 for line in lines] == [True, True], "in full precision"


@pytest.mark.parametrize(
    ("arguments", "code", "english", "korean"),
    [
        (
            ("card", "handcrafted"),
            4,
            "No student is in {run} (step handcrafted).",
            "{run}에 학생 모델이 없습니다(단계 handcrafted).",
        ),
    ],
)
def test_a_step_without_a_student_is_told(run: Path, monkeypatch, capsys, arguments, code, english, korean):
    for language, text in (("en", english), ("ko", korean)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        assert command(arguments[0], run, *arguments[1:]) == code
        assert text.format(run=run) in capsys.readouterr().err
