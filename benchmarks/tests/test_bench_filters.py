"""The table of what filters find: it is counted rightly, it has every filter that promises one, and its figures hold."""

import json
import random
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang_bench.commandline import command
from seodang_bench.filters import TABLES, measure_all, measure_labelled
from seodang_bench.planting import Case, Planted, counted, measure, row

SHARED = Path(__file__).parents[3] / "shared" / "data"

CONTENT = {"answer-fit", "format", "keywords", "language", "length", "prompt-injection", "refusals", "repetition", "unsafe"}
LEAST = {
    # precision, recall
    ("answer-fit", "answers-another"): (0.9, 0.5),  # by words alone half of the exchanged answers cannot be told
    ("answer-fit", "batch-bleed"): (0.95, 0.95),
    ("language", "mixed-language"): (0.9, 0.8),
    ("language", "wrong-language"): (0.9, 0.9),
}
"""What is promised of each error; of all others 0.95 and 0.95."""


def test_rows_are_counted_by_the_code_that_was_meant():
    planted = Planted("format", lambda draw: ())
    found = counted(planted, ["a", "a", "b", "", ""], ["a", "b", "", "a", ""])
    assert [(one.code, one.planted, one.found, one.wrong, one.sound) for one in found] == [("a", 2, 1, 1, 3), ("b", 1, 0, 1, 4)]
    assert (found[0].precision, found[0].recall) == (0.5, 0.5)
    (one,) = counted(Planted("format", lambda draw: (), error="damage"), ["a", "b", ""], ["b", "", "c"])
    assert (one.code, one.planted, one.found, one.wrong) == ("damage", 2, 1, 1)
    only = Planted("format", lambda draw: (), error="damage", codes=("b",))
    assert [(one.code, one.found) for one in counted(only, ["a", "a"], ["b", "c"])] == [("c", 0), ("damage", 1)]


def test_a_table_of_ones_own_takes_one_function():
    def cases(draw):
        assert draw.random() == random.Random(0).random()
        return [Case(row("설명하세요.", "글\ufffd방"), "replacement-sign"), Case(row("설명하세요.", "글방"))]

    (found,) = measure(Planted("format", cases))
    assert (found.precision, found.recall, found.sound) == (1.0, 1.0, 1)


def test_every_figure_holds():
    figures = measure_all(seed=3)
    assert {one.filter for one in figures} == {planted.filter for table in TABLES for planted in table} >= CONTENT
    for one in figures:
        if one.filter not in CONTENT:
            continue  # what is promised of these stands in their own tests
        precision, recall = LEAST.get((one.filter, one.code), (0.95, 0.95))
        assert one.precision >= precision and one.recall >= recall, one


def test_the_command_prints_a_table_and_json():
    result = CliRunner().invoke(command, ["filters", "keywords", "--json"])
    assert result.exit_code == 0, result.output
    (figures,) = json.loads(result.output)
    assert figures["filter"] == "keywords" and figures["planted"] == 120 and figures["precision"] == figures["recall"] == 1.0
    result = CliRunner().invoke(command, ["filters", "length"], env={"SEODANG_LANGUAGE": "en"})
    assert result.output.startswith("filter                 error                   precision  recall")
    assert (
        "length (ko)            answer-too-short            1.000   1.000       40     40      0    295  generated"
        in result.output
    )
    assert "Generated rows only. For rows that were labelled by hand: --shared DIRECTORY" in result.output


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "There are no planted errors for 'novelties'. There are for: answer-fit, "),
        ("ko", "'novelties' 필터에 심어 둔 오류가 없습니다. 있는 필터: answer-fit, "),
    ],
)
def test_a_filter_without_planted_errors_is_named(monkeypatch, language, message):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    result = CliRunner().invoke(command, ["filters", "novelties"])
    assert isinstance(result.exception, seodang.SeodangError) and str(result.exception).startswith(message)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared data is not at {SHARED}")
def test_labelled_rows_are_judged_as_a_person_did():
    figures = {one.filter: one for one in measure_labelled(SHARED)}
    fit = figures["answer-fit"]
    assert fit.rows == "labelled" and fit.planted + fit.sound > 200
    assert fit.precision >= 0.93 and fit.recall >= 0.95
    assert figures["refusals"].precision >= 0.85
