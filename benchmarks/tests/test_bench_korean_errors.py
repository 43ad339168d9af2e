"""The errors that are planted in Korean texts: each filter finds its own, and nothing in texts that only look like it."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest
import seodang
from click.testing import CliRunner
from seodang.testing import make_context
from seodang_bench.commandline import command
from seodang_bench.korean_errors import Trial, labelled, planted

KOALPACA = Path(__file__).parents[3] / "shared" / "data" / "koalpaca_v1_0" / "ko_alpaca_head_00000_05709.json"
LEAST = {"은/는": 0.8, "이/가": 0.12, "과/와": 0.4, "으로/로": 0.55, "Latin, 123, %": 0.9, "합쇼 + 해": 0.85, "no-blanks": 0.85}
"""What is found at least, where it is less than 95 in a hundred: the README of the filters says why."""


def dropped(trial: Trial, records: tuple[seodang.Record, ...], place: Path) -> list[str]:
    """The codes by which the filter leaves records out, nothing for those it keeps."""
    context = make_context(place, language="ko")
    verdicts = context.get("filter", trial.filter, **trial.options).sift(records, context)
    given = asyncio.run(verdicts) if inspect.iscoroutine(verdicts) else list(verdicts)
    return [verdict.code if isinstance(verdict, seodang.Drop) else "" for verdict in given]


@pytest.mark.parametrize("trial", planted(), ids=lambda trial: f"{trial.filter} {trial.error}")
def test_planted_errors_are_found_and_what_looks_like_them_is_kept(trial: Trial, tmp_path: Path):
    pytest.importorskip("seodang_korean_filters")
    assert len(trial.wrong) >= 20 and len(trial.right) >= 30
    found = dropped(trial, trial.wrong, tmp_path)
    assert sum(map(bool, found)) / len(found) >= LEAST.get(trial.error, 0.95)
    assert not trial.codes or {*found} <= {"", *trial.codes}
    assert [record.answer for record, code in zip(trial.right, dropped(trial, trial.right, tmp_path), strict=True) if code] == []


def test_the_same_seed_plants_the_same():
    assert planted(1) == planted(1) != planted(2)


@pytest.mark.shared_data
def test_rows_on_which_the_rules_were_made_say_so_in_the_table():
    if not KOALPACA.is_file():
        pytest.skip("real data is not beside this checkout")
    result = CliRunner().invoke(
        command, ["filters", "josa", "--shared", str(KOALPACA.parents[1])], env={"SEODANG_LANGUAGE": "en"}
    )
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if "KoAlpaca" in line]
    assert line.startswith("josa (ko)") and line.endswith("labelled by hand; the rules were made on these rows")
    result = CliRunner().invoke(
        command, ["filters", "josa", "--shared", str(KOALPACA.parents[1])], env={"SEODANG_LANGUAGE": "ko"}
    )
    assert "사람이 표시(규칙을 만들 때 쓴 행)" in result.output


@pytest.mark.shared_data
def test_rows_that_were_read_are_judged_as_their_readers_did(tmp_path: Path):
    pytest.importorskip("seodang_korean_filters")
    if not KOALPACA.is_file():
        pytest.skip("real data is not beside this checkout")
    trials = labelled(KOALPACA)
    assert [trial.filter for trial in trials] == ["josa", "speech-level", "leftovers"]
    for trial in trials:
        assert all(dropped(trial, trial.wrong, tmp_path)), trial.filter
        assert sum(map(bool, dropped(trial, trial.right, tmp_path))) <= 3, trial.filter
