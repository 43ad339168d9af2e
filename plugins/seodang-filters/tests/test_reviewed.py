"""What people decided by hand becomes a step."""

from __future__ import annotations

import json

import msgspec
import pytest
import seodang
from seodang.testing import FilterContract, make_context
from seodang.wording import render
from seodang_filters import Reviewed

ROWS = [seodang.single_turn(f"질문 {number}", f"답 {number}", id=f"r{number}", language="ko", source="s") for number in range(4)]
DECISIONS = [
    {"id": "r0", "decision": "keep"},
    {"id": "r1", "decision": "drop", "note": "틀림"},
    {"id": "r2", "decision": "drop"},
    {"id": "r2", "decision": "edit", "answer": "고친 답"},
]


@pytest.fixture
def sifted(tmp_path):
    def once(decisions, **options):
        path = tmp_path / "reviewed.jsonl"
        path.write_text("".join(json.dumps(decision) + "\n" for decision in decisions), encoding="utf-8")
        one = Reviewed(msgspec.convert({"decisions": "reviewed.jsonl", **options}, Reviewed.Options))
        context = make_context(tmp_path, language="ko", options=one.options)
        return one.sift(ROWS, context), context

    return once


def test_the_last_decision_on_a_row_counts(sifted):
    verdicts, context = sifted(DECISIONS)
    assert verdicts[0] == seodang.Keep() and verdicts[3] == seodang.Keep()
    assert verdicts[1] == seodang.Drop("dropped-by-hand", "틀림")
    assert verdicts[2].record.answer == "고친 답" and verdicts[2].record.question == "질문 2"
    assert context.figures == {"reviewed": 3} and not context.warned


def test_undecided_rows_can_be_left_out_and_strange_decisions_are_told(sifted):
    verdicts, context = sifted([*DECISIONS, {"id": "gone", "decision": "keep"}], undecided="drop")
    assert verdicts[3] == seodang.Drop("not-reviewed") and len(context.warned) == 1


def test_what_was_decided_about_other_texts_has_no_effect_and_is_told(sifted):
    verdicts, context = sifted([{"id": "r0", "decision": "drop", "row": "0123456789abcdef"}, *DECISIONS[1:]])
    assert verdicts[0] == seodang.Keep() and context.figures == {"reviewed": 2}
    facts = {"count": 1, "of": 3}
    assert context.warned == [render("seodang_filters:decisions-left", facts)]
    assert [render("seodang_filters:decisions-left", facts, language) for language in ("en", "ko")] == [
        "1 of 3 decisions are on rows that are not here or had other texts when they were reviewed. Review the rows as they are now.",
        "결정 3개 가운데 1개는 여기 없거나 살펴본 뒤에 글이 바뀐 행에 대한 것이라 쓰지 않습니다. 지금의 행을 다시 살펴보세요.",
    ]


def test_a_broken_line_is_told_with_its_number(tmp_path, sifted):
    (tmp_path / "reviewed.jsonl").write_text('{"id": "r0"}\n{"id": "r1", "decision": "keep"}\n', encoding="utf-8")
    with pytest.raises(seodang.DataError, match=r"line 1|1번째 줄"):
        seodang.read_decisions(tmp_path / "reviewed.jsonl")
    (tmp_path / "torn.jsonl").write_text('{"id": "r1", "decision": "keep"}\n{"id": "r', encoding="utf-8")
    assert set(seodang.read_decisions(tmp_path / "torn.jsonl")) == {"r1"}


class TestReviewed(FilterContract):
    filter = Reviewed

    @pytest.fixture
    def raw_options(self, place):
        (place / "reviewed.jsonl").write_text('{"id": "none", "decision": "keep"}\n', encoding="utf-8")
        return {"decisions": str(place / "reviewed.jsonl")}
