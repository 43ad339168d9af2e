"""What translations and careless splits leave behind, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import make_context
from seodang_korean_filters import Leftovers, Spacing, Translationese


@pytest.fixture
def sift(tmp_path: Path):
    def once(kind: type[seodang.Filter], *pairs: tuple[str, str], **options: object) -> list[seodang.Keep | seodang.Drop]:
        records = [seodang.single_turn(question, answer, id=answer, language="ko") for question, answer in pairs]
        return list(kind(msgspec.convert(options, kind.Options)).sift(records, make_context(tmp_path, language="ko")))

    return once


ASKED = "설명해 주세요."


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("pronoun-you", "이것은 당신의 건강에 좋습니다."),
        ("half-translated-name", "존 Smith는 의사입니다."),
        ("half-translated-name", "Tom 크루즈는 배우입니다."),
        ("half-translated-name", "Mr. 스미스가 왔습니다."),
        ("english-sentence", "물은 끓습니다. This means that the water is boiling at a high temperature. 조심하십시오."),
        ("doubled-ending", "중요한 문제입니다.입니다."),
        ("doubled-ending", "알 수 있습니다습니다."),
        ("doubled-particle", "친구를을 만났습니다."),
        ("doubled-particle", "도시에서에서 살았습니다."),
        ("open-particle", "서울을(를) 방문했습니다."),
        ("open-particle", "제주(으)로 떠납니다."),
        ("open-particle", "Python을/를 배웁니다."),
    ],
)
def test_what_is_left_behind_is_found_by_its_code(sift, code: str, wrong: str):
    (verdict,) = sift(Leftovers, (ASKED, wrong))
    assert isinstance(verdict, seodang.Drop) and verdict.code == code and verdict.detail in wrong
    assert sift(Leftovers, (ASKED, wrong), action="tag") == [seodang.Keep(tags={"leftovers": code})]
    others = [other for other in Leftovers.Options().codes if other != code]
    assert sift(Leftovers, (ASKED, wrong), codes=others) == [seodang.Keep()]


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("당신은 누구인가요?", "저는 당신을 돕는 조수입니다."),
        ("연인에게 보내는 편지를 써 줘.", "당신을 처음 만난 날이 생각납니다."),
        (ASKED, "부부끼리는 '당신은'처럼 부릅니다. 당신네라는 말도 있습니다."),
        (ASKED, "할머니께서 당신의 집을 손수 지으셨습니다."),
        (ASKED, "가수 Adele, 회사 Apple, 존 레논, 존재하는 것, John Smith"),
        ("영어로 번역해 주세요.", "The water is boiling and it will be ready soon. 이렇게 옮깁니다."),
        (ASKED, "제목은 The Art of Computer Programming, Volume One by Donald Knuth. 좋은 책입니다."),
        (ASKED, "Antrim, Armagh, Carlow, Cavan, Clare, Cork. 모두 카운티입니다."),
        (ASKED, "안녕하세요. 안녕히 계세요. 갑니다. 또 갑니다."),
        (ASKED, "마을을 지나 가을은 갑니다. 의의와 효과와 결과와 아이가 나이가"),
        ("조사 을/를은 어떻게 쓰나요?", "명사을(를)처럼 적기도 합니다."),
        (ASKED, "예/아니요, 및/또는, 연/월/일, 주격 조사 '이/가'"),
        (ASKED, "`당신은` 하고 출력합니다. ```를을```"),
    ],
)
def test_what_only_looks_like_a_leftover_is_let_be(sift, question: str, right: str):
    assert sift(Leftovers, (question, right)) == [seodang.Keep()]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("no-blanks", "오늘은날씨가좋아서공원에갔습니다."),
        ("no-blanks", "대한민국임시정부수립기념일을맞이하여행사를"),
        ("blanks-in-words", "안 녕 하 십 니 까. 반갑습니다."),
        ("blanks-in-words", "오늘은 대 한 민 국 역 사 를 봅니다"),
    ],
)
def test_blanks_that_are_missing_and_blanks_that_are_too_many(sift, code: str, wrong: str):
    (verdict,) = sift(Spacing, (ASKED, wrong), singles=5)
    assert isinstance(verdict, seodang.Drop) and verdict.code == code and verdict.detail in wrong


@pytest.mark.parametrize(
    "right",
    [
        "성폭력범죄의처벌등에관한특례법과 전국보건의료산업노동조합에서는",
        "데이터베이스화되었습니다.",
        "좀 더 잘 할 수 있습니다.",
        "가 나 다 라 마 바 사 아, 월 화 수 목 금 토 일, 도 레 미 파 솔 라 시",
        "하하하하하하하하하하하하하하하하하하하하하하",
    ],
)
def test_long_names_short_words_and_series_are_let_be(sift, right: str):
    assert sift(Spacing, (ASKED, right)) == [seodang.Keep()]


TRANSLATED = "그녀는 그에 의해 초대되었습니다. 그것은 많은 사람들에 대한 것입니다. 그러나 그들은 가장 큰 도시들 중 하나입니다."
NATURAL = "물은 백 도에서 끓습니다. 산에서는 더 빨리 끓습니다. 그래서 밥이 설익습니다."


def test_translationese_is_tagged_with_its_rate_and_where_that_stands(sift):
    translated, natural, unanswered = sift(Translationese, (ASKED, TRANSLATED), (ASKED, NATURAL), (ASKED, ""))
    assert translated.tags["translationese"] > 200 and translated.tags["translationese-percentile"] == 50
    assert natural.tags == {"translationese": 0.0, "translationese-percentile": 0}
    assert unanswered == seodang.Keep()


def test_translationese_is_left_out_above_a_threshold_if_it_is_long_enough(sift):
    short = "그녀는 그에 의해 초대되었습니다."
    translated, natural, one = sift(Translationese, (ASKED, TRANSLATED), (ASKED, NATURAL), (ASKED, short), threshold=100)
    assert translated.code == "translationese" and "그것·그녀·그들 3" in translated.detail
    assert isinstance(natural, seodang.Keep) and isinstance(one, seodang.Keep)
