"""The verifier: what is computed to be wrong goes, and what cannot be computed is not let through."""

from __future__ import annotations

from pathlib import Path

import pytest
import seodang
from seodang.testing import FilterContract, make_context
from seodang_demo.checking import ProgramCheck


class TestProgramCheck(FilterContract):
    filter = ProgramCheck
    language = "ko"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("'삼천칠십이'라고 읽습니다.", seodang.Keep()),
        ("'삼천칠십삼'이라고 읽습니다.", seodang.Drop("wrong-answer", "삼천칠십이")),
        ("모르겠습니다.", seodang.Drop("wrong-answer", "삼천칠십이")),
    ],
)
def test_an_answer_is_compared_with_the_computed_truth(answer: str, verdict: object, tmp_path: Path):
    record = seodang.single_turn("숫자 3072를 읽어 주세요.", answer)
    assert ProgramCheck().sift([record], make_context(tmp_path, language="ko")) == [verdict]


def test_what_cannot_be_computed_is_dropped_by_name(tmp_path: Path):
    record = seodang.single_turn("수도는 어디인가요?", "서울입니다.")
    assert ProgramCheck().sift([record], make_context(tmp_path, language="ko")) == [seodang.Drop("not-checkable")]
