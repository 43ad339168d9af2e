"""Words for what a model of texts cannot do: as words, with their particles, and never as parts of other words."""

import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang_filters import Keywords


class TestKeywords(FilterContract):
    filter = Keywords


class TestKeywordsInKorean(FilterContract):
    filter = Keywords
    language = "ko"
    options = {"words": ["서당"], "programs": True}


@pytest.mark.parametrize(
    "question", ["이 지도를 보고 길을 찾으세요.", "다음 사진에서 사람 수를 세세요.", "꽃을 그려주세요.", "그래프로 나타내세요."]
)
def test_what_needs_eyes_is_dropped(code, question):
    assert code(Keywords, question) == "unsuitable"


@pytest.mark.parametrize(
    "question",
    [
        "훌륭한 지도자의 덕목을 말하세요.",
        "브랜드의 인지도를 높이려면?",
        "사진작가의 하루를 상상하세요.",
        "음악가 한 사람을 소개하세요.",
    ],
)
def test_a_part_of_a_word_is_no_word(code, question):
    assert code(Keywords, question) == ""


def test_english_words_end_where_the_locale_says(code):
    assert code(Keywords, "Draw a map of the river.", language="en") == "unsuitable"
    assert code(Keywords, "Name a mapmaker and his drawer.", language="en") == ""


def test_the_detail_tells_the_word_and_where_it_stands(row, sifted):
    (verdict,) = sifted(Keywords, [row("이 지도를 보고 길을 찾으세요.")])
    assert verdict == seodang.Drop("unsuitable", "지도: 이 지도를 보고 길을 찾으세요.")


def test_only_the_named_fields_are_looked_at(row, codes):
    record = row("소개하세요.", "사진을 올립니다.", input="그림 한 점")
    assert codes(Keywords, [record]) == [""]
    assert codes(Keywords, [record], fields=["answer"]) == ["unsuitable"]
    assert codes(Keywords, [record], fields=["input"]) == ["unsuitable"]


def test_own_words_and_words_that_may_stand(code):
    assert code(Keywords, "비트코인을 사도 될까요?", words=["비트코인"]) == "own-word"
    assert code(Keywords, "노래를 추천하세요.", except_words=["노래"]) == ""
    assert code(Keywords, "노래를 추천하세요.", unsuitable=False) == ""


def test_programs_are_left_alone_unless_asked(code):
    question = "평균을 구하는 프로그램을 작성하세요."
    assert code(Keywords, question) == ""
    assert code(Keywords, question, programs=True) == "asks-for-program"
    assert code(Keywords, "프로그램 진행자에게 편지를 쓰세요.", programs=True) == ""


@pytest.mark.parametrize(
    ("question", "self_instruct", "alpaca"),
    [
        ("Plot the temperature.", "blacklist", "blacklist"),
        ("Write about video games.", "", "blacklist"),
        ("Write a program that adds.", "blacklist-beginning", "blacklist-beginning"),
        ("Please write a program that adds.", "", ""),
        ("Describe a mapmaker's imagery.", "", ""),
        ("Describe a photo of a river.", "", ""),  # the locale's own list has it, the published ones have not
    ],
)
def test_published_lists_are_repeated_word_for_word(code, question, self_instruct, alpaca):
    assert code(Keywords, question, language="en", variant="self-instruct") == self_instruct
    assert code(Keywords, question, language="en", variant="alpaca") == alpaca


def test_a_locale_without_the_list_is_named(code, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    with pytest.raises(seodang.SeodangError) as error:
        code(Keywords, "지도를 그리세요.", variant="alpaca")
    assert str(error.value) == (
        "The filter keywords needs patterns['blacklist-alpaca'] of the locale 'ko', which it does not have. "
        "Add it to the locale, or leave the filter out of this recipe."
    )
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    with pytest.raises(seodang.SeodangError) as error:
        code(Keywords, "x", language="xx", locale=PlainLocale("xx"))
    assert str(error.value) == (
        "keywords 필터에는 로케일 'xx'의 unsuitable이 필요한데 그 로케일에 없습니다. 로케일에 추가하거나 이 레시피에서 필터를 빼세요."
    )
