"""Instances that cannot both be right, and half-finished ones: as Self-Instruct published its rules, and repaired."""

import json
from pathlib import Path

import pytest
import seodang
from seodang.testing import FilterContract
from seodang_filters import Contradictions

SHARED = Path(__file__).parents[4] / "shared" / "data" / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json"


class TestContradictions(FilterContract):
    filter = Contradictions
    language = "ko"


class TestContradictionsAsPublished(FilterContract):
    filter = Contradictions
    options = {"mode": "faithful", "unanswered": "keep"}


def classified(row):
    ask = "문장의 감정을 분류하세요."
    return [
        row(ask, "긍정", input="영화가 재미있었다.", id="a"),
        row(ask, "부정", input="다시는 안 본다.", id="b"),
        row(ask, "부정", input="영화가 재미있었다.", id="c"),
        row(ask, "중립", id="d"),
        row("이름을 지어 주세요.", "하나", id="e"),
        row("이름을 지어 주세요.", "두나", id="f"),
    ]


def test_repaired_drops_the_contradicting_rows_and_names_the_other(row, sifted):
    assert sifted(Contradictions, classified(row)) == [
        seodang.Drop("contradiction", other="c"),
        seodang.Keep(),
        seodang.Drop("contradiction", other="a"),
        seodang.Keep(),
        seodang.Keep(),
        seodang.Keep(),
    ]


def test_faithful_drops_every_row_of_the_instruction(row, sifted):
    verdicts = sifted(Contradictions, classified(row), mode="faithful")
    assert [(verdict.code, verdict.other) for verdict in verdicts[:4]] == [
        ("contradiction", "c"),
        ("contradiction", "a"),
        ("contradiction", "a"),
        ("contradiction", "a"),
    ]
    assert verdicts[4:] == [seodang.Keep(), seodang.Keep()]


def test_the_other_answer_is_one_to_the_same_input(row, sifted):
    ask = "반대말을 쓰세요."
    pairs = [("크다", "작다"), ("높다", "낮다"), ("높다", "얕다"), ("크다", "적다"), ("크다", "작다")]
    records = [row(ask, answer, input=word, id=str(number)) for number, (word, answer) in enumerate(pairs)]
    for mode in ("repaired", "faithful"):
        assert [verdict.other for verdict in sifted(Contradictions, records, mode=mode)] == ["3", "2", "1", "0", "3"]


def test_blanks_and_half_width_letters_make_no_contradiction_when_repaired(row, codes):
    records = [row("번역하세요.", "글방  입니다.", input="a school"), row("번역하세요.", "글방 입니다.\n", input="a  school")]
    assert codes(Contradictions, records) == ["", ""]
    half_width = [row("읽으세요.", "다", input="\uffa1\uffc2"), row("읽으세요.", "나", input="가")]
    assert codes(Contradictions, half_width) == ["contradiction", "contradiction"]


def test_another_system_turn_may_ask_for_another_answer(codes):
    def told(system, answer):
        turns = (("system", system), ("user", "분류하세요."), ("assistant", answer))
        return seodang.Record(messages=tuple(seodang.Message(*turn) for turn in turns), input="좋은 날")

    records = [told("한국어로 답한다.", "긍정"), told("영어로 답한다.", "positive")]
    assert codes(Contradictions, records) == ["", ""]
    assert codes(Contradictions, records, mode="faithful") == ["contradiction", "contradiction"]


@pytest.mark.parametrize(
    ("question", "input", "answer", "repaired", "faithful"),
    [
        ("요약하세요.", "서당은 글방이다.", "글방", "", ""),
        ("요약하세요.", "서당은 글방이다.", "", "empty-answer", "empty-answer"),
        ("요약하세요.", "서당은 글방이다.", "  \n", "empty-answer", "empty-answer"),
        ("요약하세요.", "서당은 글방이다.", "서당은 글방이다.", "input-is-answer", "input-is-answer"),
        ("띄어 쓰세요.", "서당은 글방이다.", "서당은  글방이다.", "", ""),
        ("요약하세요.", "다음 글:", "글방", "input-ends-in-colon", "input-ends-in-colon"),
        ("요약하세요.", "글", "요약은 다음과 같습니다:", "answer-ends-in-colon", "answer-ends-in-colon"),
        ("请总结。", "文章", "总结如下：", "answer-ends-in-colon", ""),
        ("다음 문장을 번역하세요:", "", "A school.", "question-ends-in-colon", ""),
        ("다음 문장을 번역하세요:", "글방", "A school.", "", ""),
        ("서당이 무엇인지 자세히 설명해 주세요.", "", "서당이 무엇인지 자세히 설명해주세요", "answer-repeats-question", ""),
        (
            "Repeat what I have said",
            "to you just now.",
            "Repeat what I have said to you just now!",
            "answer-repeats-question",
            "",
        ),
        ("안녕하세요!", "", "안녕하세요.", "", ""),
        ("", "", "글", "", ""),
        ("가", "", "나", "", ""),
    ],
)
def test_half_finished_rows_go_with_a_code_of_their_own(row, code, question, input, answer, repaired, faithful):
    assert code(Contradictions, question, answer, input=input) == repaired
    assert code(Contradictions, question, answer, input=input, mode="faithful") == faithful


def test_half_finished_rows_contradict_nobody(row, codes):
    records = [
        row("분류하세요.", "긍정", input="좋다"),
        row("분류하세요.", "답:", input="좋다"),
        row("분류하세요.", "", input="좋다"),
    ]
    for mode in ("repaired", "faithful"):
        assert codes(Contradictions, records, mode=mode) == ["", "answer-ends-in-colon", "empty-answer"]


def test_rows_that_a_later_step_answers_may_pass(row, codes):
    records = [row("서당이 무엇인가요?"), row("번역하세요:"), row("번역하세요.", input="다음:"), row("번역하세요.", input="글방")]
    assert codes(Contradictions, records) == ["empty-answer"] * 4
    assert codes(Contradictions, records, unanswered="keep") == ["", "question-ends-in-colon", "input-ends-in-colon", ""]
    assert codes(Contradictions, records, unanswered="keep", mode="faithful") == ["", "", "input-ends-in-colon", ""]


def test_a_call_of_a_tool_is_an_answer_without_words(codes):
    call = seodang.Message("assistant", "", calls=(seodang.Call("1", "search", "{}"),))
    records = [seodang.Record(messages=(seodang.Message("user", "날씨를 찾아 주세요."), call))]
    assert codes(Contradictions, records) == [""]


def test_faithful_keeps_one_of_equal_instances(row, sifted):
    records = [row("더하세요.", "3", input="1과 2", id=name) for name in "abc"]
    verdicts = sifted(Contradictions, records, mode="faithful")
    assert [getattr(verdict, "code", "") for verdict in verdicts] == ["", "repeated-instance", "repeated-instance"]
    assert verdicts[1].other == verdicts[2].other == "a"
    assert sifted(Contradictions, records) == [seodang.Keep()] * 3


def test_very_long_and_very_many_texts(row, codes):
    long = "가나다라" * 25_000
    assert codes(
        Contradictions, [row("요약하세요.", "답", input=long), row("요약하세요.", "다른 답", input=long), row(long, long)]
    ) == [
        "contradiction",
        "contradiction",
        "answer-repeats-question",
    ]
    assert codes(Contradictions, []) == []


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_file(), reason=f"the shared data is not at {SHARED}")
def test_what_is_half_finished_in_koalpaca(row, codes):
    rows = json.loads(SHARED.read_text(encoding="utf-8"))
    records = [row(each["instruction"], each["output"], input=each["input"], id=str(number)) for number, each in enumerate(rows)]
    found = codes(Contradictions, records)
    by_code = {code: [number for number, each in enumerate(found) if each == code] for code in set(found) if code}
    assert by_code == {
        "input-is-answer": [278, 497, 1909, 2305, 2643, 3902, 4616, 5254],
        "input-ends-in-colon": [3803, 4965],
        "question-ends-in-colon": [2306],
        "answer-repeats-question": [4184],
    }
    published = codes(Contradictions, records, mode="faithful")
    assert [number for number, code in enumerate(published) if code] == sorted(
        by_code["input-is-answer"] + by_code["input-ends-in-colon"]
    )
