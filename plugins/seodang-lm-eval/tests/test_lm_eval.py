"""The harness's tasks on a student: with the harness its own small task, without it a sentence that says what to install."""

from __future__ import annotations

import importlib.util
import json

import msgspec
import pytest
import seodang
from seodang.testing import make_context
from seodang_lm_eval import LmEval

HARNESS = importlib.util.find_spec("lm_eval") is not None
TASK = """task: seodang_small
dataset_path: json
dataset_kwargs:
  data_files: {{test: {data}, train: {data}}}
output_type: multiple_choice
training_split: train
test_split: test
fewshot_split: train
doc_to_text: "{{{{question}}}}"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: label
metric_list:
  - metric: acc
metadata:
  version: 1.0
"""


class Likes(seodang.Student):
    """Finds a text the likelier the shorter it is."""

    name = "likes"

    def loglikelihoods(self, pairs):
        return [-float(len(second)) for _, second in pairs]


def evaluated(tmp_path, **options):
    evaluation = LmEval(msgspec.convert(options, LmEval.Options))
    return list(evaluation.evaluate(Likes(), make_context(tmp_path, language="ko", options=evaluation.options)))


@pytest.mark.skipif(HARNESS, reason="lm_eval is installed")
@pytest.mark.parametrize(("language", "said"), [("ko", "설치되어 있지 않습니다"), ("en", "is not installed")])
def test_without_the_harness_it_says_what_to_install(tmp_path, monkeypatch, language, said):
    monkeypatch.setenv("SEODANG_LANGUAGE", language)
    with pytest.raises(seodang.StepError, match=said) as refused:
        evaluated(tmp_path, tasks=["kmmlu"])
    assert "seodang-lm-eval[harness]" in str(refused.value)


def test_no_task_is_no_evaluation():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"tasks": []}, LmEval.Options)


@pytest.mark.skipif(not HARNESS, reason="lm_eval is not installed; tox -e lm-eval has it")
class TestWithTheHarness:
    @pytest.fixture
    def small(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        rows = [{"question": f"{number}번", "choices": ["짧다", "이것은 길다"], "label": number % 2} for number in range(4)]
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        (tmp_path / "tasks").mkdir()
        (tmp_path / "tasks" / "small.yaml").write_text(TASK.format(data=tmp_path / "rows.jsonl"), encoding="utf-8")
        return tmp_path

    def test_a_task_of_ones_own(self, small):
        results = evaluated(small, tasks=["seodang_small"], include_path="tasks", shots=1)
        (score,) = [result for result in results if isinstance(result, seodang.Score)]
        assert (score.name, score.value, score.count) == ("seodang_small acc", 0.5, 4)
        assert score.protocol == "lm-eval 0.4.13; seodang_small 1.0; 1 shots" and score.low < 0.5 < score.high
        assert len([result for result in results if isinstance(result, seodang.Item)]) == 4

    def test_an_unknown_task_is_told(self, small):
        with pytest.raises(seodang.StepError, match="no_such_task"):
            evaluated(small, tasks=["no_such_task"], include_path="tasks")
