"""A judge grades every answer once, through the ledger; what it says without a grade is no grade."""

import asyncio
import json
import sys

import msgspec
import pytest
import seodang
import seodang_filters
import seodang_locale_ko
from seodang.testing import FilterContract, PlainLocale, asking, make_context
from seodang.testing.recipes import run_in
from seodang_filters import Score
from seodang_filters.score import Rubric


class Judge(seodang.Teacher):
    """Says what stands behind 〈grade=〉 in the answer, and counts what it is asked."""

    name = "scripted-judge"
    asked: list[str] = []

    async def answer(self, request, context):
        text = request.messages[-1].text
        type(self).asked.append(text)
        said = text.rpartition("grade=")[2].split()[0] if "grade=" in text else "7"
        finish = "refusal" if said == "refuse" else "stop"
        last = {"none": "잘 모르겠습니다.", "refuse": "평가할 수 없습니다."}.get(
            said, f"이유를 씁니다.\n점수: {said} Grade: {said}"
        )
        return seodang.Answer(message=seodang.Message("assistant", last), finish=finish)


class Giver(seodang.Seeds):
    """Rows of the test."""

    name = "giver"

    def read(self, context):
        for said in ("9", "3", "none", "refuse"):
            yield seodang.single_turn(f"{said}점짜리 질문입니다", f"답입니다 grade={said}")
        yield seodang.single_turn("아직 답이 없습니다")


@seodang.hookimpl
def register_teachers(register):
    register(Judge)


@seodang.hookimpl
def register_seeds(register):
    register(Giver)


@pytest.fixture(autouse=True)
def _nobody_was_asked():
    Judge.asked.clear()


class TestScore(FilterContract):
    filter = Score
    teacher = Judge


class TestScoreWithAThreshold(FilterContract):
    filter = Score
    teacher = Judge
    language = "ko"
    options = {"threshold": 8, "prompt": "rubric.txt"}
    files = {"rubric.txt": "질문: {question}\n답: {answer}\n{\"json\": 1}은 그대로 둡니다. '점수: N'으로 끝내세요."}


@pytest.fixture
def run(tmp_path):
    def run(options="", **files):
        recipe = f"""
[recipe]
name = "graded"
language = "ko"

[[step]]
seeds = "giver"

[[step]]
filter = "score"
judge = "scripted-judge"
{options}
"""
        plugins = [sys.modules[__name__], seodang_filters, seodang_locale_ko]
        return run_in(tmp_path, recipe, plugins=plugins, files=files, quarantine_limit=1.0)

    return run


def test_grades_are_kept_and_what_has_none_is_set_aside(run):
    done = run()
    assert done.ok, done.error
    assert [record.tags.get("score") for record in done.records("score")] == [9, 3, None]
    assert done.manifest("score").quarantined == {"no-verdict": 1, "refusal": 1}
    assert {line["record"]["messages"][1]["text"][-4:] for line in done.lines("score", "quarantined.jsonl")} == {"none", "fuse"}
    assert done.manifest("score").figures["grades"] == {"3": 1, "9": 1, "no-verdict": 1, "without-answer": 1}
    assert len(Judge.asked) == 4 and "grade=9" in Judge.asked[0] and "1점에서 10점" in Judge.asked[0]


def test_below_the_threshold_rows_are_dropped_and_nobody_is_asked_twice(run):
    run()
    done = run("threshold = 8")
    assert done.manifest("score").dropped == {"low-score": 1}
    (line,) = done.lines("score", "dropped.jsonl")
    assert line["code"] == "low-score" and line["detail"].startswith("3 < 8: 이유를 씁니다. 점수: 3")
    assert len(Judge.asked) == 4, "the grades were in the ledger"


def test_another_rubric_is_another_question(run):
    first = run('prompt = "rubric.txt"\ntag = "fluency"', **{"rubric.txt": "문장만 봅니다.\n{question}\n{answer}\n점수: N"})
    assert [record.tags.get("fluency") for record in first.records("score")] == [9, 3, None]
    assert Judge.asked[0] == "문장만 봅니다.\n9점짜리 질문입니다\n답입니다 grade=9\n점수: N"
    run('prompt = "rubric.txt"\ntag = "fluency"', **{"rubric.txt": "뜻만 봅니다.\n{question}\n{answer}\n점수: N"})
    assert len(Judge.asked) == 8, "the content of the rubric is part of the step and of the question"


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("좋은 답입니다.\n점수: 8", 8),
        ("점수: 3\n다시 보니 더 낫습니다.\n점수: 7", 7),
        ("**점수**: **8점**", 8),
        ("점수는 6점입니다", 6),
        ("평점 - 없음", None),
        ("점수: 8/10", 8),
        ("점수: 7.5", 7.5),
        ("점수: 1~10 사이에서 고르면", None),
        ("점수: 1 - 10", None),
        ("점수: 11", None),
        ("점수: 0", None),
        ("점수: -3", None),
        ("점수: 100", None),
        ("8", None),
        ("점수를 매길 수 없습니다. 2024년에는", None),
        ("", None),
    ],
)
def test_a_grade_is_read_where_one_stands(tmp_path, said, grade):
    assert Rubric(make_context(tmp_path, language="ko"), Score.Options()).grade(said) == grade


def graded(tmp_path, *records, **options):
    """The verdicts, and what was asked."""
    capability = Score(msgspec.convert(options, Score.Options))
    context = make_context(tmp_path, language="ko", options=capability.options)
    with asking(context, Judge(), tmp_path):
        return asyncio.run(capability.sift(list(records), context)), list(Judge.asked)


def test_a_reference_is_shown_where_there_is_one(tmp_path):
    known = seodang.single_turn("수도는?", "서울", id="1", columns={"truth": "서울입니다"})
    unknown = seodang.single_turn("강은?", "한강", id="2")
    _, asked = graded(tmp_path, known, unknown, reference="truth")
    assert "서울입니다" in asked[0] and "None" not in asked[1] and "참고" not in asked[1]


def test_of_a_dialogue_all_is_shown_and_braces_are_nobodys_places(tmp_path):
    turns = (("user", "하나 {answer}"), ("assistant", "둘"), ("user", "셋"), ("assistant", "넷 {question}"))
    record = seodang.Record(id="1", messages=tuple(seodang.Message(role, text) for role, text in turns))
    (verdict,), (asked,) = graded(tmp_path, record)
    assert "명령어: 하나 {answer}\n\n응답: 둘\n\n명령어: 셋" in asked and "넷 {question}" in asked
    assert verdict == seodang.Keep(tags={"score": 7})


@pytest.mark.parametrize(
    ("language", "rubric", "options", "message"),
    [
        ("en", "{question}", {}, "lacks {answer}: a rubric has to say where these go."),
        ("ko", "{question}", {}, "rubric.txt에 {answer} 자리가 없습니다."),
        ("en", "{question} {answer} {score}", {}, "has {score}, which nothing is known to fill in with."),
        ("ko", "{question} {answer} {reference}", {}, "무엇으로 채울지 알 수 없는 자리가 있습니다: {reference}."),
        (
            "en",
            "{question} {answer} {reference}",
            {"reference": "truth"},
            "your rubric asks for a {reference}, but row 1 has nothing under",
        ),
        ("ko", "{question} {answer} {reference}", {"reference": "truth"}, "1 행에는 'truth'에 아무것도 없습니다."),
        ("en", "{question} {answer}".encode("utf-16"), {}, "is not UTF-8. Save the rubric as UTF-8."),
        ("ko", "{question} {answer}".encode("utf-16"), {}, "UTF-8이 아닙니다."),
    ],
)
def test_a_rubric_that_does_not_fit_is_told(tmp_path, monkeypatch, language, rubric, options, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    (tmp_path / "rubric.txt").write_bytes(rubric if isinstance(rubric, bytes) else rubric.encode())
    with pytest.raises(seodang.SeodangError) as error:
        graded(tmp_path, seodang.single_turn("수도는?", "서울", id="1"), prompt="rubric.txt", **options)
    assert message in str(error.value) and not Judge.asked


def test_a_rubric_that_is_not_there(tmp_path):
    with pytest.raises(seodang.DataError, match=r"gone\.txt"):
        graded(tmp_path, seodang.single_turn("수도는?", "서울"), prompt="gone.txt")


def test_a_locale_without_a_rubric_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    with pytest.raises(seodang.SeodangError, match="The filter score needs prompts 'grade' of the locale 'eo'"):
        Rubric(make_context(tmp_path, locale=PlainLocale("eo")), Score.Options())


@pytest.mark.parametrize("options", [{"threshold": 11}, {"threshold": 0}, {"lowest": 5, "highest": 5}, {"tag": ""}])
def test_thresholds_out_of_range(options):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, Score.Options)


def test_long_and_empty_rows(tmp_path):
    verdicts, asked = graded(
        tmp_path,
        seodang.single_turn("시", "가" * 100_000, id="1"),
        seodang.single_turn("시", "   ", id="2"),
        seodang.Record(messages=(), id="3"),
    )
    assert [verdict.tags for verdict in verdicts] == [{"score": 7}, {}, {}] and len(asked) == 1
    assert json.dumps(verdicts[0].tags) == '{"score": 7}'
