from pathlib import Path

import pytest
import seodang
from seodang.testing import SeedsContract, make_context
from seodang_handcrafted import Handcrafted

ROWS = """{"instruction": "수도는?", "output": "서울", "category": "지리"}
{"instruction": "요약하세요.", "input": "긴 글"}
{"messages": [{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "안녕하세요", "thinking": "인사"}]}
{"text": "질문이 아님"}
not json
{"messages": [{"role": "user"}]}
"""


class TestHandcrafted(SeedsContract):
    seeds = Handcrafted
    options = {"path": "rows.jsonl"}
    files = {"rows.jsonl": '{"instruction": "하나"}\n{"instruction": "둘", "output": "2"}\n'}


@pytest.fixture
def read(tmp_path: Path):
    (tmp_path / "rows.jsonl").write_text(ROWS, encoding="utf-8")
    options = Handcrafted.Options(path="rows.jsonl")
    context = make_context(tmp_path, options=options)
    return list(Handcrafted(options).read(context)), context


def test_the_three_shapes_become_records(read):
    records, _ = read
    assert [record.question for record in records] == ["수도는?", "요약하세요.", "안녕"]
    assert records[0].answer == "서울" and records[0].columns == {"category": "지리"}
    assert records[1].input == "긴 글" and not records[1].answered
    assert records[2].messages[1] == seodang.Message("assistant", "안녕하세요", thinking="인사")


def test_every_other_row_is_quarantined_with_its_place(read):
    _, context = read
    places = {each.where.split(":")[1]: each.code for each in context.quarantined}
    assert places["4"] == "no-question" and places["6"] == "no-question" and "5" in places
