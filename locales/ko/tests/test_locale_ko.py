import pytest
import seodang
from seodang.testing import LocaleContract
from seodang_locale_ko import Korean
from seodang_locale_ko.speech import sentence_level


class TestKorean(LocaleContract):
    locale = Korean


@pytest.fixture
def korean():
    return Korean()


def test_a_quotation_belongs_to_the_sentence_around_it(korean):
    text = '그는 "가자." 라고 말했다. 우리는 갔다.'
    assert korean.sentences(text) == ['그는 "가자." 라고 말했다. ', "우리는 갔다."]


def test_numbers_abbreviations_and_list_marks_end_no_sentence(korean):
    assert korean.sentences("값은 3.14입니다. 1. 첫째는 이것입니다.") == ["값은 3.14입니다. ", "1. 첫째는 이것입니다."]


def test_code_stays_whole(korean):
    text = "이렇게 쓰세요.\n```python\na = 1. \nb = 2\n```\n끝났습니다."
    assert korean.sentences(text) == ["이렇게 쓰세요.\n", "```python\na = 1. \nb = 2\n```\n", "끝났습니다."]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("지금 가겠습니다. 어디에 계십니까?", "합쇼"),
        ("여기에 쓰십시오.", "합쇼"),
        ("지금 가요. 그렇죠?", "해요"),
        ("나는 학생이다. 학교에 간다.", "해라"),
        ("너는 왜 그렇게 생각하는가?", "해라"),
        ("나 지금 가고 있어. 금방 도착할 거야.", "해"),
        ("같이 갈까? 좋아!", "해"),
        ("이것은 사과가 아니다.", "해라"),
        ("저는 갑니다. 너는 남아 있어.", "섞임"),
        ("- 한국어\n- 중국어\n- 이해", ""),
        ("회의 장소: 서울", ""),
        ('저는 "나 간다."라는 말을 들었습니다.', "합쇼"),
        ("알겠습니다 😊", "합쇼"),
        ("그렇습니다(웃음).", "합쇼"),
    ],
)
def test_the_speech_level_is_read_from_the_endings(korean, text, level):
    assert korean.speech_level(text) == level


def test_nouns_that_end_like_verbs_have_no_level():
    assert [sentence_level(noun) for noun in ("필요", "한국어", "바다", "동네", "오해", "강아지")] == [""] * 6


def test_similarity_is_counted_in_bigrams_because_particles_attach_to_words(korean):
    assert korean.similarity_tokens("서당에서 GPT-4를 씀") == ["서당", "당에", "에서", "gpt", "4", "를", "씀"]
    assert korean.similarity_tokens("서당") == korean.similarity_tokens("서당")


def test_every_prompt_says_who_has_reviewed_it():
    from seodang.texts import REVIEWED

    for prompt in seodang.locale_texts("seodang_locale_ko").prompt.values():
        assert prompt.reviewed in REVIEWED and prompt.licence


def test_the_refusals_and_patterns_find_what_they_are_for(korean):
    import re

    answer = "죄송하지만 저는 AI 언어 모델로서 실시간 정보에 접근할 수 없습니다."
    assert any(refusal in answer for refusal in korean.refusals)
    assert re.search(korean.patterns["self-reference"], answer) and re.search(korean.patterns["refusal"], answer)
    assert not any(
        re.search(korean.patterns[name], "서당은 마을에 있습니다.") for name in ("self-reference", "refusal", "vendor-name")
    )
