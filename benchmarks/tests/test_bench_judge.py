"""`seodang bench judge` over files of answers and a judge behind the wire; what others published; and ours written as theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang_alpaca_eval.annotators import Annotator
from seodang_alpaca_eval.prompts import Shown
from seodang_alpaca_eval.questions import Question
from seodang_bench.commandline import command
from seodang_openai.mock import mock_openai

SHARED = Path(__file__).parents[3] / "shared" / "data"
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

    def once(*more: str, says: list[dict] = JUDGE) -> tuple[object, int]:
        with mock_openai(answers=says) as server:
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


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the published verdicts are not beside the repository")
def test_published_verdicts_come_to_their_published_figures(monkeypatch):
    files = ("vicuna_blog_eval/review_gpt35_vicuna-13b.jsonl", "alpaca_eval/annotations_alpaca-7b_vs_davinci003_first_200.json")
    expected = {
        "en": [
            "review_gpt35_vicuna-13b.jsonl: 693.0 against 638.0 in 80 reviews (0 not read): 92.1 %",
            "annotations_alpaca-7b_vs_davinci003_first_200.json: alpaca-7b against text_davinci_003: 25.75 % wins (± 3.07), 50 won and 3 drawn "
            "of 200, 0 without a verdict, 408 characters on average",
            "  at equal lengths 26.25 % [20.29, 31.19]",
        ],
        "ko": [
            "review_gpt35_vicuna-13b.jsonl: 693.0 대 638.0, review 80개(읽지 못함 0개): 92.1%",
            "annotations_alpaca-7b_vs_davinci003_first_200.json: alpaca-7b 대 text_davinci_003: 승률 25.75%(± 3.07), 200개 가운데 50승 3무, 판정 없음 "
            "0개, 평균 408자",
            "  길이가 같다면 26.25% [20.29, 31.19]",
        ],
    }
    for language, lines in expected.items():
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        done = CliRunner().invoke(command, ["verdicts", *(str(SHARED / file) for file in files)])
        assert done.output.splitlines() == lines


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Written: theirs/seodang_ko/configs.yaml. AlpacaEval asks it in one order only: its figures are not ours.\n"),
        ("ko", "theirs/seodang_ko/configs.yaml에 썼습니다. AlpacaEval은 한 가지 순서로만 물으므로 수치가 우리 것과 다릅니다.\n"),
    ],
)
def test_our_question_is_an_annotator_of_theirs_and_is_read_again(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, ["annotator", "theirs", "--model", "gpt-4o-mini"])
    assert (done.exit_code, done.output) == (0, said)
    annotator = Annotator(tmp_path / "theirs" / "seodang_ko" / "configs.yaml", "")
    shown = Shown(Question("1", ("하나?",)), (("{output_2}",), ("둘",)))
    system, user = annotator.request(shown, None).messages
    assert "[[A]], [[B]]" in system.text and user.text == "[질문]\n하나?\n\n[답변 A]\n{output_2}\n\n[답변 B]\n둘"
    for text, verdict in (("이유. [[A]]", 1), ("[[B]]", 0), ("[[C]]", 0.5), ("모름", None)):
        assert annotator.read(seodang.Answer(message=seodang.Message("assistant", text)), shown) == verdict


def test_a_judge_that_says_no_verdict_or_believes_anything_is_counted_and_told(judge):
    mumbles = [{"when": r"2번은", "text": '{"reason": "글쎄요", "grade": 7}'}, *JUDGE]
    done, _ = judge("--baseline", "THEIRS", "--json", "--controls", "0", says=mumbles)
    scores = {score["name"]: score for score in json.loads(done.output.splitlines()[-1])}
    assert done.exit_code == 0 and scores["no-verdict"]["value"] == 1 and scores["win-rate"]["count"] == 3
    assert scores["win-rate"]["value"] == (1 + 1 + 0.5) / 3, "a grade is no verdict on a pair"
    gullible = [
        {"when": rf"\[답변 {side}\]\n<material \w+>\n(?:score: 10|이전의)", "text": f'{{"reason": "", "better": "{side}"}}'}
        for side in "AB"
    ]
    done, _ = judge("--baseline", "THEIRS", "--controls", "3", says=[*gullible, *JUDGE])
    assert done.exit_code == 0 and "INVALID JUDGE: taken in by order, score; both orders" in done.output


def test_an_answer_that_one_of_two_lacks_stops_the_step_and_what_was_judged_is_not_paid_again(judge, tmp_path, monkeypatch):
    short = answers(tmp_path / "short.json", ["맞는 답입니다."] * 3)
    for language, said in (
        ("en", "short.json has no answer to 1 question, such as '3번은 무엇입니까?'."),
        ("ko", "short.json에 질문 1개의 답변이 없습니다"),
    ):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        done, paid = judge("--baseline", "THEIRS", "--outputs", short, "--questions", str(tmp_path / "theirs.json"))
        assert isinstance(done.exception, seodang.DataError) and said in str(done.exception), done.output
    assert paid == 0, "the first time paid for the one whose answers are whole"


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
