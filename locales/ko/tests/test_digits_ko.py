"""A pattern's `digits` spare a search; they must never spare one that would have found something."""

from __future__ import annotations

import pytest
from seodang_locale_ko import Korean

sre = pytest.importorskip("re._parser")
from re import _constants as signs  # noqa: E402

PATTERNS = Korean().personal


def least_digits(parsed) -> int:
    """How many signs of the shortest match are digits whatever happens."""
    found = 0
    for kind, value in parsed:
        if kind in (signs.MAX_REPEAT, signs.MIN_REPEAT, signs.POSSESSIVE_REPEAT):
            found += value[0] * least_digits(value[2])
        elif kind is signs.SUBPATTERN:
            found += least_digits(value[-1])
        elif kind is signs.BRANCH:
            found += min(map(least_digits, value[1]))
        elif kind is signs.IN:
            found += all(is_digit(*member) for member in value)
        elif kind is signs.LITERAL:
            found += chr(value).isdecimal()
    return found


def is_digit(kind, value) -> bool:
    if kind is signs.CATEGORY:
        return value is signs.CATEGORY_DIGIT
    if kind is signs.RANGE:
        return all(chr(sign).isdecimal() for sign in value)
    return kind is signs.LITERAL and chr(value).isdecimal()


@pytest.mark.parametrize("known", PATTERNS, ids=lambda known: known.kind)
def test_no_match_has_fewer_digits_than_its_pattern_says(known):
    assert known.digits <= least_digits(sre.parse(known.pattern))


def test_the_counting_counts():
    assert least_digits(sre.parse(r"a\d{2,3}(?:\d|1[0-9])?(?:0|12)[0-5]x?")) == 4
    assert sum(bool(known.digits) for known in PATTERNS) > 10


def test_full_width_digits_count():
    (found,) = Korean().personal_data("전화 ０１０－１２３４－５６７８ 입니다")
    assert found.kind == "mobile"


@pytest.mark.parametrize("text", ["카톡 아이디: seodang77", "LINE ID: seodang_77"])
def test_a_messenger_is_found_by_its_name_in_any_case(text):
    assert [found.kind for found in Korean().personal_data(text)] == ["messenger"]
