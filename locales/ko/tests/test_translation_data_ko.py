"""What Korean brings to the checks on translations: numbers with 만 and 억, words that are taken in another sense, lengths, endings."""

import pytest
from seodang.translation import checks
from seodang.translation.checks import Pair
from seodang.translation.checks.numbers import read
from seodang_locale_ko import Korean

ENGLISH = pytest.importorskip("seodang_locale_en", reason="the pair is English and Korean").English()


def said(source, target, *, whole=False, **facts):
    pair = Pair(
        source=source,
        target=target,
        source_language="en",
        target_language="ko",
        source_locale=ENGLISH,
        target_locale=Korean(),
        **facts,
    )
    return {finding.code: (finding.severity, finding.detail) for finding in checks.findings(pair, whole=whole)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1만 명", 10_000),
        ("3천만 명", 30_000_000),
        ("1억 2,000만 원", 120_000_000),
        ("138억 년", 13_800_000_000),
        ("2조 원", 2_000_000_000_000),
        ("스물다섯 살", 25),
        ("열 가지", 10),
        ("세 가지 팁", 3),
        ("첫 번째", 1),
    ],
)
def test_a_number_is_read_as_koreans_write_it(text, value):
    found = read(text, Korean().number_words)
    assert [*found.multiplied, *found.words, *found.digits] == [value]


@pytest.mark.parametrize("text", ["세계", "만나다", "제3조 1항", "네가 한 말", "백조"])
def test_what_only_looks_like_a_number_word_is_none(text):
    found = read(text, Korean().number_words)
    assert not found.words and not found.multiplied


def test_large_numbers_that_are_rewritten_are_a_warning_and_wrong_ones_fail():
    assert said("He has 10,000 won.", "그는 1만 원이 있습니다.") == {"numbers": ("warn", "10,000")}
    assert said("It is 13.8 billion years old.", "나이는 138억 년입니다.") == {"numbers": ("warn", "13,800,000,000")}
    assert said("He has 10,000 won.", "그는 10만 원이 있습니다.")["numbers"] == ("fail", "10,000 → 100,000")
    assert said("Give ten tips by July 4.", "7월 4일까지 10가지 팁을 주세요.") == {}
    assert said("Name five rivers.", "강 이름을 다섯 가지 말해 주세요.") == {}


def test_the_odd_one_out_is_no_odd_number():
    found = said("Identify the odd one out.", "홀수 중 하나를 밝히세요.")
    assert found == {"wrong-sense": ("fail", "odd one out → 홀수")}
    assert said("Identify the odd one out.", "나머지와 다른 하나를 찾으세요.") == {}
    assert said("Which of these odd numbers is the odd one out?", "이 홀수 가운데 다른 하나는 무엇인가요?") == {}


def test_every_sense_that_is_listed_can_be_found():
    import re

    mistaken = Korean().translation.mistaken
    assert len(mistaken) >= 18
    for known in mistaken:
        assert re.compile(known.source) and re.compile(known.target) and known.language == "en"


def test_a_sentence_may_end_without_a_full_stop_where_its_ending_tells():
    assert said("The creatures are fascinating.", "그 생물은 매혹적입니다") == {}
    assert "cut-end" in said("The creatures are fascinating.", "그 생물은 매혹적")


def test_a_translation_is_long_and_short_by_korean_measures():
    source = "The committee decided to postpone the annual meeting until the members had read the whole report."
    assert said(source, "위원회는 회원들이 보고서를 다 읽을 때까지 연례 회의를 미루기로 했습니다.") == {}
    assert said(source, "미룸입니다.")["length"][0] == "fail"


def test_the_speech_level_is_the_one_that_was_asked_for():
    polite, plain = "물은 백 도에서 끓습니다. 얼음은 영 도에서 녹습니다.", "물은 백 도에서 끓는다. 얼음은 영 도에서 녹는다."
    source = "Water boils at a hundred degrees. Ice melts at zero degrees."
    assert said(source, polite, whole=True, role="assistant", register="합쇼체") == {}
    assert said(source, plain, whole=True, role="assistant", register="합쇼체") == {"register": ("fail", "합쇼 → 해라")}
    mixed = "물은 백 도에서 끓습니다. 얼음은 영 도에서 녹아요."
    assert said(source, mixed, whole=True, role="assistant") == {"mixed-register": ("warn", "합쇼 1, 해요 1")}
