"""Published verdicts come out at their published figures, and equal lengths at those of an independent implementation."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
import seodang
from seodang.wording import render
from seodang_alpaca_eval.length_control import Compared, Gamed, controlled, fit, is_alpaca_eval, read_gamed
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


def made(count):
    """Items whose wins follow length and how hard a prompt is, one of them not known; and the two gamed baselines over the same prompts."""
    chance = random.Random(13)
    hard = [round(chance.gauss(0, 1), 3) for _ in range(count)]
    gamed = [
        (round(1 / (1 + math.exp(1.5 * far + chance.gauss(0, 0.3))), 3), far, hard[number])
        for mean in (-1, 1)
        for number in range(count)
        for far in [round(chance.gauss(mean, 0.4), 3)]
    ]
    items = []
    for number in range(count):
        longer = chance.randrange(-500, 700)
        value = (
            round(1 / (1 + math.exp(0.003 * longer - 0.4 + 0.5 * hard[number] + chance.gauss(0, 0.6))), 3)
            if number != 7
            else None
        )
        items.append(Compared(value, 1500 + longer, 1500))
    return items, Gamed(np.array(gamed), np.array(hard))


def test_equal_lengths_are_what_alpaca_evals_own_code_says():
    """The golden figures are those of its `glm_winrate.py` (commit cd543a1, scikit-learn 1.9.1) over the same rows, carried on until nothing
    moves (tol=1e-12): `length_controlled_v1` with the gamed baselines, and `length_controlled_minimal` without."""
    items, gamed = made(45)
    assert controlled(items, gamed=gamed).value == pytest.approx(0.5635731071141564, abs=1e-9)
    assert controlled(items).value == pytest.approx(0.5563766886838024, abs=1e-9)


def test_a_judge_that_wavers_widens_the_interval_at_equal_lengths():
    items = [item for item in made(45)[0] if item.preference is not None]
    steady, wavering = controlled(items), controlled(items, again=lambda chance: [chance.random() for _ in items])
    assert steady.value == wavering.value and steady.low < steady.value < steady.high
    assert wavering.high - wavering.low > 0 and (wavering.low, wavering.high) != (steady.low, steady.high)


def test_difficulties_of_other_prompts_are_refused():
    """Also of as many prompts from the same sets: the file goes by the row."""
    others = [{**ROWS[0], "instruction": str(number), "dataset": "koala"} for number in range(805)]
    with pytest.raises(seodang.DataError) as refused:
        annotated(others, object())
    assert [render(refused.value.code, refused.value.facts, language) for language in ("en", "ko")] == [
        "How hard a prompt is was fitted for AlpacaEval's 805 prompts. These 805 rows are others, so the file would be wrong for them. "
        "Leave it out.",
        "프롬프트의 난이도는 AlpacaEval의 805개에 맞춘 값입니다. 이 행 805개는 다른 것이어서 쓰면 틀립니다. 파일을 빼세요.",
    ]


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")
def test_alpaca_evals_own_prompts_in_their_order_are_known(tmp_path):
    prompts = [row["instruction"] for row in read_rows(SHARED / "alpaca_eval" / "model_outputs_text_davinci_003.json")]
    assert is_alpaca_eval(prompts) and not is_alpaca_eval(prompts[::-1]) and not is_alpaca_eval(prompts[:-1])
    lines = [f"{number},0.5,{side},0.1,False,{side}" for side in (-1, 1) for number in range(805)]
    header = "index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline,model"
    (tmp_path / "df_gamed.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    rows = [
        {**ROWS[0], "instruction": prompt, "output_2": "x" * (number % 7), "preference": 1 + number % 2}
        for number, prompt in enumerate(prompts)
    ]
    assert 0 < annotated(rows, read_gamed(tmp_path / "df_gamed.csv")).length_controlled.value < 1
    (tmp_path / "df_gamed.csv").write_text(header + "\n" + lines[0] + "\n", encoding="utf-8")
    with pytest.raises(seodang.DataError, match=r"df_gamed\.csv.*805"):
        read_gamed(tmp_path / "df_gamed.csv")


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


def test_what_is_no_verdict_in_published_files_is_told_or_left_out(tmp_path):
    reviews = [{"score": [8.0, 9.0]}, {"score": [-1, -1]}, {"score": ["a", "b"]}, {"score": [1]}, {}]
    found = reviewed(reviews)
    assert (found.first, found.second, found.count, found.missing) == (8.0, 9.0, 1, 4)
    line_ends = {**ROWS[1], "instruction": "a\u2028b\u0085c"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(line_ends, ensure_ascii=False) + "\n", encoding="utf-8")
    assert annotated(read_rows(tmp_path / "rows.jsonl")).win_rate == 100, "a text may hold what Unicode calls a line end"
    with pytest.raises(seodang.DataError) as error:
        annotated([{"instruction": "a", "preference": 2}])
    assert [render(error.value.code, error.value.facts, language) for language in ("en", "ko")] == [
        "An annotation has no text in 'output_1', whose length is needed: 'a'.",
        "판정 한 행의 'output_1' 열에 글이 없어 길이를 잴 수 없습니다: 'a'.",
    ]


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
