"""Why a record is left out of a format, as people read it."""

import pytest
from seodang.wording import render


@pytest.mark.parametrize(
    ("reason", "english", "korean"),
    [
        ("marker-in-text", "a marker of the format within a text", "본문에 형식의 표시가 들어 있음"),
        ("input", "a separate input, for which the format has no place", "따로 있는 입력을 담을 자리가 형식에 없음"),
        ("instruction", "another instruction than the one that the pairs are read with", "문장 쌍을 읽을 때의 지시와 다른 지시"),
        ("weight", "a turn with a share in the loss between none and all", "손실에 일부만 반영되는 차례"),
    ],
)
def test_reasons_of_our_own_are_said_in_both_languages(reason, english, korean):
    assert render(f"seodang_instruct_data:{reason}", {}, "en") == english
    assert render(f"seodang_instruct_data:{reason}", {}, "ko") == korean
