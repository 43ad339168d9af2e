"""Records leave in formats that others read; what does not get there is counted and told."""

import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from seodang.capabilities import Format, Layout, Table
from seodang.errors import DataError
from seodang.exchange import LeftOut
from seodang.exports import Choice, ExportReport, export
from seodang.exports.rows import Rows
from seodang.records import Candidate, Message, Record, single_turn

PLAIN = single_turn("수도는?", "서울입니다.", id="1", language="ko", columns={"url": "kin/1", "views": 3}, tags={"topic": "지리"})
WITH_INPUT = single_turn("요약하세요.", "짧다.", id="2", language="ko", input="긴 글")
THOUGHT = Record(
    id="3", language="en", messages=(Message("user", "1+1?"), Message("assistant", "2", thinking="easy", weight=0.0))
)
UNANSWERED = single_turn("아직?", id="4")
RANKED = single_turn("가?", "나", id="5", candidates=(Candidate(Message("assistant", "다"), rank=2),))
ALL = [PLAIN, WITH_INPUT, THOUGHT, UNANSWERED, RANKED]


class Plain(Format):
    """Questions and answers, with the thinking between them where there is any."""

    name = "plain"
    needs = ("q", "a")
    columns = ("q", "a", "thinking")
    extras = ("thinking",)
    cannot_carry = ("weight", "candidates")
    example = {"q": "question", "a": "answer"}

    def write(self, records, extras):
        for record in records:
            if not record.answered:
                yield LeftOut("unanswered")
                continue
            row = {**record.columns, "q": record.question, "a": record.answer}
            yield row | ({"thinking": record.messages[-1].thinking} if "thinking" in extras else {})


class PerTurn(Plain):
    """As many rows as messages, as trees are written."""

    name = "per-turn"

    def write(self, records, extras):
        for record in records:
            for message in record.messages:
                yield {**record.columns, "q": message.role, "a": message.text}


def no_table(name: str) -> Table:
    raise AssertionError(f"nobody asked for {name}")


@pytest.fixture
def exported(tmp_path: Path):
    def exported(records, format: Format, **choice) -> tuple[ExportReport, list[dict]]:
        out = tmp_path / "out.jsonl"
        report = export(records, format, out, find=no_table, choice=Choice(**choice))
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert report.rows == len(rows)
        return report, rows

    return exported


def test_every_record_is_written_or_counted_and_what_it_lost_is_told(exported):
    report, rows = exported(ALL, Plain())
    assert rows[0] == {"q": "수도는?", "a": "서울입니다.", "thinking": ""} and rows[2]["thinking"] == "easy"
    assert report == ExportReport(
        rows=4, left_out={"unanswered": 1}, lost={"candidates": 1, "weight": 1}, left_columns={"url": 1, "views": 1}
    )


def test_a_column_that_no_row_needs_is_not_there(exported):
    _, rows = exported([PLAIN, WITH_INPUT], Plain())
    assert rows[0] == {"q": "수도는?", "a": "서울입니다."}


def test_columns_and_tags_are_kept_when_asked_and_null_where_a_record_lacks_them(exported):
    report, rows = exported([PLAIN, WITH_INPUT], Plain(), keep_columns=["url", "topic"])
    assert rows == [
        {"q": "수도는?", "a": "서울입니다.", "url": "kin/1", "topic": "지리"},
        {"q": "요약하세요.", "a": "짧다.", "url": None, "topic": None},
    ]
    assert report == ExportReport(rows=2, left_columns={"views": 1})


def test_a_star_keeps_every_column_in_every_row(exported):
    report, rows = exported([WITH_INPUT, PLAIN], Plain(), keep_columns=["*"])
    assert [tuple(row) for row in rows] == [("q", "a", "url", "views")] * 2
    assert rows[0]["url"] is None and rows[1]["views"] == 3 and report.left_columns == {}


def test_columns_are_told_by_the_thousand_and_the_rest_together(exported):
    records = [single_turn("q", "a", columns={f"c{number}": 1}) for number in range(1_500)]
    report, _ = exported(records, Plain())
    assert len(report.left_columns) == 1_001 and report.left_columns["…"] == 500


def test_one_language_can_be_taken(exported):
    report, rows = exported([PLAIN, WITH_INPUT, THOUGHT], Plain(), language="ko")
    assert report.left_out == {"language": 1} and "thinking" not in rows[0], "what only the others need is not there"


def test_a_record_may_become_several_rows(exported):
    report, rows = exported([PLAIN, RANKED], PerTurn(), keep_columns=["url"])
    assert [row["url"] for row in rows] == ["kin/1", "kin/1", None, None]
    assert report.rows == 4 and report.lost == {"candidates": 1} and report.left_columns == {"views": 2}


class InPairs(Plain):
    """Two records a row: what is told of a record must not be that of the next."""

    name = "in-pairs"

    def write(self, records, extras):
        for first in records:
            second = next(records)
            yield {**first.columns, "q": first.question, "a": second.question}


def test_several_records_may_become_one_row(exported):
    records = [*([PLAIN] * 2), THOUGHT, RANKED]
    report, rows = exported(records, InPairs(), keep_columns=["topic"])
    assert [row["topic"] for row in rows] == ["지리", None]
    assert report.lost == {"candidates": 1, "weight": 1} and report.left_columns == {"url": 1, "views": 1}


def test_what_a_spreadsheet_would_run_is_text_for_people_only(exported):
    texts = ["=HYPERLINK(1)", "＝1+1", "\t=1", "@a", "+82-10-1234", "-1.5", "+3e2", "- 목록", "1=1", ""]
    records = [single_turn("q", text, columns={"=c": 1}) if text else single_turn("q", " ") for text in texts]
    _, rows = exported(records, Plain(), for_people=True, keep_columns=["=c"])
    assert [row["a"] for row in rows] == [
        "'=HYPERLINK(1)", "'＝1+1", "'\t=1", "'@a", "'+82-10-1234", "-1.5", "+3e2", "'- 목록", "1=1", " "
    ]  # fmt: skip
    assert rows[0]["'=c"] == 1
    _, rows = exported(records, Plain())
    assert rows[0]["a"] == "=HYPERLINK(1)", "data that goes on to a program is never changed"


def test_mistakes_are_told_before_anything_is_written(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    for columns, code in ((["q"], "exports.column-in-the-way"), (["ulr"], "exports.no-such-column")):
        with pytest.raises(DataError) as told:
            export([PLAIN], Plain(), out, find=no_table, choice=Choice(keep_columns=columns))
        assert told.value.code == code
    assert told.value.facts == {"column": "ulr", "known": "url, views, topic"}
    with pytest.raises(TypeError, match="twice"):
        export(iter([PLAIN]), Plain(), out, find=no_table)
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]


def test_the_file_appears_whole_private_and_in_the_order_of_the_records(exported, tmp_path):
    records = [single_turn(f"{n}?", "답" * 300) for n in range(3000)]
    _, rows = exported(records, Plain())
    assert [row["q"] for row in rows] == [f"{n}?" for n in range(3000)]
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600 and len(list(tmp_path.iterdir())) == 1


class Torn(Plain):
    """Fails in the middle."""

    def write(self, records, extras):
        yield from list(super().write(records, extras))[:2]
        raise DataError("files.missing", path="x")


def test_a_failure_leaves_the_old_file(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    with pytest.raises(DataError):
        export(ALL, Torn(), out, find=no_table)
    assert out.read_text() == "old" and list(tmp_path.iterdir()) == [out]


def test_a_file_is_replaced_and_the_report_says_so_but_never_one_of_the_run(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "lock.toml").write_text("old")
    assert not export([PLAIN], Plain(), tmp_path / "a.jsonl", find=no_table, run=run).replaced
    assert export([PLAIN], Plain(), tmp_path / "a.jsonl", find=no_table, run=run).replaced
    assert not export([PLAIN], Plain(), run / "new.jsonl", find=no_table, run=run).replaced
    (run / "rows.jsonl").write_text("old")
    for place in (run / "rows.jsonl", tmp_path / "run" / ".." / "run" / "rows.jsonl"):
        with pytest.raises(DataError) as told:
            export([PLAIN], Plain(), place, find=no_table, run=run)
        assert told.value.code == "exports.file-of-the-run"
    assert (run / "rows.jsonl").read_text() == "old"


class ManyRecords:
    """So many records that a list of them would be seen in the memory."""

    def __iter__(self):
        return (single_turn(f"{number}?", "답" * 500, columns={"n": number}) for number in range(40_000))


def test_memory_does_not_grow_with_the_rows(tmp_path):
    tracemalloc.start()
    report = export(ManyRecords(), Plain(), tmp_path / "out.csv.gz", find=no_table)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.rows == 40_000 and most < 8 << 20


class Picky(Layout):
    """Reads no record of its own sort, and no thinking."""

    name = "picky"

    def refuses(self, record, format):
        return "picky" if record.input else ""

    def ignores(self, format):
        return ("thinking", "weight")


def test_a_file_whose_cells_hold_no_lists_says_what_became_text(tmp_path):
    records = [single_turn("q", "a", columns={"tags": ["x"], "n": 1}), single_turn("q", "a", columns={"tags": None, "n": 2})]
    for name, as_json in (("out.csv", {"tags": 1}), ("out.jsonl", {})):
        assert export(records, Plain(), tmp_path / name, find=no_table, choice=Choice(keep_columns=["*"])).as_json == as_json


def test_a_tool_says_what_it_does_not_read():
    rows = Rows(ALL, Plain(), Choice(), Picky())
    assert len(list(rows.take(lambda row: "too-wide" if row["a"] == "나" else ""))) == 2
    assert (rows.left_out, rows.ignored, rows.lost) == (
        {"picky": 1, "unanswered": 1, "too-wide": 1}, {"thinking": 1}, {"weight": 1}
    )  # fmt: skip


def test_rows_can_be_taken_in_parts():
    rows = Rows([single_turn(f"{n}", "a") for n in range(5)], Plain(), Choice())
    assert rows.columns == ("q", "a") and not rows.ended
    parts = [[row["q"] for row in rows.take(lambda row: "", 2)] for _ in range(4)]
    assert parts == [["0", "1"], ["2", "3"], ["4"], []] and rows.ended


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
    pytest.importorskip("seodang_instruct_data", reason="the formats are not installed")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    rows = [{"instruction": "수도는?", "output": "서울", "url": "kin/1"}, {"instruction": "아직?"}]
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
    assert done.stdout == (
        f"1 row written to {out}.\nLeft out: 1 row (no answer).\n"
        "Written without these columns: url (up to 1 row). --keep-columns keeps them.\n"
    )
    assert json.loads(out.read_text(encoding="utf-8")) == {"instruction": "수도는?", "input": "", "output": "서울"}

    told = seodang("export", finished_run, "--to", "messages", out, "--keep-columns", "*", "--json")
    assert json.loads(told.stdout) == {
        "rows": 2, "left_out": {}, "lost": {}, "ignored": {}, "left_columns": {}, "as_json": {}, "replaced": True,
    }  # fmt: skip
    korean = seodang("export", finished_run, "--to", "koalpaca", out, language="ko")
    assert korean.stdout == f"1행을 {out}에 썼습니다. 있던 파일을 대신합니다.\n뺀 행: 1행(답이 없음).\n"
    wrong = seodang("export", finished_run, "--to", "alpace", out)
    assert wrong.returncode == 3
    assert wrong.stderr.startswith("No installed plugin offers format 'alpace'. Did you mean 'alpaca'? Installed: alpaca,")


def test_options_reach_the_format_and_a_wrong_one_is_told(finished_run, tmp_path):
    out = tmp_path / "out.jsonl"
    done = seodang("export", finished_run, "--to", "prompt-completion", out, "--option", "written_as=texts")
    assert done.returncode == 0 and json.loads(out.read_text(encoding="utf-8"))["prompt"] == "수도는?"
    wrong = seodang("export", finished_run, "--to", "prompt-completion", out, "--option", "writen_as=texts")
    assert wrong.returncode == 3 and "Did you mean 'written_as'?" in wrong.stderr
    wrong = seodang("export", finished_run, "--to", "prompt-completion", out, "--option", "texts")
    assert wrong.returncode == 2 and "--option 'texts' is not NAME=VALUE." in wrong.stderr


def test_show_tells_the_reason_of_a_bad_line_as_a_sentence(finished_run):
    done = seodang("show", finished_run, "--quarantined")
    assert "rows.jsonl:3:2  torn  The file breaks off here (Expecting property name enclosed in double quotes)." in done.stdout
