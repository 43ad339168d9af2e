"""Grades by turn: what a grade is, references, the rule on languages, and the published question files and prompts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
import seodang
from seodang.testing import EvaluationContract, asking, make_context
from seodang_alpaca_eval import Answers, Graded
from seodang_alpaca_eval.questions import read_questions
from seodang_alpaca_eval.verdicts import grade_in, verdict_in

SHARED = Path(__file__).parents[4] / "shared" / "data"

QUESTIONS = [
    {"question_id": 1, "category": "math", "turns": ["2 + 2는?", "거기에 3을 더하면?"], "reference": ["4", "7"]},
    {"question_id": 2, "category": "writing", "turns": ["인사말을 쓰세요.", "더 짧게 쓰세요."]},
]
ANSWERS = [
    {"question_id": 1, "choices": [{"index": 0, "turns": ["4입니다.", "It is seven."]}]},
    {"question_id": 2, "choices": [{"index": 0, "turns": ["안녕하세요, 반갑습니다.", "안녕!"]}]},
]


class Grader(seodang.Teacher):
    """Nine for what has 〈4입니다〉, four for the rest; one for answers that answer nothing."""

    name = "grader"
    asked: ClassVar[list[seodang.Request]] = []

    async def answer(self, request, context):
        type(self).asked.append(request)
        text = request.messages[-1].text
        grade = 1 if "10" in text or "여러 측면" in text or "many sides" in text else 9 if "4입니다" in text else 4
        said = json.dumps({"reason": "이유", "grade": grade}) if request.schema else f"이유입니다.\nRating: [[{grade}]]"
        return seodang.Answer(message=seodang.Message("assistant", said))


def lines(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path.name


@pytest.fixture
def graded(tmp_path: Path):
    def once(**options):
        Grader.asked = []
        lines(tmp_path / "questions.jsonl", QUESTIONS)
        lines(tmp_path / "answers.jsonl", ANSWERS)
        evaluation = Graded(msgspec.convert({"questions": "questions.jsonl", **options}, Graded.Options))
        context = make_context(tmp_path, language="ko", options=evaluation.options)
        answers = Answers(Answers.Options(path="answers.jsonl"))
        answers.open(context)

        async def everything():
            return [result async for result in evaluation.evaluate(answers, context)]

        with asking(context, Grader(), tmp_path):
            results = asyncio.run(everything())
        return {result.name: result for result in results if isinstance(result, seodang.Score)}, Grader.asked

    return once


def test_turns_and_categories_have_their_means_and_references_are_shown(graded):
    scores, asked = graded(controls=0)
    assert scores["grade"].value == (9 + 9 + 4 + 4) / 4
    assert scores["grade turn 1"].value == 6.5 and scores["grade math"].value == 9 and scores["grade writing"].value == 4
    first, second = asked[0].messages[-1].text, asked[1].messages[-1].text
    assert "[맞는 답변]" in first and "거기에" not in first
    assert "[맞는 답변 2]" in second and "[답변 1]" in second and "It is seven." in second
    assert "마지막 질문에 대한 답변" in asked[1].messages[0].text
    assert "[맞는 답변" not in asked[2].messages[-1].text


@pytest.mark.parametrize(("penalty", "mean"), [("none", 6.5), ("lowest", (9 + 1 + 4 + 4) / 4), ("root", (9 + 3 + 4 + 4) / 4)])
def test_an_answer_in_another_language_gets_what_the_published_evaluations_give_it(graded, penalty, mean):
    scores, _ = graded(penalty=penalty, controls=0)
    assert scores["grade"].value == mean and scores["answers in ko"].value == 0.75


def test_a_student_in_another_language_is_punished_and_the_judge_is_not(graded):
    ANSWERS[0]["choices"][0]["turns"][0], kept = "The answer is 4입니다 in English words.", ANSWERS[0]["choices"][0]["turns"][0]
    try:
        scores, asked = graded(penalty="lowest", controls=1)
    finally:
        ANSWERS[0]["choices"][0]["turns"][0] = kept
    assert "INVALID" not in scores["grade"].protocol
    assert len(asked) == 4 + 4


def test_controls_are_graded_on_first_turns_and_stay_below(graded):
    scores, _ = graded(controls=2)
    assert {scores[f"control {name}"].value for name in ("constant", "score", "verdict", "order")} == {1.0}
    assert scores["grade"].protocol == "grades 1 to 10; judge test:grader; prompts ko"


def test_the_prompts_of_a_file_are_used_word_for_word(graded, tmp_path):
    prompts = [
        {
            "name": name,
            "system_prompt": "심사위원입니다.",
            "prompt_template": f"{name}: {{question}}|{{question_2}}|{{answer}}{{answer_2}}|{{ref_answer_1}}",
        }
        for name in ("single-v1", "single-math-v1", "single-v1-multi-turn", "single-math-v1-multi-turn")
    ]
    scores, asked = graded(prompts=lines(tmp_path / "judge_prompts.jsonl", prompts), controls=0)
    texts = [request.messages[-1].text for request in asked]
    assert texts[0] == "single-math-v1: 2 + 2는?|{question_2}|4입니다.{answer_2}|4"
    assert texts[1] == "single-math-v1-multi-turn: 2 + 2는?|거기에 3을 더하면?|4입니다.It is seven.|4"
    assert texts[2].startswith("single-v1: ") and scores["grade"].protocol.endswith("prompts judge_prompts.jsonl")


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Rating: [[7]]", 7),
        ("[[3]] … no, [[8.5]]", 8.5),
        ("점수: 6", 6),
        ("[4]", 4),
        ("Rating: [[11]]", None),
        ("좋습니다.", None),
        ("2026년", None),
    ],
)
def test_grades_are_read_where_the_prompts_ask_for_them(text, grade):
    assert grade_in(text) == grade


@pytest.mark.parametrize(("text", "verdict"), [("그래서 [[A]]", 1), ("[[C]]", 0.5), ("[[A]] 또는 [[B]]", None), ("A", None)])
def test_two_verdicts_are_none(text, verdict):
    assert verdict_in(text) == verdict


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_the_published_question_files_are_read(tmp_path):
    context = make_context(tmp_path, language="ko")

    def read(name, references=None):
        found = read_questions([SHARED / name], context, [SHARED / references] if references else [])
        return len(found), sum(len(one.turns) for one in found), sum(bool(one.references) for one in found)

    assert read("alpaca_eval/model_outputs_text_davinci_003.json") == (805, 805, 0)
    assert read("self_instruct/user_oriented_instructions.jsonl") == (252, 252, 252)
    assert read("user_oriented_ko/user_oriented_instructions_eval_ko.jsonl") == (252, 252, 252)
    assert read("vicuna_bench/question.jsonl", "vicuna_bench/reference_answer_gpt-4.jsonl") == (80, 80, 10)
    assert read("mt_bench/question.jsonl", "mt_bench/reference_answer_gpt-4.jsonl") == (80, 160, 40)
    assert read("mt_bench_ko/question_ko.jsonl", "mt_bench_ko/reference_answer_ko_gpt-4.jsonl")[:2] == (80, 160)


class TestGraded(EvaluationContract):
    evaluation = Graded
    teacher = Grader

    @pytest.fixture
    def raw_options(self, place):
        lines(place / "questions.jsonl", QUESTIONS)
        return {"questions": str(place / "questions.jsonl"), "controls": 1}
