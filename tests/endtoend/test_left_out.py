"""What people see of rows that a filter left out: counts by reason, and each row beside what it collided with."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import msgspec
import pytest
import seodang
from rich.cells import cell_len
from seodang.testing.recipes import run_in

RECIPE = """[recipe]
name = "twice"
language = "ko"
[[step]]
seeds = "sayings"
[[step]]
filter = "once"
"""
MARKUP = "<script>alert(1)</script>"
WIDE = "한글은 터미널에서 두 칸을 차지하므로 글자 수가 아니라 칸 수로 맞추어야 두 글이 나란히 섭니다. " * 2
SAYINGS = [
    ("가는 말", "고와야 오는 말이 곱다."),
    (WIDE, "첫째 답입니다."),
    ("가는 말", f"다른 답 {MARKUP}"),
    (WIDE, "둘째 답입니다."),
    ("빈 답", ""),
    ("시험 문제", "시험에 나온 답"),
    *[("가는 말", f"되풀이 {number}") for number in range(7)],
]


class Sayings(seodang.Seeds):
    name = "sayings"

    def read(self, context):
        for question, answer in SAYINGS:
            yield seodang.single_turn(question, answer)


class Once(seodang.Filter):
    """Keeps each question once; knows an exam; wants answers."""

    name = "once"
    whole = True

    def sift(self, records, context):
        first: dict[str, str] = {}
        for record in records:
            if not record.answered:
                yield seodang.Drop("no-answer")
            elif record.question == "시험 문제":
                yield seodang.Drop("in-exam", "12 n-grams", other=f"exam item 7: {MARKUP}")
            elif record.question in first:
                yield seodang.Drop("said-before", "1.00 > 0.70", other=first[record.question])
            else:
                first[record.question] = record.id
                yield seodang.Keep()


class Village:
    @seodang.hookimpl
    def register_seeds(self, register):
        register(Sayings)

    @seodang.hookimpl
    def register_filters(self, register):
        register(Once)


@pytest.fixture
def run(shell):
    done = run_in(shell.folder, RECIPE, plugins=[Village()])
    assert done.ok, done.error
    return str(done.run)


def test_counts_by_reason_and_a_row_beside_what_it_collided_with(shell, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    out = shell("show", run, "once", "--dropped", "--rows", "2").out
    plugin = re.search(r"once \((\S+)\)", out)[1]
    assert out.startswith(f"once ({plugin}): 11 of 13 rows dropped\n")
    assert "          9  said-before\n          1  in-exam\n          1  no-answer\n" in out
    first = json.loads(shell("show", run, "--json", "once", "--rows", "1").out)
    assert f"collided with {first['id']} (kept in once):\n" in out
    assert re.search(
        r"\n    user: 가는 말 {30,}user: 가는 말\n    assistant: 다른 답 <script>alert\(1\)</script> +assistant: 고와야", out
    )
    assert f"assistant: 다른 답 {MARKUP}" in out and "assistant: 고와야 오는 말이 곱다." in out
    assert f"exam item 7: {MARKUP}" in out
    assert out.count("said-before  1.00 > 0.70") == 2
    assert out.endswith("At most 2 rows of each reason are shown. Others: --rows N; all of them: --rows 0.\n")
    korean = shell("show", run, "once", "--dropped", "--rows", "2", language="ko").out
    assert korean.startswith(f"once({plugin}): 13행 가운데 11행 탈락\n")
    assert f"부딪친 행 {first['id']}(once 단계에서 유지):\n" in korean
    assert korean.endswith("이유마다 최대 2행만 보였습니다. 더 보려면 --rows N, 모두 보려면 --rows 0을 쓰세요.\n")


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_wide_hangul_stands_in_two_even_columns(shell, run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = shell("show", run, "once", "--dropped", "--rows", "0").out.splitlines()
    rows = [line for line in lines if line.startswith("    user: ")]
    middle = 4 + (columns - 4 - 3) // 2 + 3
    assert {cell_len(line[: line.rindex("user: ")]) for line in rows if line.count("user: ") == 2} == {middle}
    (one,) = {line for line in rows if "한글은" in line}
    assert cell_len(one) <= columns and one.count("한글은 터미널에서") == 2
    assert max(cell_len(line) for line in lines if "아니라" in line) <= columns


def test_on_a_narrow_terminal_one_stands_under_the_other(shell, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    out = shell("show", run, "once", "--dropped", "--rows", "1").out
    assert "    user: 가는 말\n" in out and "    assistant: 고와야 오는 말이 곱다.\n" in out


def test_programs_get_a_row_a_line_with_the_record_it_collided_with(shell, run):
    lines = [json.loads(line) for line in shell("show", run, "once", "--dropped", "--rows", "0", "--json").out.splitlines()]
    assert [line["code"] for line in lines] == ["said-before"] * 2 + ["no-answer", "in-exam"] + ["said-before"] * 7
    first = lines[0]
    assert first["detail"] == "1.00 > 0.70" and first["other"] == first["collided"]["id"]
    assert first["collided"]["record"]["messages"][1]["text"] == "고와야 오는 말이 곱다."
    assert (first["collided"]["step"], first["collided"]["fate"]) == ("once", "kept")
    assert lines[3]["collided"] == {"text": f"exam item 7: {MARKUP}"}
    assert "collided" not in lines[2] and "other" not in lines[2]


def test_why_names_what_a_row_collided_with(shell, run):
    (row, *_) = [json.loads(line) for line in shell("show", run, "once", "--dropped", "--json").out.splitlines()]
    said = shell("why", run, row["record"]["id"]).out
    other = row["other"]
    assert f"once: dropped  said-before 1.00 > 0.70\n    collided with {other} (kept in once):\n      user: 가는 말\n" in said
    told = shell.json("why", run, row["record"]["id"])
    assert [(each["step"], each["fate"]) for each in told] == [("sayings", "kept"), ("once", "dropped")]
    assert told[1]["row"]["collided"]["id"] == other


def test_a_row_that_is_forgotten_is_forgotten_beside_others_too(shell, run):
    (row, *_) = [json.loads(line) for line in shell("show", run, "once", "--dropped", "--json").out.splitlines()]
    shell("forget", run, "--id", row["other"])
    assert "고와야 오는 말이" not in shell("show", run, "once", "--dropped", "--rows", "0").out


def test_the_report_has_every_reason_and_the_pairs_and_markup_stays_text(shell, run):
    assert shell("report", run).code == 0
    page = (Path(run) / "report.html").read_text(encoding="utf-8")
    assert MARKUP not in page and unescape(page).count(MARKUP) >= 2
    assert re.search(r'<td>said-before</td><td>dropped</td><td class="right">9</td><td class="right">69.2 %</td>', page)
    assert page.count("1.00 &gt; 0.70") == 3, "three examples of a reason, however many there are"
    pair = re.search(
        r'<div class="pair"><div class="card left">((?!</div></div>).)*collided with((?!</div></div>).)*</div></div>', page
    )
    assert pair and "다른 답" in pair[0] and "고와야 오는 말이 곱다." in pair[0]


def test_nothing_left_out_is_said(shell, run):
    assert shell("show", run, "sayings", "--dropped").out == "No row was dropped.\n"
    assert shell("show", run, "sayings", "--dropped", language="ko").out == "탈락한 행이 없습니다.\n"
    assert shell("show", run, "--quarantined").out == "No row was quarantined.\n"
    assert shell("show", run, "--quarantined", language="ko").out == "격리된 행이 없습니다.\n"


def test_a_drop_without_another_row_is_written_as_before():
    assert msgspec.json.decode(msgspec.json.encode(seodang.Drop("too-short")), type=seodang.Drop) == seodang.Drop("too-short")
