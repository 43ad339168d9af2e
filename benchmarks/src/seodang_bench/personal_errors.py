"""Personal data that is nobody's, written in the many ways in which people write it, and numbers that only look like it.

Nothing in here knows the patterns of the locale: numbers are put together from what is public about their form.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from seodang_bench.planting import Case, Planted, row, seed_rows

VARIANTS = 50
"""Of each kind, so that all kinds together are more than five hundred."""

SEPARATORS = ("-", " ", ".", " - ", "–", "－", "·", "\u00a0", "- ", "—")
_FULL_WIDTH = str.maketrans("0123456789-@. ", "０１２３４５６７８９－＠．　")

CARRIERS = {
    "mobile": (
        "{}로 전화 주세요.",
        "제 번호는 {}입니다.",
        "연락처({})를 남깁니다.",
        "문의는 {} 으로 해 주시면 됩니다.",
        "010은 {}만 씁니다.",
    ),
    "landline": (
        "사무실 전화는 {}입니다.",
        "{}으로 연락 주시고, 없으면 메모를 남겨 주세요.",
        "tel: {}",
        "팩스 번호가 {}로 바뀌었습니다.",
    ),
    "resident-number": (
        "주민번호는 {}이고 이름은 비밀입니다.",
        "신청서에 {}을 적었습니다.",
        "({})",
        "주민등록번호 {}로 조회했습니다.",
    ),
    "card": ("카드 번호는 {}입니다.", "결제는 {}로 했습니다.", "{} / 유효 기간 없음", "분실한 카드가 {}인데요"),
    "account": (
        "계좌는 국민은행 {}입니다.",
        "{} (농협)으로 입금해 주세요.",
        "입금 계좌: {} 예금주 아무개",
        "신한은행 계좌 {}에서 이체했습니다.",
    ),
    "driving-licence": ("운전면허 번호가 {}인데 갱신해야 하나요?", "면허번호: {}", "제 면허는 {}입니다."),
    "passport": ("여권 번호는 {}입니다.", "여권({})을 잃어버렸습니다.", "passport no. {}"),
    "plate": ("차량 번호 {}를 빼 주세요.", "주차된 {} 차주분 연락 바랍니다.", "번호판이 {}인 자동차를 찾습니다."),
    "e-mail": ("{}로 보내 주세요.", "메일은 {}입니다.", "답장은 {} 으로 부탁드립니다.", "<{}>"),
    "messenger": ("카톡 아이디 {} 추가해 주세요.", "카카오톡 ID: {}", "라인 아이디는 {} 입니다.", "텔레그램: {}"),
    "address": ("저는 {}에 살고 있습니다.", "배송지 주소는 {}입니다.", "주소: {}", "물건은 {} 으로 배송해 주세요."),
}

LOOK_ALIKES = (
    "회의는 2024-05-17 14:30에 시작합니다.",
    "2019.12.31부터 2020.01.05까지 쉽니다.",
    "총 12,345,678원이며 부가세는 1,234,567원입니다.",
    "버전 3.10.4567에서 4.0.1234로 올렸습니다.",
    "고객센터 1544-7000으로 전화하세요.",
    "대표 번호는 1800-1234입니다.",
    "긴급 신고는 112와 119입니다.",
    "사업자등록번호 214-88-01234를 확인하세요.",
    "ISBN 979-11-1234-567-8인 책입니다.",
    "위도 35.179554와 경도 129.075642를 찍으세요.",
    "주문번호 2024051700012345로 조회됩니다.",
    "송장 번호 4567-8901-2345로 배송됩니다.",
    "3.14159265358979는 원주율의 앞부분입니다.",
    "대한민국 헌법 제10조와 제37조 2항을 읽어 보세요.",
    "주민 1234567명이 투표했습니다.",
    "점수는 98-87-76 순서였습니다.",
    "한 해 매출은 100-150-200억으로 늘었습니다.",
    "IP 주소 192.168.0.101로 접속하세요.",
    "포트 8080과 3000번을 열었습니다.",
    "한글날은 10월 9일, 개천절은 10월 3일입니다.",
    "국도 7호선과 고속도로 1호선이 만납니다.",
    "세종대로를 따라 걷다가 광화문에서 쉬었습니다.",
    "서울에서 부산까지는 약 325킬로미터입니다.",
    "입금액 1500000원, 수수료 500원입니다.",
    "입금일은 2024-05-17이고 확인은 2024-05-18입니다.",
    "시험은 09:00-10:30, 11:00-12:30에 봅니다.",
    "@Override 주석과 user@localhost라는 글이 보입니다.",
    "카톡 알림이 300개 쌓였고 라인 3개가 끊겼습니다.",
    "3가지 재료와 2나누기 5는 상관이 없습니다.",
    "비율은 16:9이며 해상도는 1920x1080입니다.",
    "자동차 3대와 트럭 12대가 지나갔습니다.",
    "DNA 염기 서열 길이는 3200000000쌍입니다.",
    "로또 번호는 03-11-24-31-38-42였습니다.",
    "원소 기호 Na는 11번, Cl은 17번입니다.",
    "대학로 극장에서 7시 30분에 시작합니다.",
    "1998-2002년 사이에 일어난 일입니다.",
    "여권 발급에는 4-5일이 걸리고 53,000원이 듭니다.",
    "운전면허 필기시험은 40문항에 60점이 합격입니다.",
    "통장 정리를 2번 했고 잔액은 3,000원입니다.",
    "전화를 3번, 문자를 12번 보냈습니다.",
)


def values(draw: random.Random, kinds: Sequence[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Kind, the datum, and a text with it."""
    for kind in kinds or _KINDS:
        for _ in range(VARIANTS):
            value = _KINDS[kind](draw)
            yield kind, value, draw.choice(CARRIERS[kind]).format(value)


def cases(draw: random.Random, kinds: Sequence[str] = ()) -> list[Case]:
    """Rows with a datum of these kinds, rows with what only looks like one, and the seed tasks, in which there is none."""
    wrong = [Case(row(text, "확인했습니다."), "personal-data") for _, _, text in values(draw, kinds)]
    return [*wrong, *(Case(row(text, "확인했습니다.")) for text in LOOK_ALIKES), *map(Case, seed_rows("ko"))]


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def _written(draw: random.Random, *groups: str, glued: bool = True) -> str:
    """The groups with one of the separators, sometimes in full width."""
    text = draw.choice((*SEPARATORS, "") if glued else SEPARATORS).join(groups)
    return text.translate(_FULL_WIDTH) if draw.random() < 0.2 else text


def _mobile(draw: random.Random) -> str:
    first = draw.choice(("010", "010", "010", "011", "016", "019"))
    groups = (_digits(draw, 4 if first == "010" else 3), _digits(draw, 4))
    form = draw.random()
    if form < 0.1:
        return f"+82 {first[1:]}-{groups[0]}-{groups[1]}"
    return f"({first}) {groups[0]}-{groups[1]}" if form < 0.2 else _written(draw, first, *groups)


def _landline(draw: random.Random) -> str:
    area = draw.choice(("02", "031", "032", "042", "051", "053", "062", "064", "070"))
    groups = (draw.choice("3456789") + _digits(draw, 2 + (draw.random() < 0.5)), _digits(draw, 4))
    form = draw.random()
    return f"{area}){groups[0]}-{groups[1]}" if form < 0.1 else _written(draw, area, *groups)


def _resident(draw: random.Random) -> str:
    sign = draw.choice("12345678")
    born = f"{draw.randrange(1, 100):02}{draw.randrange(1, 13):02}{draw.randrange(1, 29):02}"
    return _written(draw, born, sign + _digits(draw, 6))


def _card(draw: random.Random) -> str:
    plain = draw.choice("45") + draw.choice("1234") + _digits(draw, 13)
    doubled = sum(sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(plain))
    whole = plain + str(-doubled % 10)
    return _written(draw, *(whole[place : place + 4] for place in range(0, 16, 4)))


def _account(draw: random.Random) -> str:
    sizes = draw.choice(((6, 2, 6), (3, 3, 6), (3, 4, 4, 2), (4, 2, 7), (3, 2, 6)))
    return _written(draw, *(_digits(draw, size) for size in sizes))


def _licence(draw: random.Random) -> str:
    return _written(draw, str(draw.randrange(11, 29)), _digits(draw, 2), _digits(draw, 6), _digits(draw, 2))


def _passport(draw: random.Random) -> str:
    return draw.choice(
        (f"M{_digits(draw, 8)}", f"M{_digits(draw, 3)}{draw.choice('ABCD')}{_digits(draw, 4)}", f"m {_digits(draw, 8)}")
    )


def _plate(draw: random.Random) -> str:
    front, sign = _digits(draw, draw.choice((2, 3))), draw.choice("가나다마거너더버서어저고노도보소조구누두부수우주하허호")
    back = _digits(draw, 4)
    return draw.choice(
        (f"{front}{sign} {back}", f"{front}{sign}{back}", f"{front} {sign} {back}", f"서울 {front[:2]}{sign} {back}")
    )


def _mail(draw: random.Random) -> str:
    name = draw.choice(("sodam", "nari.kim", "hong_gil", "mail-box", "b.c.d")) + _digits(draw, draw.randrange(3))
    host = draw.choice(("example.com", "mail.example.co.kr", "example.ac.kr", "example.org"))
    mail = draw.choice((f"{name}@{host}", f"{name} @ {host}", f"{name}(at){host}", f"{name}＠{host}"))
    return mail.translate(_FULL_WIDTH) if draw.random() < 0.1 else mail


def _messenger(draw: random.Random) -> str:
    return draw.choice(("saja", "byul_", "haneul.", "x")) + _digits(draw, draw.randrange(3, 6))


def _address(draw: random.Random) -> str:
    city = draw.choice(
        (
            "서울특별시 종로구",
            "부산광역시 해운대구",
            "경기도 성남시 분당구",
            "제주특별자치도 제주시",
            "강원도 춘천시",
            "서울 마포구",
        )
    )
    road = draw.choice(("새싹로", "달빛로3길", "느티나무길", "강변북로", "은행나무로12번길"))
    number = draw.choice((f"{draw.randrange(1, 300)}", f"{draw.randrange(1, 300)}-{draw.randrange(1, 30)}"))
    rooms = f"{draw.randrange(101, 120)}동 {draw.randrange(101, 2000)}호"
    return f"{city} {road} {number}" + draw.choice(("", f" {rooms}", f", {rooms}", " (정자동)", " (연희동)"))


_KINDS: dict[str, Callable[[random.Random], str]] = {
    "mobile": _mobile,
    "landline": _landline,
    "resident-number": _resident,
    "card": _card,
    "account": _account,
    "driving-licence": _licence,
    "passport": _passport,
    "plate": _plate,
    "e-mail": _mail,
    "messenger": _messenger,
    "address": _address,
}

PLANTED = (
    Planted("pii", cases, options={"action": "drop"}, error="all kinds"),
    *(Planted("pii", partial(cases, kinds=(kind,)), options={"action": "drop", "kinds": [kind]}, error=kind) for kind in _KINDS),
)
"""All kinds together, and each for itself."""
