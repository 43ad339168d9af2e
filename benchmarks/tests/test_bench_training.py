"""`seodang bench speed train`: real trainings on a few rows; TRL's side is run where a Python with it is named."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner
from seodang.commandline.tree import commands


def bench(*arguments: str) -> str:
    ran = CliRunner().invoke(commands(), ["bench", "speed", "train", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_packing_and_padding_learn_the_same():
    found = json.loads(bench("--rows", "16", "--layers", "1", "--shape", "gpt-neox", "--steps", "0", "--json"))
    packed, padded = found["sides"]
    assert packed["first_loss"] == pytest.approx(padded["first_loss"], rel=1e-5)
    assert (packed["real_share"], packed["tokens_per_cpu_second"] > 0) == (1.0, True)
    assert found["step"] is None
    assert found["ratios"]["seodang packing / trl default"] == [None, None]


def test_a_step_is_timed_beside_bare_torch():
    from seodang_bench.step_overhead import measured

    found = measured(10, rounds=1)
    assert found["steps"] == 10 and found["overhead_ms"] == found["seodang_ms"] - found["bare_ms"]
    assert min(found["seodang_ms"], found["bare_ms"]) > 0


@pytest.mark.skipif("SEODANG_TRL_PYTHON" not in os.environ, reason="SEODANG_TRL_PYTHON names no Python with TRL")
def test_trl_trains_the_same_rows():
    found = json.loads(
        bench("--rows", "16", "--layers", "1", "--steps", "0", "--json", "--trl-python", os.environ["SEODANG_TRL_PYTHON"])
    )
    assert {side["name"] for side in found["sides"]} == {"seodang packing", "trl packing", "seodang default", "trl default"}
    assert all(side["first_loss"] == pytest.approx(found["sides"][0]["first_loss"], rel=0.02) for side in found["sides"])
