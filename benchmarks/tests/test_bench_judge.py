"""`seodang bench judge` over files of answers and a judge behind the wire; what others published; and ours written as theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from seodang_bench.commandline import command
from seodang_openai.mock import mock_openai

JUDGE = [
    {
        "when": r"\[답변 A\]\n<material \w+>\n맞는[\s\S]*\[답변 B\]\n<material \w+>\n(?!맞는)",
        "text": '{"reason": "맞음", "better": "A"}',
    },
    {"when": r"\[답변 B\]\n<material \w+>\n맞는", "text": '{"reason": "맞음", "better": "B"}'},
    {"when": r"\[답변\]\n<material \w+>\n맞는", "text": '{"reason": "맞음", "grade": 9}'},
    {"when": r"\[답변\]", "text": '{"reason": "틀림", "grade": 2}'},
    {"when": "", "text": '{"reason": "비김", "better": "tie"}'},
]


def answers(path: Path, said: list[str]) -> str:
    rows = [{"instruction": f"{n}번은 무엇입니까?", "output": text, "generator": path.stem} for n, text in enumerate(said)]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return str(path)


@pytest.fixture
def judge(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    mine = answers(tmp_path / "mine.json", ["맞는 답입니다.", "맞는 답입니다.", "글쎄요, 모르겠습니다.", "맞는 답입니다."])
    theirs = answers(tmp_path / "theirs.json", ["틀린 답입니다.", "틀린 답입니다.", "맞는 답입니다.", "맞는 답이 아닙니다."])

    def once(*more: str) -> tuple[object, int]:
        with mock_openai(answers=JUDGE) as server:
            common = [
                "judge",
                "--outputs",
                mine,
                "--run-dir",
                str(tmp_path / "run"),
                "--model",
                "mock",
                "--base-url",
                f"{server.url}/v1",
            ]
            arguments = [*common, "--quiet", "--input-price", "0.1", "--output-price", "0.4", "--controls", "2", *more]
            done = CliRunner().invoke(command, [argument.replace("THEIRS", theirs) for argument in arguments])
            return done, server.counts().payments

    return once


def test_pairs_from_files_come_to_a_table_and_are_not_paid_twice(judge, tmp_path):
    done, paid = judge("--baseline", "THEIRS", "--json")
    assert done.exit_code == 0, done.output
    scores = {score["name"]: score for score in json.loads(done.output.splitlines()[-1])}
    assert scores["win-rate"]["value"] == (1 + 1 + 0 + 0.5) / 4 and scores["win-rate"]["student"] == "mine"
    assert paid == 2 * 4 + 2 * 2 * 4
    again, paid = judge("--baseline", "THEIRS")
    assert paid == 0 and "win-rate" in again.output and "both orders, disagreement = tie; judge mock; prompts ko" in again.output
    wrote = CliRunner().invoke(
        command, ["annotations", str(tmp_path / "run" / "run"), "judged", str(tmp_path / "theirs-form.json")]
    )
    assert wrote.exit_code == 0, wrote.output
    read = CliRunner().invoke(command, ["verdicts", str(tmp_path / "theirs-form.json"), "--json"])
    (figures,) = json.loads(read.output)
    assert figures["win_rate"] == 62.5 and figures["model"] == "mine"


def test_without_a_baseline_every_answer_is_graded(judge, tmp_path):
    questions = tmp_path / "questions.json"
    questions.write_text(
        json.dumps([{"instruction": f"{n}번은 무엇입니까?"} for n in range(4)], ensure_ascii=False), encoding="utf-8"
    )
    done, _ = judge("--questions", str(questions), "--json")
    scores = {score["name"]: score["value"] for score in json.loads(done.output.splitlines()[-1])}
    assert scores["grade"] == (9 + 9 + 2 + 9) / 4


def test_it_says_which_questions_it_needs(judge, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    done, paid = judge()
    assert done.exit_code == 2 and "--questions" in done.output and paid == 0
