"""The same figures as lm-evaluation-harness 0.4.13, whose own are in golden.json (see golden_harness.py)."""

import json
from pathlib import Path

import pytest
from kobest_models import KINDS
from seodang.testing import make_context
from seodang_kobest.tasks import TASKS
from seodang_local import Local

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
SHOTS = (0, 5, 10, 50)


@pytest.mark.parametrize("kind", KINDS)
def test_every_likelihood_and_every_figure_is_the_harness_s(models, measure, items, kind):
    options = Local.Options(path=str(models[kind]), dtype="float32", device="cpu", threads=1)
    student = Local(options)
    student.open(make_context(items, options=options))
    scores, asked, _ = measure(student, shots=SHOTS, resamples=100)
    furthest = 0.0
    for task in TASKS:
        for shots in SHOTS:
            place, golden = f"{task} {shots}-shot", GOLDEN[f"{kind} {task} {shots}"]
            ours = [item.values["loglikelihoods"] for item in asked[place]]
            assert len(ours) == len(golden["loglikelihoods"]) == 4
            for own, harness in zip(ours, golden["loglikelihoods"], strict=True):
                furthest = max(furthest, *(abs(one - other) for one, other in zip(own, harness, strict=True)))
                assert own.index(max(own)) == harness.index(max(harness))
            assert {name: scores[f"{place} {name}"].value for name in golden["figures"]} == golden["figures"]
    assert furthest <= 1e-3
    assert student._model._scorer._together, "what pairs share was computed once"
    told = student.figures
    assert told["dtype"] == "float32" and told["cut"] > 80, "50 examples are longer than the model reads"
    assert bool(told["merged"]) is (kind == "gemma"), "only this tokenizer merges over the border"


def test_each_figure_says_how_it_was_measured(models, measure, items):
    options = Local.Options(path=str(models["llama"]), dtype="bfloat16", device="cpu", threads=1)
    student = Local(options)
    student.open(make_context(items, options=options))
    scores, _, context = measure(student, tasks=("hellaswag",), shots=(0,), resamples=100)
    assert list(scores) == [f"hellaswag 0-shot {name}" for name in ("acc", "f1", "acc_norm", "f1_norm")]
    score = scores["hellaswag 0-shot f1"]
    assert score.protocol == "kobest lmeval-1.0" and score.low <= score.value <= score.high
    told = {name: score.facts[name] for name in ("task", "shots", "template", "split", "dtype", "cut", "merged")}
    assert told == {
        "task": "hellaswag", "shots": 0, "template": "none", "split": "test", "dtype": "bfloat16", "cut": 0, "merged": 0,
    }  # fmt: skip
    assert sum(score.facts["histogram"]) == score.count == 4 and len(score.facts["constants"]) == 4
    assert context.progressed[-1] == (4, 4)
