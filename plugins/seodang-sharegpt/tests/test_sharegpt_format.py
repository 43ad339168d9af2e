"""The format carries dialogues, tools and calls both ways, and loses nothing on the way."""

import json
from pathlib import Path

import pytest
import seodang
from seodang.testing import FormatContract, make_context
from seodang_sharegpt import ShareGPT

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "sharegpt"
TOOLS = [{"name": "weather", "description": "날씨를 알려 준다", "parameters": {"type": "object", "properties": {}}}]
CALLED = {
    "conversations": [
        {"from": "system", "value": "짧게 답하세요."},
        {"from": "human", "value": "서울 날씨는?"},
        {"from": "function_call", "value": '{"name": "weather", "arguments": {"city":  "서울"}}'},
        {"from": "observation", "value": '{"sky": "맑음"}'},
        {"from": "gpt", "value": "맑습니다."},
    ],
    "tools": json.dumps(TOOLS, ensure_ascii=False),
}
TWO_CALLS = {
    "id": "two",
    "conversations": [
        {"from": "human", "value": "서울과 부산 날씨는?"},
        {
            "from": "function_call",
            "value": '[{"name": "weather", "arguments": "{\\"city\\": \\"서울\\"}", "id": "c1"}, {"name": "say", "arguments": "not json"}]',
        },
        {"from": "observation", "value": ""},
        {"from": "gpt", "value": "둘 다 맑습니다."},
    ],
}
WITH_MORE = {
    "id": 7,
    "model": "Model: GPT-4",
    "plugins": None,
    "conversations": [
        {"from": "human", "value": "안녕", "text": None, "markdown": None},
        {"from": "gpt", "value": "안녕하세요", "weight": 0, "feedback": {"thumbs": "up"}},
    ],
}


class TestShareGPT(FormatContract):
    format = ShareGPT
    rows = (CALLED, TWO_CALLS, WITH_MORE)


def read(rows, tmp_path):
    context = make_context(tmp_path)
    found = (seodang.Row(dict(row), f"rows.jsonl:{number}") for number, row in enumerate(rows, 1))
    return list(ShareGPT().read(found, context)), context.quarantined


def write(records):
    needed = frozenset().union(*(seodang.parts_of(record) for record in records)) & {*ShareGPT.extras}
    return list(ShareGPT().write(iter(records), needed))


def test_a_call_keeps_every_blank_that_the_model_wrote(tmp_path):
    (record,), _ = read([CALLED], tmp_path)
    assert [message.role for message in record.messages] == ["system", "user", "assistant", "tool", "assistant"]
    assert record.messages[2].calls == (seodang.Call("", "weather", '{"city":  "서울"}'),)
    assert record.tools == tuple(TOOLS)
    assert write([record]) == [CALLED]


def test_arguments_may_be_text_with_json_in_it_or_no_json_at_all(tmp_path):
    (record,), _ = read([TWO_CALLS], tmp_path)
    assert record.messages[1].calls == (
        seodang.Call("c1", "weather", '{"city": "서울"}'),
        seodang.Call("", "say", "not json"),
    )
    (again,), _ = read(write([record]), tmp_path)
    assert again == record


def test_what_a_turn_has_beside_its_words_comes_back(tmp_path):
    (record,), _ = read([WITH_MORE], tmp_path)
    assert record.messages[1].weight == 0.0 and record.columns["model"] == "Model: GPT-4"
    (row,) = write([record])
    assert row["id"] == 7 and row["conversations"][1]["feedback"] == {"thumbs": "up"}
    assert row["conversations"][1]["weight"] == 0.0 and row["conversations"][0]["weight"] == 1.0


@pytest.mark.parametrize(
    ("speaker", "role"),
    [("user", "user"), ("Human", "user"), ("assistant", "assistant"), ("chatgpt", "assistant"), ("bing", "assistant"), ("bard", "assistant")],
)  # fmt: skip
def test_speakers_are_known_under_many_names(tmp_path, speaker, role):
    turns = [{"role": speaker, "content": "말"}, {"from": "gpt", "value": "답"}]
    (record,), _ = read([{"items": turns}], tmp_path)
    assert record.messages[0].role == role
    assert ShareGPT().recognises({"items": turns})


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"instruction": "hi"}, "no-dialogue"),
        ({"conversations": "hi"}, "no-dialogue"),
        ({"conversations": []}, "no-dialogue"),
        ({"conversations": ["hi"]}, "bad-turn"),
        ({"conversations": [{"value": "hi"}]}, "bad-turn"),
        ({"conversations": [{"from": "human", "value": ["hi"]}]}, "bad-turn"),
        ({"conversations": [{"from": "human", "value": None}]}, "bad-turn"),
        ({"conversations": [{"from": "human", "value": "a", "weight": "heavy"}]}, "bad-turn"),
        ({"conversations": [{"from": "narrator", "value": "밤이었다."}]}, "unknown-role"),
        ({"conversations": [{"from": "function_call", "value": "weather()"}]}, "bad-call"),
        ({"conversations": [{"from": "function_call", "value": '{"name": "f", "arguments": {}, "more": 1}'}]}, "bad-call"),
        ({"conversations": [{"from": "human", "value": "a"}], "tools": "not json"}, "bad-tools"),
        ({"conversations": [{"from": "human", "value": "a"}], "tools": [1]}, "bad-tools"),
    ],
)
def test_a_row_that_cannot_be_understood_is_set_aside_and_never_guessed(tmp_path, row, code):
    records, asides = read([row], tmp_path)
    assert not records
    assert [(aside.code, aside.where) for aside in asides] == [(code, "rows.jsonl:1")]


def test_what_it_cannot_say_is_left_out_with_a_reason():
    call = seodang.Message("assistant", "음", calls=(seodang.Call("", "f", "{}"),))
    records = [
        seodang.single_turn("아직?"),
        seodang.Record(messages=(seodang.Message("narrator", "밤"), seodang.Message("assistant", "네"))),
        seodang.Record(messages=(seodang.Message("user", "?"), call)),
    ]
    assert [row.reason for row in write(records)] == ["unanswered", "role", "text-with-call"]


def test_a_separate_input_stands_under_the_question():
    (row,) = write([seodang.single_turn("요약하세요.", "짧다.", input="긴 글", id="1")])
    assert row["conversations"][0]["value"] == "요약하세요.\n\n긴 글" and row["id"] == "1"


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the repository")
def test_every_real_dialogue_comes_back_as_the_row_it_was(tmp_path):
    compared = 0
    for path in sorted(SHARED.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = [row for row in (content if isinstance(content, list) else [content]) if ShareGPT().recognises(row)]
        records, asides = read(rows, tmp_path)
        assert len(records) == len(rows) and not asides, path.name
        written = write(records)
        assert [{**row, "tools": row.get("tools", "[]")} for row in written] == [
            {**row, "tools": row.get("tools", "[]")} for row in rows
        ], path.name
        again, _ = read(written, tmp_path)
        assert again == records, path.name
        compared += len(rows)
    assert compared == 568, "llamafactory_identity.json has rows of another format, every other row is a dialogue"
