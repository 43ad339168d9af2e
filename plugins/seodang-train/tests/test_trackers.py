"""Every step is told to the trackers that a recipe names; one that is not there is told before anything is loaded."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import seodang
from seodang.wording import render
from seodang_train import Sft
from seodang_train.trackers import hosts_of
from small_training import train


@pytest.fixture
def lines():
    """A tracker by accelerate's own interface for them, registered as a team registers its own: it writes lines of JSON."""
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, GeneralTracker, register_tracker_class

    class Lines(GeneralTracker):
        name = "lines"
        requires_logging_directory = True

        def __init__(self, run_name: str, logging_dir: str) -> None:
            super().__init__()
            self._place = os.path.join(logging_dir, f"{run_name}.jsonl")

        def start(self) -> None:
            self._file = open(self._place, "a", encoding="utf-8")  # noqa: SIM115 - closed by finish()

        @property
        def tracker(self) -> object:
            return self._file

        def store_init_configuration(self, values: dict) -> None:
            self._file.write(json.dumps({"options": values}) + "\n")

        def log(self, values: dict, step: int | None = None, **_: object) -> None:
            self._file.write(json.dumps({"step": step, **values}) + "\n")

        def finish(self) -> None:
            self._file.close()

    register_tracker_class(Lines)
    yield
    del LOGGER_TYPE_TO_CLASS["lines"]


def test_a_tracker_is_told_what_the_log_says(tmp_path: Path, lines: None):
    train(tmp_path / "01-train-sft", "llama", steps=3, trackers=("lines",))
    place = tmp_path / "01-train-sft" / "trackers" / "01-train-sft.jsonl"
    first, *told = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]
    assert first["options"]["max_steps"] == 3 and first["options"]["trackers"] == '["lines"]'
    assert told == [json.loads(line) for line in (tmp_path / "01-train-sft" / "log.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize(
    ("tracker", "english", "korean"),
    [
        ("tensorbord", "There is no tracker 'tensorbord'. There are: aim, clearml,", "'tensorbord'라는 트래커는 없습니다."),
        ("swanlab", "trackers names swanlab, which is not installed: pip install swanlab.", "trackers에 적은 'swanlab' 패키지가 설치되어 있지 않습니다"),
    ],
)  # fmt: skip
def test_one_that_is_not_there_is_told_first(tmp_path: Path, tracker: str, english: str, korean: str):
    with pytest.raises(seodang.DataError) as told:
        train(tmp_path / "out", "llama", trackers=(tracker,))
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")
    assert not list((tmp_path / "out").iterdir())


def test_a_tracker_that_speaks_to_its_makers_is_told_by_the_plan():
    assert hosts_of(("tensorboard", "trackio")) == ()
    assert Sft(Sft.Options(trackers=("wandb",))).network == ("api.wandb.ai",)
