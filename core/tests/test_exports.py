"""Records leave in formats that others read; what a format cannot carry is counted and told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from seodang.errors import DataError
from seodang.exports import FORMATS, ExportReport, export
from seodang.records import Call, Candidate, Message, Record, single_turn

PLAIN = single_turn("수도는?", "서울입니다.", id="1", language="ko", columns={"url": "kin/1", "views": 3}, tags={"topic": "지리"})
WITH_INPUT = single_turn("요약하세요.", "짧다.", id="2", language="ko", input="긴 글")
TALK = Record(
    id="3", language="en",
    messages=(
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Why?"),
        Message("assistant", "So.", thinking="hm", weight=0.0),
    ),
)  # fmt: skip
WITH_SYSTEM = Record(id="4", messages=(Message("system", "Be brief."), Message("user", "1+1?"), Message("assistant", "2")))
WITH_TOOLS = Record(
    id="5", tools=({"type": "function", "function": {"name": "add"}},),
    messages=(
        Message("user", "1+1?"),
        Message("assistant", "", calls=(Call("c1", "add", '{"a":1,"b":1}'), Call("c2", "log", "not json"))),
        Message("tool", "2", call_id="c1"),
        Message("assistant", "2입니다."),
    ),
)  # fmt: skip
UNANSWERED = single_turn("아직?", id="6")
RANKED = single_turn("가?", "나", id="7", candidates=(Candidate(Message("assistant", "다"), rank=2),))
EMPTY = Record(id="8", messages=())
TEXT_AND_CALL = Record(
    id="9",
    messages=(
        Message("user", "?"),
        Message("assistant", "음", calls=(Call("c", "f", "{}"),)),
        Message("tool", "1"),
        Message("assistant", "1"),
    ),
)
OTHER_ROLE = Record(id="10", messages=(Message("narrator", "밤이었다."), Message("assistant", "그렇다.")))
UNASKED = Record(id="11", messages=(Message("assistant", "혼잣말"),))
ALL = [PLAIN, WITH_INPUT, TALK, WITH_SYSTEM, WITH_TOOLS, UNANSWERED, RANKED, EMPTY, TEXT_AND_CALL, OTHER_ROLE, UNASKED]


@pytest.fixture
def exported(tmp_path: Path):
    def exported(records, target: str, *language: str, **options) -> tuple[ExportReport, list[dict]]:
        report = export(records, target, tmp_path / "out.jsonl", *language, **options)
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
        assert report.rows == len(rows)
        return report, rows

    return exported


def test_alpaca_carries_one_question_its_input_and_its_answer(exported):
    report, rows = exported(ALL, "alpaca")
    assert rows == [
        {"instruction": "수도는?", "input": "", "output": "서울입니다."},
        {"instruction": "요약하세요.", "input": "긴 글", "output": "짧다."},
        {"instruction": "가?", "input": "", "output": "나"},
    ]
    assert report.left_out == {"several-turns": 1, "system": 1, "tools": 2, "unanswered": 2, "unasked": 2}
    assert report.lost == {"candidates": 1}


def test_koalpaca_puts_the_input_under_the_instruction_and_keeps_the_url_when_asked(exported):
    report, rows = exported([PLAIN, WITH_INPUT], "koalpaca", keep_columns=["url", "topic"])
    assert rows == [
        {"instruction": "수도는?", "output": "서울입니다.", "url": "kin/1", "topic": "지리"},
        {"instruction": "요약하세요.\n\n긴 글", "output": "짧다.", "url": None, "topic": None},
    ]
    assert report == ExportReport(2)


def test_sharegpt_carries_turns_systems_and_tools(exported):
    report, rows = exported(ALL, "sharegpt")
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "5", "7", "11"]
    assert rows[1]["conversations"][0] == {"from": "human", "value": "요약하세요.\n\n긴 글"}
    assert [turn["from"] for turn in rows[2]["conversations"]] == ["human", "gpt", "human", "gpt"]
    assert rows[3]["conversations"][0] == {"from": "system", "value": "Be brief."}
    assert rows[4]["conversations"][1:3] == [
        {"from": "function_call", "value": '[{"name":"add","arguments":{"a":1,"b":1}},{"name":"log","arguments":"not json"}]'},
        {"from": "observation", "value": "2"},
    ]
    assert [row["tools"] for row in rows] == ["", "", "", "", '[{"type":"function","function":{"name":"add"}}]', "", ""]
    assert report.left_out == {"role": 1, "text-with-call": 1, "unanswered": 2}
    assert report.lost == {"candidates": 1, "thinking": 1, "weight": 1}


def test_messages_carry_everything_and_every_row_has_the_same_keys(exported):
    report, rows = exported(ALL, "messages")
    assert len(rows) == 10 and report.left_out == {"empty": 1} and report.lost == {"candidates": 1}
    assert {tuple(row) for row in rows} == {("messages", "tools")}
    turns = [turn for row in rows for turn in row["messages"]]
    assert {tuple(turn) for turn in turns} == {("role", "content", "thinking", "weight", "tool_calls", "tool_call_id")}
    assert rows[2]["messages"][3] == {
        "role": "assistant", "content": "So.", "thinking": "hm", "weight": 0.0, "tool_calls": [], "tool_call_id": ""
    }  # fmt: skip
    assert rows[4]["messages"][1]["tool_calls"][0] == {
        "id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a":1,"b":1}'}
    }  # fmt: skip
    assert rows[4]["messages"][2]["tool_call_id"] == "c1" and rows[4]["tools"] == list(WITH_TOOLS.tools)


def test_a_key_that_no_row_needs_is_not_there(exported):
    _, rows = exported([PLAIN, WITH_SYSTEM], "messages")
    assert rows[0] == {"messages": [{"role": "user", "content": "수도는?"}, {"role": "assistant", "content": "서울입니다."}]}


def test_prompt_completion_splits_before_the_last_answer(exported):
    report, rows = exported([PLAIN, TALK, UNANSWERED, UNASKED], "prompt-completion")
    assert rows[0]["prompt"][0]["content"] == "수도는?" and rows[0]["completion"][0]["content"] == "서울입니다."
    assert [len(rows[1]["prompt"]), len(rows[1]["completion"])] == [3, 1]
    assert report.left_out == {"unanswered": 1, "unasked": 1} and report.lost == {}


def test_one_language_can_be_taken(exported):
    report, rows = exported([PLAIN, WITH_INPUT, TALK], "messages", "ko")
    assert len(rows) == 2 and report.left_out == {"language": 1}
    assert set(rows[0]["messages"][0]) == {"role", "content"}, "what only the others need is not there"


@pytest.mark.parametrize("target", FORMATS)
def test_every_record_is_written_or_counted_and_every_key_is_declared(exported, target):
    report, rows = exported(ALL, target)
    assert report.rows + sum(report.left_out.values()) == len(ALL) and rows
    known = FORMATS[target]
    assert set(known.keys) <= set(rows[0]) <= {*known.keys, *known.extras}


def test_mistakes_are_told_before_anything_is_written(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    for options, code in (
        ({"format": "csv"}, "exports.unknown-format"),
        ({"format": "alpaca", "keep_columns": ["output"]}, "exports.column-in-the-way"),
        ({"format": "alpaca", "keep_columns": ["ulr"]}, "exports.no-such-column"),
    ):
        with pytest.raises(DataError) as told:
            export([PLAIN], out=out, **options)
        assert told.value.code == code
    assert told.value.facts == {"column": "ulr", "known": "url, views, topic"}
    with pytest.raises(TypeError, match="twice"):
        export(iter([PLAIN]), "alpaca", out)
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]


def test_the_file_appears_whole_private_and_in_the_order_of_the_records(exported, tmp_path):
    records = [single_turn(f"{n}?", "답" * 300) for n in range(3000)]
    _, rows = exported(records, "alpaca")
    assert [row["instruction"] for row in rows] == [f"{n}?" for n in range(3000)]
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600 and len(list(tmp_path.iterdir())) == 1


RECIPE = """
[recipe]
name = "handed"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
"""


@pytest.fixture
def finished_run(tmp_path: Path) -> Path:
    pytest.importorskip("seodang_handcrafted", reason="the seeds of this recipe are not installed")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    rows = [{"instruction": "수도는?", "output": "서울"}, {"instruction": "아직?"}]
    (tmp_path / "rows.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) + "{torn", encoding="utf-8"
    )
    done = seodang("run", tmp_path / "recipe.toml", "--run-dir", tmp_path / "run")
    assert (tmp_path / "run" / "01-seeds-handcrafted" / "manifest.json").is_file(), done.stdout + done.stderr
    return tmp_path / "run"


def seodang(*arguments: object, language: str = "en") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "seodang", *map(str, arguments)], capture_output=True, text=True, timeout=120,
        env={**os.environ, "SEODANG_LANGUAGE": language},
    )  # fmt: skip


def test_the_command_writes_the_file_and_tells_what_is_missing(finished_run, tmp_path):
    out = tmp_path / "out.jsonl"
    done = seodang("export", finished_run, "--to", "alpaca", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"1 row written to {out}.\nLeft out: 1 row (no answer).\n"
    assert json.loads(out.read_text(encoding="utf-8")) == {"instruction": "수도는?", "input": "", "output": "서울"}

    told = seodang("export", finished_run, "--to", "messages", out, "--json")
    assert json.loads(told.stdout) == {"rows": 2, "left_out": {}, "lost": {}}
    korean = seodang("export", finished_run, "--to", "alpaca", out, language="ko")
    assert korean.stdout == f"1행을 {out}에 썼습니다.\n뺀 행: 1행(답이 없음).\n"
    wrong = seodang("export", finished_run, "--to", "alpace", out)
    assert (wrong.returncode, wrong.stderr.split(".")[0]) == (4, "There is no format 'alpace'")


def test_show_tells_the_reason_of_a_bad_line_as_a_sentence(finished_run):
    done = seodang("show", finished_run, "--quarantined")
    assert "rows.jsonl:3:2  torn  The file breaks off here (Expecting property name enclosed in double quotes)." in done.stdout
