"""Which particles are found to be wrong, which are not, and what is put in their place."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import seodang
from seodang.testing import make_context
from seodang_korean_filters import Josa


@pytest.fixture
def sift(tmp_path: Path):
    def once(record: seodang.Record, **options: object) -> seodang.Keep | seodang.Drop:
        return Josa(msgspec.convert(options, Josa.Options)).sift([record], make_context(tmp_path, language="ko"))[0]

    return once


def answered(answer: str, question: str = "설명해 주세요.") -> seodang.Record:
    return seodang.single_turn(question, answer, language="ko")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("사과을 먹습니다.", "사과를 먹습니다."),
        ("수박를 먹습니다.", "수박을 먹습니다."),
        ("학생는 많고 교사은 적습니다.", "학생은 많고 교사는 적습니다."),
        ("사람가 친구이 되었습니다.", "사람이 친구가 되었습니다."),
        ("연필와 친구과 나무", "연필과 친구와 나무"),
        ("서울으로 가서 학교으로 옵니다.", "서울로 가서 학교로 옵니다."),
        ("학생로서 과학적로 봅니다.", "학생으로서 과학적으로 봅니다."),
        ("전쟁라고 부릅니다.", "전쟁이라고 부릅니다."),
        ("좋은 학생예요.", "좋은 학생이에요."),
        ("API을 Python로 부릅니다.", "API를 Python으로 부릅니다."),
        ("2024을 100과 견주고 10000와 나눕니다.", "2024를 100과 견주고 10000과 나눕니다."),
        ("3,600를 더하면 42%을 넘습니다.", "3,600을 더하면 42%를 넘습니다."),
        ("'사과'을 《신과 함께》과 견줍니다.", "'사과'를 《신과 함께》와 견줍니다."),
        ("커플링(coupling)를 봅니다.", "커플링(coupling)을 봅니다."),
        ("국가을 위한 정부은 평가을 받습니다.", "국가를 위한 정부는 평가를 받습니다."),
    ],
)
def test_a_wrong_particle_is_found_and_repaired(sift, wrong: str, right: str):
    assert sift(answered(wrong)).code == "josa"
    mended = sift(answered(wrong), fix=True)
    assert mended.record is not None and mended.record.answer == right
    assert sift(mended.record) == seodang.Keep()


@pytest.mark.parametrize(
    "text",
    [
        "가을 마을 노을 고을 사이 나이 아이 오이 차이",
        "초가을 산마을에서 저녁노을을 봅니다.",
        "집을 지을 사람, 병이 나을 사람, 물을 부을 사람, 죽을 저을 사람",
        "나은 방법과 부은 발, 지은 죄",
        "먹는 사람, 찾는 사람, 안는 사람, 신는 사람, 남는 것, 잡는 손",
        "국가와 작가와 전문가가 물가를 평가합니다. 무엇인가 있는가?",
        "사과 효과 결과 치과 외과 초과 제5과",
        "진로 경로 항로 종로 별로 홀로 실로 길로 물로 서울로",
        "신라는 나라이고 한라는 산입니다. 전라도에 갑니다. 하라고, 살라는, 만들라고 합니다.",
        "들를 곳, 부를 이름, 서두를 일, 다를 바",
        "종이가 이를 닦습니다. 박하은은 가은이와 지은이를 만났습니다.",
        "얼른와. 꼭와! 안와?",
        "MP3를 듣고 PS5를 삽니다. 아이폰 6는, Inspiron 15을, GPT-4를",
        "SWOT을, SWOT를, TOEIC을, TOEIC를, Fe를, Fe을, web을, club을, club를",
        "14.2 m로, 3kg을, 80km를, 25%를, 99℃를",
        "납(Pb)은, 납(Pb)는",
        "<p>이 문장</p>",
        "〈가자.〉을 보았습니다.",
        "서울을(를), 회원은(는), Python을/를",
        "`list`를 쓰고 https://example.org/a를 봅니다.",
        "```\n사과을 학생는\n```",
    ],
)
def test_what_only_looks_like_a_wrong_particle_is_let_be(sift, text: str):
    assert sift(answered(text)) == seodang.Keep()
    assert sift(answered(text), fix=True) == seodang.Keep()


def test_the_detail_shows_what_would_fit(sift):
    assert sift(answered("사과을 먹는 학생는 많습니다.")).detail == "사과을 → 사과를, 학생는 → 학생은"


def test_questions_about_spelling_may_quote_errors(sift):
    assert sift(answered("사과을이 아니라 사과를입니다. 사과을 쓰면 안 됩니다.", "이 글의 맞춤법을 봐 주세요.")) == seodang.Keep()


def test_some_may_be_allowed_and_all_may_be_tagged(sift):
    record = answered("사과을 먹는 학생는 많습니다.")
    assert sift(record, allowed=2) == seodang.Keep() and sift(record, allowed=1).code == "josa"
    assert sift(record, action="tag") == seodang.Keep(tags={"josa": 2})


def test_only_the_fields_that_are_named_are_touched(sift):
    record = seodang.single_turn("사과을 그려라.", "수박를 그렸습니다.", input="학생는")
    mended = sift(record, fix=True, fields=["instruction", "input"]).record
    assert (mended.question, mended.input, mended.answer) == ("사과를 그려라.", "학생은", "수박를 그렸습니다.")
