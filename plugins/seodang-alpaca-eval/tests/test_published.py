"""Published verdicts come out at their published figures, and equal lengths at those of an independent implementation."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import seodang
from seodang_alpaca_eval.length_control import Compared, controlled, fit, is_alpaca_eval
from seodang_alpaca_eval.published import annotated, read_rows, reviewed, to_annotations

SHARED = Path(__file__).parents[4] / "shared" / "data"

ROWS = [
    {
        "instruction": "a",
        "output_1": "긴 답변입니다",
        "output_2": "짧은",
        "preference": value,
        "dataset": "x",
        "generator_1": "b",
        "generator_2": "m",
    }
    for value in (1, 2, 2, 1.5, 0, None)
]


def test_the_win_rate_is_alpaca_evals():
    found = annotated(ROWS)
    assert (found.win_rate, found.count, found.missing, found.wins, found.draws) == (60.0, 5, 1, 2, 2)
    assert found.discrete_win_rate == 60.0 and round(found.standard_error, 6) == 18.708287
    assert found.length_controlled is None, "all differ by the same length"


def test_equal_lengths_agree_with_scikit_learn():
    """The golden figures are scikit-learn 1.9.1's: LogisticRegression(penalty="l1", solver="liblinear", tol=1e-10) at the same strength on the
    rows doubled with their share as weight, as AlpacaEval feeds it."""
    chance = random.Random(7)
    rows = []
    for _ in range(60):
        longer = chance.gauss(100, 300)
        rows.append(Compared(round(1 / (1 + np.exp(0.004 * longer - 0.3 + chance.gauss(0, 1))), 3), 1000 + round(longer), 1000))
    delta = np.array([row.baseline_length - row.student_length for row in rows], dtype=float)
    features = np.column_stack([np.tanh(delta / delta.std(ddof=1)), np.ones(60)])
    preference = np.array([row.preference for row in rows])
    for strength, expected in GOLDEN.items():
        assert fit(features, preference, np.ones(60), strength) == pytest.approx(expected, abs=1e-6)
    found = controlled(rows)
    assert found.low < found.value < found.high


GOLDEN = {0.1: [0, 0], 2.7825594022071245: [-1.29101966, 0.15268042], 100.0: [-1.37880637, 0.19915037]}


def test_difficulties_of_other_prompts_are_refused():
    gamed = object()
    with pytest.raises(seodang.DataError) as refused:
        annotated(ROWS, gamed)
    assert refused.value.code == "seodang_alpaca_eval:other-difficulties"
    assert not is_alpaca_eval(["x"] * 805)


def test_our_items_are_read_by_their_tools(tmp_path):
    shown = {key: ROWS[1][key] for key in ("instruction", "output_1", "output_2", "dataset", "preference")}
    items = [{"id": "1", "turn": 1, "annotator": "alpaca-eval", **shown}]
    rows = to_annotations(items, "m", "b")
    (tmp_path / "annotations.json").write_text(json.dumps(rows), encoding="utf-8")
    assert annotated(read_rows(tmp_path / "annotations.json")).win_rate == 100


@pytest.mark.parametrize("text", ["", "[", "[1, 2]", '{"a": 1}\n{"a"', '{"question": "?"}'])
def test_rubbish_is_told(tmp_path, text):
    (tmp_path / "rows.json").write_text(text, encoding="utf-8")
    with pytest.raises(seodang.DataError, match=r"verdict|판정"):
        rows = read_rows(tmp_path / "rows.json")
        annotated(rows)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_vicunas_ninety_two_per_cent():
    found = reviewed(read_rows(SHARED / "vicuna_blog_eval" / "review_gpt35_vicuna-13b.jsonl"))
    assert (found.second, found.first, found.count) == (638.0, 693.0, 80)
    assert round(100 * found.second / found.first, 1) == 92.1


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_alpaca_evals_annotations():
    found = annotated(read_rows(SHARED / "alpaca_eval" / "annotations_alpaca-7b_vs_davinci003_first_200.json"))
    assert (found.win_rate, found.count, found.wins, found.draws) == (25.75, 200, 50, 3)
    # scikit-learn's own LogisticRegressionCV on the same rows says 26.2509.
    assert found.length_controlled.value * 100 == pytest.approx(26.2506, abs=1e-3)
