"""The benchmark of Self-Instruct, on few tasks: its figures are there and mean what they say."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from seodang.wording import render
from seodang_bench.commandline import command


def test_a_thousand_tasks_are_grown_and_timed():
    done = CliRunner().invoke(command, ["speed", "self-instruct", "--rows", "1000", "--json"])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output.splitlines()[-1])
    assert figures["tasks"] == 1000 and figures["rounds"] * 8 == figures["questions"]
    assert figures["ratio"] == figures["cpu_ratio"] == 1.0, "one thousand is the first and the last"
    (thousand,) = figures["thousands"]
    assert 0 < thousand["pool_cpu_seconds"] < thousand["cpu_seconds"]
    assert figures["rejected"]["too-similar"] > 0 and 20 < figures["peak_mib"] < 500 and figures["ledger_mib"] > 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the last thousand took 1.18 times the first (1.29 in CPU), with 21 % of its CPU in the novelty pool"),
        ("ko", "마지막 천 개는 처음 천 개의 1.18배 걸림(CPU로는 1.29배), 그 CPU의 21%가 새로움 판별"),
    ],
)
def test_what_it_says(language, said):
    assert render("seodang_bench:self-instruct-ratio", {"ratio": 1.18, "cpu_ratio": 1.29, "pool_share": 21.3}, language) == said
