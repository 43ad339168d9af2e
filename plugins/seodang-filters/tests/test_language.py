"""Another language is told by its script; code, names and quotations are in none."""

import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang_filters import Language


class TestLanguage(FilterContract):
    filter = Language


class TestLanguageInKorean(FilterContract):
    filter = Language
    language = "ko"
    options = {"languages": ["ko", "en"], "correct": True}


@pytest.mark.parametrize(
    "answer",
    [
        "글방입니다.",
        "Docker container에서 port 3000 열기",
        "```python\ndef school():\n    return 'a long line of code in which nothing is Korean'\n```",
        "def mean(numbers):\n    return sum(numbers) / len(numbers)",
        "42",
        "Paris",
        "New York, Los Angeles, San Francisco",
        "https://example.org/a-long-address-with-many-words-in-it",
        "“Actions speak louder than words, and a good deal slower too.” 말보다 행동이 중요하다는 뜻입니다.",
        "참고 도서: The History of Korean Village Schools in the Joseon Dynasty",
        "단어 목록: apple, monkey, river, mountain, school, teacher, village, window, garden",
        "철자는 o-p-h-t-h-a-l-m-o-l-o-g-i-s-t입니다.",
    ],
)
def test_what_is_korean_or_in_no_language_is_kept(code, answer):
    assert code(Language, "설명하세요.", answer) == ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It is a school in a village.", "wrong-language"),
        ("これは村の学校です。子どもたちが通います。", "wrong-language"),
        ("这是一所乡村学校，孩子们在这里读书写字。", "wrong-language"),
        ("Это деревенская школа для детей.", "wrong-language"),
        ("글방입니다. These may include a review of the whole text and many other things.", "mixed-language"),
        ("글방입니다. 这是一所乡村学校孩子们在这里读书写字他们每天都来学习汉字和经典", "mixed-language"),
    ],
)
def test_other_languages_are_found(code, answer, expected):
    assert code(Language, "설명하세요.", answer) == expected


def test_the_question_is_looked_at_as_well(row, sifted, code):
    assert code(Language, "What is a village school?", "글방입니다.") == "wrong-language"
    assert code(Language, "What is a village school?", "글방입니다.", fields=["answer"]) == ""
    (verdict,) = sifted(Language, [row("설명하세요.", "It is a school in a village.")])
    assert verdict == seodang.Drop("wrong-language", "answer: It is a school in a village.")


def test_several_languages_may_be_allowed(row, codes):
    rows = [
        row("What is it?", "It is a school in a village."),
        row("무엇인가요?", "글방입니다."),
        row("それは何ですか。", "村の学校です。"),
    ]
    assert codes(Language, rows, languages=["ko", "en"]) == ["", "", "wrong-language"]


def test_the_language_of_a_record_is_corrected_on_request(row, sifted):
    record = row("What is it?", "It is a school in a village.", id="a")
    (verdict,) = sifted(Language, [record], languages=["ko", "en"], correct=True)
    assert (verdict.record.language, verdict.record.id) == ("en", "a")
    assert sifted(Language, [record], languages=["ko", "en"]) == [seodang.Keep()]


def test_short_texts_are_in_no_language(code):
    assert code(Language, "번역하세요.", "had taken") == ""
    assert code(Language, "번역하세요.", "had taken", least_letters=5) == "wrong-language"


def test_mixing_can_be_allowed(code):
    answer = "글방입니다. These may include a review of the whole text and many other things."
    assert code(Language, "설명하세요.", answer, mixed_words=0) == ""


def test_the_script_of_latin_languages_is_told_too(code):
    english = "It is a school in a village, and all the children came to it to read and to write, and to learn what is right."
    answer = f"{english} {english} 마을 아이들이 모여서 글을 읽고 쓰는 법을 함께 배우던 곳입니다."
    assert code(Language, "Explain it.", answer, language="en") == "mixed-language"
    german = "Das ist eine Schule in einem Dorf, und sie ist nicht neu."
    assert code(Language, "Explain it.", german, language="en") == "wrong-language"


def test_a_long_row_takes_no_time_worth_speaking_of(code):
    assert code(Language, "설명하세요.", "한국어 낱말과 English words " * 20_000) == ""


def test_a_locale_without_a_script_is_named(code):
    with pytest.raises(seodang.SeodangError, match=r"patterns\['script'\]"):
        code(Language, "x", locale=PlainLocale("xx"), language="xx")
