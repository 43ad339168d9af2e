"""Models that decline, talk of themselves or take another's name; and texts that are only about such things."""

import pytest
import seodang
from seodang.testing import FilterContract, PlainLocale
from seodang_filters import Refusals


class TestRefusals(FilterContract):
    filter = Refusals


class TestRefusalsInKorean(FilterContract):
    filter = Refusals
    language = "ko"
    options = {"languages": ["en"], "head": 80}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("죄송하지만 그 질문에는 답변드릴 수 없습니다.", "refusal"),
        ("그림이 없어서 답변을 제공할 수 없습니다.", "refusal"),
        ("실시간 정보에 접근할 수 없어 알려 드리지 못합니다.", "refusal"),
        ("저는 인공지능 언어 모델로서 감정이 없습니다.", "self-reference"),
        ("제 지식은 2021년까지이므로 최신 소식은 모릅니다.", "knowledge-limit"),
        ("저는 OpenAI에서 만든 챗봇입니다.", "vendor-identity"),
        ("제 이름은 클로드입니다. 무엇이든 도와드립니다.", "vendor-identity"),
    ],
)
def test_what_no_student_should_learn_is_dropped(code, answer, expected):
    assert code(Refusals, "알려 주세요.", answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "OpenAI는 2015년에 세워진 회사입니다.",
        "GPT-3는 대규모 텍스트를 학습한 인공지능 언어 모델입니다.",
        "“죄송하지만 지금은 어렵습니다”라고 정중하게 거절하면 됩니다.",
        "친구에게 사과할 때는 죄송하다고 말합니다.",
        "저는 학생이고 서당에 다닙니다.",
        "한국은행은 2021년 이후 금리를 올렸습니다.",
    ],
)
def test_what_is_about_such_things_is_kept(code, answer):
    assert code(Refusals, "알려 주세요.", answer) == ""


def test_only_the_beginning_is_looked_at(code):
    late = "마을에는 작은 글방이 있었습니다. " * 12 + "저는 인공지능 언어 모델로서 감정이 없습니다."
    assert code(Refusals, "이야기하세요.", late) == ""
    assert code(Refusals, "이야기하세요.", late, head=1000) == "self-reference"


def test_english_originals_that_a_translation_left_are_found(code):
    answer = "As an AI language model, I cannot feel anything."
    assert code(Refusals, "기분이 어때요?", answer) == ""
    assert code(Refusals, "기분이 어때요?", answer, languages=["en"]) == "self-reference"
    assert code(Refusals, "기분이 어때요?", answer, source_language="en") == "self-reference"


def test_what_is_looked_for_can_be_chosen(code):
    answer = "저는 OpenAI에서 만든 챗봇입니다."
    assert code(Refusals, "누구세요?", answer, codes=["refusal"]) == ""
    with pytest.raises(Exception, match="self-reference, knowledge-limit, refusal, vendor-identity"):
        code(Refusals, "누구세요?", answer, codes=["refusals"])


def test_the_detail_shows_the_words(row, sifted):
    (verdict,) = sifted(Refusals, [row("알려 주세요.", "죄송합니다, 날씨 정보를 알 수 없습니다.")])
    assert verdict == seodang.Drop("refusal", "죄송합니다, 날씨 정보를 알 수 없습니다.")


def test_questions_and_rows_without_an_answer_are_kept(code):
    assert code(Refusals, "죄송하지만 한 가지만 여쭤볼게요. 저는 챗GPT를 씁니다.") == ""


def test_a_locale_without_refusals_is_named(code):
    with pytest.raises(seodang.SeodangError, match="refusals needs"):
        code(Refusals, "x", "y", locale=PlainLocale("xx"), language="xx")
