"""Personal data in Korean texts: every way of writing it is found, and what only looks like it is left alone."""

import itertools
import random

import pytest
import seodang
from seodang_locale_ko import Korean

FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")
SEPARATORS = ("-", " ", ".", " - ", "–", "·", "－", "\u00a0", ". ")


@pytest.fixture(scope="module")
def korean():
    return Korean()


def kinds(korean, text):
    return [place.kind for place in korean.personal_data(text)]


def generated():
    """Numbers that are nobody's, each in the ways in which people write them, in sentences with particles behind them."""
    draw = random.Random(20230405)

    def digits(count):
        return "".join(draw.choice("0123456789") for _ in range(count))

    for number, separator in itertools.product(range(3), SEPARATORS):
        mobile = (f"01{draw.choice('016789')}", digits(4), digits(4))
        yield "mobile", f"{separator.join(mobile)}로 전화 주세요."
        yield (
            "landline",
            f"사무실은 {separator.join((draw.choice(('02', '031', '051', '064', '070')), digits(3 + number % 2), digits(4)))}입니다.",
        )
        born = f"{draw.randrange(100):02}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"
        yield "resident-number", f"주민번호는 {born}{separator}{draw.choice('12345678')}{digits(6)}이고요,"
        yield "account", f"계좌는 {separator.join((digits(3), digits(4), digits(6)))} 홍길동입니다."
        yield "driving-licence", f"면허 번호: {separator.join(('11', digits(2), digits(6), digits(2)))}"
    for number in range(5):
        mobile, born = f"010{digits(8)}", f"9{number}0{1 + number}1{number}"
        yield "mobile", f"연락처 {mobile}"
        yield "mobile", f"연락처 {mobile.translate(FULL_WIDTH)}입니다"
        yield "mobile", f"+82 10-{digits(4)}-{digits(4)}으로 문자 주세요"
        yield "mobile", f"(010) {digits(4)}-{digits(4)}"
        yield "landline", f"전화 02{digits(7)}"
        yield "landline", f"(02) {digits(3)}-{digits(4)}"
        yield "landline", f"031)7{digits(2)}-{digits(4)}"
        yield "resident-number", f"{born}1{digits(6)}".translate(FULL_WIDTH)
        yield "resident-number", f"{born}-2******"
        yield "passport", f"여권은 M{digits(3)}A{digits(4)}입니다"
        yield "passport", f"여권번호 M{digits(8)}"
        yield "plate", f"차량 {digits(3)}가 {digits(4)}를 빼 주세요"
        yield "plate", f"주차된 차는 서울 12바{digits(4)}입니다"
        yield "account", f"농협 {digits(13)} 예금주 홍길동"
        yield "e-mail", f"gildong.hong+{number}@mail.example.co.kr로 보내 주세요"
        yield "e-mail", f"gildong{number} @ example.com"
        yield "e-mail", f"gildong{number}(at)example.com"
        yield "e-mail", f"ｇｉｌｄｏｎｇ{number}＠example.com"
        yield "messenger", f"카톡 아이디: seodang{number}"
        yield "messenger", f"라인 ID seo_dang.{number} 추가해 주세요"
        yield "messenger", f"카카오톡: @seodang{number}"
        yield "card", card(draw, " ")
        yield "card", card(draw, "-").translate(FULL_WIDTH)
        yield "card", card(draw, "")
        yield "mobile", f"제 번호는 {' '.join(f'010{digits(7)}7')}이에요"
        yield "mobile", f"0082-10-{digits(4)}/{digits(4)} 또는 010_{digits(4)}_{digits(4)}"
        yield "mobile", f"010•{digits(4)}•{digits(4)}"
        yield "resident-number", f"주민번호 {' '.join(f'{born}')} - {' '.join(f'1{digits(6)}')}입니다"
        yield "resident-number", f"{born}/1{digits(6)}, {born}_2{digits(6)}"
        yield "card", f"카드는 {' '.join(card(draw, ''))}번"
        yield "passport", f"여권은 M {digits(4)} {digits(4)}"
        yield "account", f"계좌는 {' '.join(digits(12))} 국민은행"
        yield "e-mail", f"gildong{number} @ example . com"
        yield "address", f"집 주소는 경기도 성남시 분당구 느티로 {number + 1}번길 7-{number + 1}입니다."
        yield "address", f"서울특별시 종로구 새문안로3길 {number + 1}, 10{number}동 150{number}호"
        yield "address", f"저는 전라남도 순천시 연향동 13{number}-2번지에 살고 있어요."


def card(draw, separator):
    """Sixteen digits, the last of which checks the others."""
    plain = "4" + "".join(draw.choice("0123456789") for _ in range(14))
    doubled = sum(sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(plain))
    whole = plain + str(-doubled % 10)
    return separator.join(whole[place : place + 4] for place in range(0, 16, 4))


def test_every_way_of_writing_it_is_found(korean):
    variants = list(generated())
    assert len(variants) >= 250 and {kind for kind, _ in variants} == {pattern.kind for pattern in korean.personal}
    missed = [(kind, text) for kind, text in variants if kind not in kinds(korean, text)]
    assert missed == []


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-01에 시작해 2023.06.30에 끝났습니다.",
        "2023년 5월 1일 12:30:45",
        "버전 1.10.1234와 3.11.7, 2.13.0+cpu",
        "주문 번호 20230501-0012345를 확인하세요.",
        "주문번호 2023050112345678",
        "송장 6012-3456-7890 조회",
        "합계 1,234,567,890원을 냈습니다.",
        "고객센터 1588-1234, 1644 5678, 1899.0000으로 문의하세요.",
        "사업자등록번호 123-45-67891",
        "ISBN 978-89-01-23456-7",
        "입금일 2023-05-01 12:30, 입금액 1234567890원",
        "입금 시각 20230501123000",
        "위도 37.566535, 경도 126.977969",
        "010-1234-56789는 자릿수가 맞지 않는다.",
        "851301-1234567은 달이 맞지 않는다.",
        "850230-1234567은 날이 맞지 않는다.",
        "4111 1111 1111 1112",
        "세종대로와 경복궁 사이의 길을 걸었다.",
        "서울시 종로구 세종대로 175에 있는 공연장",
        "@property 와 a@b 는 주소가 아니다",
        "라인 12번째를 고치고 카톡 알림을 껐다.",
        "이진수 0 1 0 1 1 0 1 0 1 0 1을 십진수로 바꾸세요.",
        "meet @ noon. Bring it",
        "2023/05/01 12:30에 010/020/030 항목을 봤다.",
    ],
)
def test_what_only_looks_like_it_is_left_alone(korean, text):
    assert korean.personal_data(text) == []


def test_the_check_digit_of_a_resident_number_lets_none_through(korean):
    """Numbers issued since October 2020 end in random digits: all ten are masked, though one of them only has the check digit."""
    assert all(kinds(korean, f"850101-123456{last}") == ["resident-number"] for last in range(10))


def test_a_day_has_to_be_in_the_century_that_the_seventh_digit_names(korean):
    assert kinds(korean, "000229-3000000") == ["resident-number"]
    assert kinds(korean, "000229-1000000") == []  # 1900 was no leap year


def test_one_number_has_one_name_in_a_dialogue(korean):
    pseudonyms = seodang.Pseudonyms(korean)
    first = pseudonyms.mask("제 번호는 010-1234-5678이고, 동생은 010-9999-0000입니다.")
    second = pseudonyms.mask("０１０ １２３４ ５６７８로 전화하시면 됩니다.")
    assert first == "제 번호는 <휴대전화번호_1>이고, 동생은 <휴대전화번호_2>입니다."
    assert second == "<휴대전화번호_1>로 전화하시면 됩니다."
    assert pseudonyms.counts == {"mobile": 3}


def test_a_base_model_gets_the_tokens_it_was_trained_on(korean):
    mask = seodang.Pseudonyms(korean, tokens=True).mask
    text = "850101-1234567, 010-1234-5678, 국민은행 123456-04-123456, a@example.org"
    assert mask(text) == "<|rrn|>, <|tell|>, 국민은행 <|acc|>, <전자우편_1>"
