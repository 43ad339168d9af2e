"""`seodang bench study`: a grid of sizes and bases with one ledger, gone on with where it stopped, and the verdict on known figures."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import seodang
from click.testing import CliRunner
from seodang.ledger.money import Cap
from seodang.testing import asking, make_context
from seodang_bench.commandline import command
from seodang_bench.commandline_study import print_cells
from seodang_bench.study_verdicts import limits_of, picture
from seodang_bench.studying import Cell, Side, base_settings, left_of, sizes_of

RECIPE = """
[recipe]
name = "village"
language = "ko"
seed = 7

[teachers.village]
use = "program"          # 프로그램 교사, LLM 아님

[[step]]
seeds = "program"
facts = { numbers = 16, josa = 12 }
hold_out = 8

[[step]]
teach = "answer"
teacher = "village"

[[step]]
filter = "sample"
share = 1.0

[[step]]
train = "sft"
width = 16
layers = 1
heads = 2
max_steps = 2
batch_tokens = 300
max_length = 96
template = "koalpaca"
threads = 1

[[step]]
evaluate = "program-exam"
students = ["base", "newest"]
subjects = ["numbers"]
items = 4

[[step]]
evaluate = "study"
students = ["base", "newest"]
teacher = "village"
items = ["program-exam"]
answer_tokens = 12
"""


@pytest.fixture
def study(tmp_path: Path):
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")

    def once(*more: str):
        return CliRunner().invoke(
            command, ["study", str(tmp_path / "recipe.toml"), "--run-dir", str(tmp_path / "grid"), "--quiet", *more]
        )

    return once


def test_a_grid_is_trained_measured_and_drawn_and_nothing_is_done_twice(study, tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    first = study("--sizes", "1/2", "--bases", "width=16", "--json")
    assert first.exit_code == 0, first.output
    done = study("--sizes", "1/2,1", "--bases", "width=16", "--json")
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output.splitlines()[-1])
    cells = figures["cells"]
    assert [(cell["base"], cell["size"]) for cell in cells] == [("width=16", "1/2"), ("width=16", "1")]
    assert 0 < cells[0]["rows"] < cells[1]["rows"] and cells[1]["parameters"] > 1_000
    assert figures["limits"]["verdict"] == "undecided", "two steps of training teach nobody anything"
    assert {"style", "capability", "style closure", "capability closure"} <= {score["name"] for score in cells[1]["scores"]}

    runs = [tmp_path / "grid" / f"width=16 {size}" for size in ("1-2", "1")]
    half, whole = ({record.id for record in seodang.open_run(run).records("sample")} for run in runs)
    assert half < whole, "the smaller part lies in the larger one"
    (asked,) = sqlite3.connect(tmp_path / "grid" / "ledger.sqlite").execute("select count(*) from answers").fetchone()
    assert asked == len(whole) + 2 * 8, "every row once and the held-out ones twice, for both runs"

    trained = {path: path.stat().st_mtime_ns for path in (tmp_path / "grid").rglob("*.safetensors")}
    assert len(trained) == 4, "a base and a student for each"
    again = study("--sizes", "1/2,1", "--bases", "width=16")
    assert again.exit_code == 0 and {path: path.stat().st_mtime_ns for path in trained} == trained
    assert "판정: 알 수 없습니다." in again.output and "규칙: 가장 약한 바탕에서 교사까지" in again.output
    drawn = (tmp_path / "grid" / "study.svg").read_text(encoding="utf-8")
    assert drawn.startswith("<svg") and drawn.count("<polyline") == 6 and "width=16" in drawn and "정답" in drawn


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ko", '비교에 필요한 것이 없습니다: [[step]] filter = "sample"'),
        ("en", 'lacks what a study needs: [[step]] filter = "sample"'),
    ],
)
def test_a_recipe_without_the_steps_is_told_which(study, tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    (tmp_path / "recipe.toml").write_text(RECIPE.replace('[[step]]\nfilter = "sample"\nshare = 1.0\n', ""), encoding="utf-8")
    done = study()
    assert done.exit_code == 2 and said in " ".join(done.output.split())
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    assert study("--sizes", "1/2,3").exit_code == 2 and not (tmp_path / "grid").exists()


def test_a_base_is_a_model_or_options_of_the_training(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert base_settings("width=32+layers=2", "sft") == ["sft.width=32", "sft.layers=2"]
    assert base_settings("mine", "sft") == [f'sft.model="{tmp_path / "mine"}"'], "relative to where the command was given"
    assert base_settings("EleutherAI/polyglot-ko-1.3b", "sft") == ['sft.model="EleutherAI/polyglot-ko-1.3b"']


def test_sizes_are_shares_as_they_are_written():
    assert sizes_of("1, 1/8,0.5") == [("1/8", 0.125), ("0.5", 0.5), ("1", 1.0)]


def score(name: str, value: float) -> seodang.Score:
    return seodang.Score(name=name, value=value, count=100)


def side(right: int, likeness: float, lengths: tuple[int, ...] = (9,) * 100) -> Side:
    return Side(
        scores={"capability": score("capability", right / 100), "style": score("style", likeness)},
        measures=9,
        likeness=(likeness,) * 100,
        lengths=lengths,
        teacher_lengths=tuple(range(1, 101)),
        right=tuple(number < right for number in range(100)),
    )


def grid(right, likeness=lambda rows: 0.8, lengths=lambda rows: (9,) * 100) -> list[Cell]:
    """Four cells over a hundred items, of which a cell has as many right as `right(rows, parameters)` says."""
    return [
        Cell(
            base=base,
            size=size,
            rows=rows,
            parameters=parameters,
            student=side(right(rows, parameters), likeness(rows), lengths(rows)),
            floor=side(10, 0.3),
            ceiling={"style": score("style", 0.9)},
        )
        for base, parameters in (("small", 10**8), ("large", 10**9))
        for size, rows in (("1/10", 1_000), ("1", 10_000))
    ]


@pytest.mark.parametrize(
    ("right", "verdict"),
    [
        (lambda rows, parameters: 70 if rows > 5_000 else 30, "data-limited"),
        (lambda rows, parameters: 70 if parameters > 5 * 10**8 else 30, "base-limited"),
        (lambda rows, parameters: 30, "undecided"),
        (lambda rows, parameters: 30 + 20 * (rows > 5_000) + 20 * (parameters > 5 * 10**8), "undecided"),
        (lambda rows, parameters: 30 + 40 * (rows > 5_000) + 10 * (parameters > 5 * 10**8), "data-limited"),
    ],
)
def test_the_verdict_follows_the_slopes(right, verdict):
    limits = limits_of(grid(right))
    assert limits.verdict == verdict
    if verdict != "undecided":
        slope = limits.rows if verdict == "data-limited" else limits.parameters
        assert slope.value == pytest.approx(40 / 90) and slope.low > 0, "of the way from 10 % to all right, for a tenfold"
    assert limits.style_rows.value == limits.style_parameters.value == pytest.approx(0)


def test_one_base_tells_nothing_of_larger_ones():
    cells = grid(lambda rows, parameters: 70 if rows > 5_000 else 30)[:2]
    limits = limits_of(cells)
    assert limits.parameters is None and limits.verdict == "data-limited"
    assert 'class="line faint"' in picture(cells, {"capability": "right answers"}, "before:", "teacher", "ceiling")


def test_style_rises_as_the_evaluation_counts_it_with_the_correlation_of_lengths():
    def few(rows):
        return rows < 5_000

    limits = limits_of(grid(lambda rows, parameters: 30, lambda rows: 0.4 if few(rows) else 0.7))
    assert limits.style_rows.value == pytest.approx(0.9 * (0.7 - 0.4) / (0.9 - 0.9 * 0.3)), "nine of ten measures rose"
    limits = limits_of(grid(lambda rows, parameters: 30, lengths=lambda rows: (9,) * 100 if few(rows) else tuple(range(1, 101))))
    assert limits.style_rows.value == pytest.approx(0.1 / (0.9 - 0.9 * 0.3)), "and here the tenth, from 0 to 1"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "ONLY STYLE MOVED: large, 1 of the data: it sounds more"),
        ("ko", "말투만 옮았습니다: large, 데이터의 1. 교사와 더 비슷하게"),
    ],
)
def test_where_only_style_moved_the_table_says_so(monkeypatch, capsys, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    cells = grid(lambda rows, parameters: 30)
    index = seodang.Score(name="imitation index", value=0.6, count=100, facts={"only style moved": True})
    last = cells[-1].student
    last = msgspec.structs.replace(last, scores={**last.scores, "imitation index": index})
    cells[-1] = msgspec.structs.replace(cells[-1], student=last)
    print_cells(cells, limits_of(cells), Path("study.svg"))
    out = " ".join(capsys.readouterr().out.split())
    assert said in out and out.count(said[:10]) == 1


def test_the_names_of_many_bases_lie_apart_inside_of_their_picture():
    cells = grid(lambda rows, parameters: 1)
    many = [msgspec.structs.replace(cell, base=f"base {number}") for number in range(4) for cell in cells[:2]]
    drawn = picture(many, {"style": "Style", "capability": "Right answers"}, "before:", "teacher", "ceiling")
    height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', drawn)[1])
    names = [
        (float(y), name) for y, name in re.findall(r'y="([\d.]+)" text-anchor="start">([^<]*base \d|teacher|ceiling)<', drawn)
    ]
    assert len(names) == 2 * 9, "four bases before and after, and the ceiling, in both pictures"
    for group in (names[:9], names[9:]):
        assert all(below - above >= 12.9 for (above, _), (below, _) in pairwise(group))
    assert names[8][0] < height / 2 + 16 and names[-1][0] <= height, "none in the next picture, none outside"
    assert '<rect width="100%" height="100%" fill="#fff"/>' in drawn, "on a dark page, too"


def test_a_cap_holds_for_all_runs_together(tmp_path):
    class Priced(seodang.Teacher):
        name = "priced"

        def price(self):
            return seodang.Price(currency="USD", input_micro_per_million=1_000_000, output_micro_per_million=1_000_000)

        async def answer(self, request, context):
            return seodang.Answer(message=seodang.Message("assistant", "네"), usage=seodang.Usage(1_000, 500))

    cap, ledger = Cap(currency="USD", micro=5_000), tmp_path / "ledger.sqlite"
    assert left_of([cap], ledger, tmp_path / "another") == [cap], "nothing has been spent yet"
    context = make_context(tmp_path)

    async def ask():
        return await context.ask(seodang.Request(messages=(seodang.Message("user", "하나?"),), max_tokens=10))

    with asking(context, Priced(), tmp_path):
        asyncio.run(ask())
    assert left_of([cap], ledger, tmp_path / "another") == [Cap(currency="USD", micro=3_500)]
    assert left_of([Cap(currency="USD", micro=100)], ledger, tmp_path / "another") == [Cap(currency="USD", micro=0)]
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "lock.toml").write_text('format = 1\nid = "test"\n', encoding="utf-8")
    assert left_of([cap], ledger, tmp_path / "own") == [cap], "what a run has spent itself its own cap counts"
