"""Lengths in the unit of the language, and one part against another."""

import msgspec
import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang_filters import Length


class TestLength(FilterContract):
    filter = Length


class TestLengthWithBounds(FilterContract):
    filter = Length
    language = "ko"
    options = {"answer_least": 5, "answer_most": 200, "ratio_least": 0.2, "ratio_most": 30.0}


def test_korean_is_counted_in_characters_and_english_in_words(code):
    assert code(Length, "시 쓰기", "봄이 온다.") == ""
    assert code(Length, "시?", "봄") == "instruction-too-short"
    assert code(Length, "Write it.", "Spring comes.", language="en") == "instruction-too-short"
    assert code(Length, "Write " + "very " * 150 + "much.", language="en") == "instruction-too-long"
    assert code(Length, "아주 " * 150 + "긴 글을 쓰세요.") == ""  # three words or 150 mean nothing in Korean


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"answer_least": 20}, "answer-too-short"),
        ({"answer_most": 5}, "answer-too-long"),
        ({"input_most": 3}, "input-too-long"),
        ({"instruction_most": 5}, "instruction-too-long"),
        ({"instruction_least": 50}, "instruction-too-short"),
        ({"ratio_least": 1.0}, "ratio-too-low"),
        ({"ratio_most": 0.1}, "ratio-too-high"),
        ({"answer_least": 8, "answer_most": 8, "ratio_least": 0.4, "ratio_most": 0.6}, ""),
    ],
)
def test_own_bounds_come_before_those_of_the_locale(code, bounds, expected):
    assert code(Length, "뜻을 설명하세요.", "글방이라는 뜻.", input="서당이라는 말", **bounds) == expected


def test_the_detail_says_by_how_much(row, sifted):
    (verdict,) = sifted(Length, [row("시?", "봄")])
    assert verdict == seodang.Drop("instruction-too-short", "2 < 4 (characters)")


def test_later_questions_of_a_dialogue_may_be_short_and_no_answer_may_be_empty(codes):
    turns = [("user", "서당이 무엇인가요?"), ("assistant", "글방입니다."), ("user", "왜?"), ("assistant", "그렇게 불렀습니다.")]
    dialogue = seodang.Record(messages=tuple(seodang.Message(*turn) for turn in turns))
    empty = seodang.Record(messages=(*dialogue.messages[:3], seodang.Message("assistant", "")))
    assert codes(Length, [dialogue, empty]) == ["", "answer-too-short"]


def test_rows_without_an_answer_are_measured_by_their_question(row, codes):
    assert codes(Length, [row("서당이 무엇인가요?"), row("?")], ratio_least=1.0) == ["", "instruction-too-short"]


def test_a_very_long_row_is_too_long_and_nothing_else(code):
    assert code(Length, "요약하세요.", "낱말 " * 100_000) == "answer-too-long"


def test_bounds_that_cross_are_refused_when_the_recipe_is_read(code):
    with pytest.raises(msgspec.ValidationError, match="answer_least = 9 > answer_most = 3"):
        code(Length, "시 쓰기", answer_least=9, answer_most=3)


def test_a_locale_without_limits_is_named(code):
    with pytest.raises(seodang.SeodangError, match=r"limits\['instruction-least'\]"):
        code(Length, "x", locale=PlainLocale("xx"))
