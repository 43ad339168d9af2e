"""The program teacher and everybody around it: what it says is computed, what it gets wrong is wrong on purpose."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
import seodang
from seodang.testing import EvaluationContract, FilterContract, SeedsContract, TeacherContract, make_context
from seodang_demo.agreement import Agreement
from seodang_demo.exam import Exam, score
from seodang_demo.numerals import read_number
from seodang_demo.questions import Questions
from seodang_demo.tasks import TASKS
from seodang_demo.teacher import Program
from seodang_locale_ko import Korean

QUESTION = seodang.Request(messages=(seodang.Message("user", "숫자 3072를 읽어 주세요."),))


class TestQuestions(SeedsContract):
    seeds = Questions
    language = "ko"
    options = {"facts": {"numbers": 4, "josa": 4, "sums": 2}}


class TestProgram(TeacherContract):
    teacher = Program
    language = "ko"
    requests = (QUESTION, seodang.Request(messages=(seodang.Message("user", "'사과'에 맞는 조사는? (은/는)"),)))


class TestAgreement(FilterContract):
    filter = Agreement


class TestExam(EvaluationContract):
    evaluation = Exam
    language = "ko"
    options = {"items": 3}


@pytest.mark.parametrize(
    ("number", "spoken"), [(10, "십"), (111, "백십일"), (3072, "삼천칠십이"), (9999, "구천구백구십구"), (0, "영")]
)
def test_numbers_are_read_as_people_read_them(number: int, spoken: str):
    assert read_number(number) == spoken


def answer(text: str, tmp_path: Path, **options: object) -> str:
    teacher = Program(Program.Options(**options))
    context = make_context(tmp_path, language="ko")
    request = seodang.Request(messages=(seodang.Message("user", text),))
    return asyncio.run(teacher.answer(request, context)).message.text


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        ("숫자 3072를 읽어 주세요.", "'삼천칠십이'라고 읽습니다."),
        ("'수박'에 맞는 조사는? (은/는)", "'은'을 씁니다."),
        ("'사과'에는 은/는 가운데 무엇을 쓰나요?", "'는'을 씁니다."),
        ("3미터는 몇 센티미터인가요?", "300센티미터입니다."),
        ("월요일에서 10일 뒤는 무슨 요일인가요?", "목요일입니다."),
        ("사과 12개를 가진 민수가 5개를 더 받았습니다. 이제 몇 개인가요?", "모두 17개입니다."),
    ],
)
def test_the_truth_is_computed(question: str, answered: str, tmp_path: Path):
    assert answer(question, tmp_path) == answered


def test_every_question_is_recognised_and_its_mistake_is_no_truth():
    particle, chance = Korean().particle, random.Random(1)
    for task in TASKS:
        for _ in range(200):
            fact = task.draw(chance)
            truth = task.truth(fact, particle)
            assert task.mistake(fact, particle, chance) != truth
            for way in task.phrasings:
                question = way.fill(fact, particle)
                assert task.read(question) == fact, question
                assert next(other.name for other in TASKS if other.read(question) is not None) == task.name, question
            assert (
                task.in_form(task.sentence(truth, fact, particle)) and task.given(task.sentence(truth, fact, particle)) == truth
            )


def test_the_share_that_is_wrong_is_wrong_and_always_the_same(tmp_path: Path):
    options = Questions.Options(facts={"numbers": 300})
    context = make_context(tmp_path, language="ko", options=options)
    questions = [record.question for record in Questions(options).read(context)]
    right = [answer(question, tmp_path) for question in questions]
    wrong = [answer(question, tmp_path, wrong=0.15) for question in questions]
    share = sum(a != b for a, b in zip(right, wrong, strict=True)) / len(right)
    assert 0.11 < share < 0.19
    assert wrong == [answer(question, tmp_path, wrong=0.15) for question in questions]


def test_what_the_exam_asks_no_seed_has_asked(tmp_path: Path):
    options = Questions.Options(facts={"numbers": 800, "josa": 800, "sums": 200})
    context = make_context(tmp_path, language="ko", options=options)
    taught = {record.tags["fact"] for record in Questions(options).read(context)}
    from seodang_demo.tasks import key

    asked = Exam(Exam.Options(items=100)).questions(make_context(tmp_path, language="ko"))
    assert {each.group for each in asked} == {"numbers", "josa-met-noun", "josa-new-noun", "sums"} and len(asked) == 400
    assert not taught & {key(each.task.name, each.fact) for each in asked}


def test_agreement_keeps_the_majority_and_needs_no_truth(tmp_path: Path):
    def said(fact: str, text: str) -> seodang.Record:
        return seodang.single_turn("?", text, id=fact + text, tags={"fact": fact})

    rows = [said("a", "1"), said("a", "1"), said("a", "2"), said("b", "3"), said("b", "4"), said("c", "5")]
    verdicts = list(Agreement().sift(rows, make_context(tmp_path)))
    assert [type(verdict).__name__ for verdict in verdicts] == ["Keep", "Keep", "Drop", "Drop", "Drop", "Keep"]
    assert verdicts[2] == seodang.Drop("disagreement", "1")
    everything = Agreement(Agreement.Options(share=0.0)).sift(rows, make_context(tmp_path))
    assert all(isinstance(verdict, seodang.Keep) for verdict in everything)


def test_the_interval_is_wilsons():
    one = score("x", 1, 10)
    assert (round(one.low, 4), round(one.high, 4)) == (0.0179, 0.4042)
    assert score("x", 0, 10).low == 0.0 and score("x", 10, 10).high == 1.0


def test_an_unknown_subject_is_told_in_both_languages(tmp_path: Path):
    from seodang.wording import render

    options = Questions.Options(facts={"poems": 1})
    with pytest.raises(seodang.DataError) as told:
        list(Questions(options).read(make_context(tmp_path, language="ko", options=options)))
    assert render(told.value.code, told.value.facts, "en").startswith("The program teacher has no subject 'poems'.")
    assert render(told.value.code, told.value.facts, "ko").startswith("프로그램 교사에게 'poems' 과목은 없습니다.")
