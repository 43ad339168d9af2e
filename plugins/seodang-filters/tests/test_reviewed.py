"""What people decided by hand becomes a step."""

from __future__ import annotations

import json

import msgspec
import pytest
import seodang
from seodang.testing import FilterContract, make_context
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
