"""What the report says of students: shares and counts, intervals, several shots, style against substance, runs beside each other."""

from __future__ import annotations

import re
import sys
from html import unescape
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
import seodang
from seodang.reports.report import write_report
from seodang.reports.scored import Scored, interval_of, value_of
from seodang.reports.spent import duration, times_of
from seodang.testing.recipes import run_in

sys.path.insert(0, str(Path(__file__).parent))
import village

RECIPE = """[recipe]
name = "panel"
language = "ko"
[[step]]
seeds = "rows"
[[step]]
train = "sheet"
[[step]]
evaluate = "panel"
students = ["base", "newest"]
"""
ROWS = '{"question": "서당은 무엇인가요"}\n{"question": "What is a seodang?"}\n'


class Sheet(village.Paper):
    """Trains on paper, and knows what was there before."""

    name = "sheet"

    def train(self, dataset, base, output, context):
        trained = super().train(dataset, base, output, context)
        (output / "log.jsonl").write_text(
            "".join(f'{{"step": {step}, "loss": {3.0 - step / 10}}}\n' for step in range(9)) + '{"step": 8, "validation": 2.5}\n'
        )
        return msgspec.structs.replace(trained, base=trained.options, figures={"loss": 2.25, "tasks": ["<b>"] * 200})


class Panel(seodang.Evaluation):
    name = "panel"

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        more: Annotated[float, msgspec.Meta(description="So much more than the base.")] = 0.4

    def evaluate(self, student, context):
        role = next(name for name, one in context.students.items() if one is student)
        more = self.options.more if role == "newest" else 0.0
        for name, value in (("style", 0.2 + more), ("capability", 0.3), ("gain", -0.05)):
            yield seodang.Score(name=name, value=value, count=50, low=value - 0.05, high=value + 0.05, protocol="panel-1")
        for shots in (0, 5):
            yield seodang.Score(name=f"boolq {shots}-shot f1", value=0.5 + more / 2, count=50, facts={"shots": shots})
        yield seodang.Score(name="length", value=1234.0, count=50, facts={"unit": "characters"})
        yield seodang.Score(name="grade", value=7.25, count=50)


@seodang.hookimpl
def register_trainers(register):
    register(Sheet)


@seodang.hookimpl
def register_evaluations(register):
    register(Panel)


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> list[Path]:
    home = tmp_path_factory.mktemp("panel")
    plugins = [village, sys.modules[__name__]]
    made = []
    for name, settings in (("broad", ()), ("narrow", ("panel.more=0.1",))):
        done = run_in(home, RECIPE, plugins=plugins, files={"rows.jsonl": ROWS}, settings=settings, run_directory=home / name)
        assert done.ok, done.error
        made.append(done.run)
    return made


def said(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", "|", page.read_text(encoding="utf-8")))


def test_shares_counts_and_intervals(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    words = said(write_report(runs[:1], tmp_path / "one.html"))
    assert "|style||after training||60.0 %||55.0 – 65.0 %||50||panel-1|" in words
    assert "|gain||before training||-5.0 %||-10.0 – 0.0 %||50||panel-1|" in words
    assert "|length||after training||1,234 characters||–||50|" in words and "123400" not in words
    assert "|grade||after training||7.25||–||50|" in words, "what lies far beyond 1 is no share"


def test_style_stands_against_substance_and_shots_make_a_line(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    page = write_report(runs[:1], tmp_path / "one.html").read_text(encoding="utf-8")
    assert "<h4>말투와 실력</h4>" in page and ">↑ style<" in page and ">capability →<" in page
    assert page.count('class="moved"') == 1, "from before its training to after it"
    assert ">boolq f1<" in page and ">0-shot<" in page and ">5-shot<" in page
    assert page.count("<polyline") == 4, "two students over shots, the loss, and that of rows set apart"


def test_each_step_has_its_time_and_the_languages_are_counted(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    assert set(times_of(runs[0])) == {"rows", "sheet", "panel"}
    words = said(write_report(runs[:1], tmp_path / "one.html"))
    assert re.search(r"\|sheet\|\|\d+\.\d s\|", words)
    assert "|HANGUL||1 (50.0 %)|" in words and "|LATIN||1 (50.0 %)|" in words
    assert "['<b>', " in words and words.count("'<b>'") < 100, "a figure that is a table of its own is cut"


def test_a_torn_log_costs_a_time_and_nothing_else(runs, tmp_path):
    (tmp_path / "log.jsonl").write_text('{"event":"step_time","step":"a","seconds":2.5}\n{"event":"step_time","step":"b","sec')
    assert times_of(tmp_path) == {"a": 2.5} and times_of(tmp_path / "nowhere") == {}
    assert [duration(seconds) for seconds in (0.04, 59.9, 200, 7_500)] == ["0.0 s", "59.9 s", "3 min 20 s", "2 h 05 min"]


def test_two_runs_stand_beside_each_other(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")
    words = said(write_report(runs, tmp_path / "both.html"))
    assert "The runs beside each other" in words and "What the recipe of narrow does otherwise than that of broad" in words
    assert "+--set panel.more=0.1" in words
    assert "|style||after training||60.0 % (55.0 – 65.0 %)||30.0 % (25.0 – 35.0 %)||intervals lie apart|" in words
    assert "|capability||after training||30.0 % (25.0 – 35.0 %)||30.0 % (25.0 – 35.0 %)|||" in words
    assert "after training · broad" in words and "after training · narrow" in words
    assert words.count("seodang run ") == 2 and " --set panel.more=0.1 --run-dir " in words
    pictures = (tmp_path / "both.html").read_text(encoding="utf-8")
    for label, colour in (("before training · broad", 0), ("before training · narrow", 1), ("after training · narrow", 3)):
        shown = re.findall(rf'>{label}</text><rect class="track"[^>]*/><rect class="bar(\d)"', pictures)
        assert len(shown) > 3 and set(shown) == {str(colour)}, label
    monkeypatch.setenv("SEODANG_LANGUAGE", "ko")
    assert "narrow의 레시피가 broad의 레시피와 다른 점" in said(write_report(runs, tmp_path / "both.html"))


def test_an_interval_has_its_unit_once():
    score = seodang.Score(name="length", value=3.0, count=1, low=2.0, high=4.5, facts={"unit": "characters"})
    assert (value_of(Scored(score, "")), interval_of(Scored(score, ""))) == ("3 characters", "2 – 4.5 characters")
