"""What is missing, damaged or too little is said, and nothing is claimed of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import seodang

sys.path.insert(0, str(Path(__file__).parent))
from study_school import CHOICES, CLOSED, PROMPTS, Pupil, Weighing, in_style, lines


def test_likelihoods_that_are_no_numbers_measure_nothing(study, tmp_path):
    class Damaged(Weighing):
        def loglikelihoods(self, pairs):
            return [float("nan") for _ in pairs]

    with pytest.raises(seodang.DataError, match=r"log-likelihood that is no number|로그 가능도가 수가 아닙니다"):
        study({"base": Weighing(False, 0), "newest": Damaged(True, 0)}, closed=lines(tmp_path / "choices.jsonl", CHOICES))


@pytest.mark.parametrize(
    ("language", "said"),
    [("ko", ("가 필요한데 설치되어 있지 않습니다", "'en'입니다")), ("en", ("needs kiwipiepy, which is not", "is 'en'"))],
)
def test_without_morphemes_it_is_said_what_to_do(study, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    for spoken, words in (("ko", said[0]), ("en", said[1])):
        with pytest.raises(seodang.SeodangError) as caught:
            study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, tokens="morphemes", language=spoken)
        assert words in str(caught.value)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_missing_is_said(study, monkeypatch, language, tmp_path):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    said = {
        "ko": (
            "바탕 모델과 한계 사이에 틈이 없어",
            "정답이 있는 질문이 없습니다",
            "이 단계의 학생('newest') 가운데 없어서",
            "3개에는 교사의 답변이 없습니다",
        ),
        "en": (
            "there is no room",
            "asks no closed questions",
            "is none of its students ('newest')",
            "not answered 3 of 24 prompts",
        ),
    }[language]
    _, _, context = study({"base": Pupil(True, 40), "newest": Pupil(True, 40)})
    assert said[0] in context.warned[0]
    _, _, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, closed="")
    assert said[1] in context.warned[0]
    scores, _, context = study({"newest": Pupil(True, 8)})
    assert said[2] in context.warned[0] and scores["newest", "style"].value > 0.5
    lines(tmp_path / "some.jsonl", [{"id": row["id"], "output": in_style(n)} for n, row in enumerate(PROMPTS[3:], 3)])
    scores, _, context = study({"base": Pupil(False, 8), "newest": Pupil(True, 8)}, teacher=None, answers="some.jsonl")
    assert said[3] in context.warned[0] and scores["newest", "style"].count == 21


@pytest.mark.parametrize(
    ("closed", "ko", "en"),
    [
        ({"question": "하나?"}, "정답 ''을 알아볼 수 없습니다", "is none"),
        ({"question": "하나?", "choices": ["가"], "answer": 0}, "보기의 목록이 아닙니다", "no list of choices"),
        ({"question": "하나?", "choices": ["가", "나"], "answer": "다"}, "'다'", "'다'"),
        ({"asked": "하나?"}, "질문을 찾지 못했습니다", "no question in the columns"),
    ],
)
def test_a_closed_question_that_is_none_stops_the_step(study, monkeypatch, tmp_path, closed, ko, en):
    for language, said in (("ko", ko), ("en", en)):
        monkeypatch.setenv("SEODANG_LANGUAGE", language)
        with pytest.raises(seodang.DataError, match=r"bad\.jsonl:1") as caught:
            study({"base": Pupil(False, 0), "newest": Pupil(True, 0)}, closed=lines(tmp_path / "bad.jsonl", [closed]))
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "empty.jsonl'에 질문이 하나도 없습니다"), ("en", "empty.jsonl': there is no question in it")]
)
@pytest.mark.parametrize("option", ["questions", "closed"])
def test_a_file_without_a_question_is_no_file_of_questions(study, tmp_path, monkeypatch, option, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(seodang.DataError) as caught:
        study({"base": Pupil(False, 0), "newest": Pupil(True, 0)}, **{option: "empty.jsonl"})
    assert said in str(caught.value)


def test_a_student_that_is_its_base_has_come_nowhere(study):
    scores, _, context = study({"base": Pupil(False, 8), "newest": Pupil(False, 8)})
    for name in ("style closure", "capability closure", "capability gain", "imitation index"):
        score = scores["newest", name]
        assert (score.value, score.low, score.high) == (0, 0, 0), name
    assert scores["newest", "capability gain"].facts["p"] == 1 and context.warned == []


def test_of_one_item_nothing_is_claimed(study, tmp_path):
    one = {"questions": lines(tmp_path / "one.jsonl", PROMPTS[:1]), "closed": lines(tmp_path / "single.jsonl", CLOSED[:1])}
    scores, _, context = study({"base": Pupil(False, 0), "newest": Pupil(True, 1)}, **one)
    gain = scores["newest", "capability gain"]
    assert (gain.value, gain.count, gain.facts["p"]) == (1, 1, 1), "one item more can be chance"
    assert all(score.low is None or score.low <= score.value <= score.high for score in scores.values())
    assert scores["newest", "style length correlation"].value == 0 and context.warned == []


def test_without_prompts_or_a_teacher_there_is_nothing_to_measure(study):
    students = {"base": Pupil(False, 0), "newest": Pupil(True, 0)}
    with pytest.raises(seodang.StepError, match=r"nothing to ask|물을 것이 없습니다"):
        study(students, questions="")
    with pytest.raises(seodang.StepError, match=r"answered none|교사가 답한 것이 없습니다"):
        study(students, teacher=None)
    with pytest.raises(seodang.StepError, match=r"is called 'teacher'|이름이 'teacher'인 학생"):
        study({"base": Pupil(False, 0), "teacher": Pupil(True, 0)})
    with pytest.raises(seodang.StepError, match=r"was asked of all|모두에게 물은 것이 없습니다"):
        study(students, items=["exam"], steps={"exam": []})
