"""Several devices: the same gradient, the same weights after a pause, and the failure of one is the end of all, with its reason."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import seodang
import torch
from safetensors.torch import load_file
from seodang.testing import make_context
from seodang.wording import render
from seodang_train import Sft
from small_training import TINY, weights

ROWS = [
    seodang.single_turn(f"{'아주 ' * (number % 5)}긴 질문 {number}", f"답은 {'네 ' * (number * 5 % 7)}{number}")
    for number in range(16)
]
TWO = {"devices": 2, "micro_tokens": 300}


def train(
    output: Path,
    *,
    stop_after: int = 0,
    shape: str = "llama",
    rows: Any = ROWS,
    do: Any = None,
    warned: Any = None,
    **options: Any,
) -> seodang.Trained:
    """`stop_after`: somebody asks the run to stop after so many steps. `do` is called with the number of every step."""
    chosen = Sft.Options(
        **{**TINY, "shape": shape, "batch_rows": 16, "micro_tokens": 8192, "max_steps": 4, "precision": "float32", **options}
    )
    output.mkdir(exist_ok=True)
    context = make_context(output, options=chosen, stopping=lambda: bool(stop_after) and steps >= stop_after)
    if warned is not None:
        context.warned = warned
        context._on_warning = warned.append
    steps = 0

    def progress(done: int, total: int | None = None, **facts: object) -> None:
        nonlocal steps
        steps = done
        if do:
            do(done)

    context.progress = progress
    return Sft(chosen).train(rows, None, output, context)


@pytest.fixture(scope="module")
def shared_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of two processes that share the weights out, stopped behind its first step."""
    place = tmp_path_factory.mktemp("shared") / "out"
    with pytest.raises(seodang.Interrupted):
        train(place, stop_after=1, clip=1e9, **TWO, sharding="full")
    return place


def first_gradient(output: Path, **options: Any) -> torch.Tensor:
    """AdamW's memory after one step is a tenth of the gradient, and the checkpoint that a stop leaves behind holds it."""
    if not output.exists():
        with pytest.raises(seodang.Interrupted):
            train(output, stop_after=1, clip=1e9, **options)
    (place,) = (output / "checkpoints").iterdir()
    parts = sorted(place.glob("optimizer*.safetensors"))
    state = {name: tensor for part in parts for name, tensor in load_file(part).items()}
    names = sorted((name for name in state if name.endswith(".exp_avg")), key=lambda name: int(name.partition(".")[0]))
    return torch.cat([state[name].reshape(-1) for name in names])


@pytest.mark.parametrize("shape", ["gpt-neox", "llama"])
def test_the_gradient_does_not_depend_on_accumulation_packing_or_devices(tmp_path: Path, shared_out: Path, shape: str):
    at_once = first_gradient(tmp_path / "1x16", shape=shape)
    assert float(at_once.norm()) > 0
    others = {
        "16x1": {"micro_tokens": 1},
        "16x1 packed": {"micro_tokens": 1, "packing": True},
        "1x16 packed": {"packing": True},
        "2 processes x 8 packed": {**TWO, "packing": True},
    }
    # What takes processes is tried with one shape: how gradients meet does not depend on it.
    for name, options in others.items():
        if shape == "gpt-neox" and "devices" in options:
            continue
        found = first_gradient(tmp_path / name, shape=shape, **options)
        assert float((found - at_once).norm() / at_once.norm()) < 1e-5, name
    if shape == "llama":
        found = first_gradient(shared_out)
        assert float((found - at_once).norm() / at_once.norm()) < 1e-5, "2 processes x 8, weights shared out"


@pytest.mark.parametrize("sharding", ["none", pytest.param("full", marks=pytest.mark.nightly)])
def test_a_pause_changes_no_bit_on_two_devices_with_dropout(tmp_path: Path, sharding: str):
    options = {**TWO, "dropout": 0.1, "sharding": sharding, "validation": 0.2}
    whole = train(tmp_path / "whole", **options)
    with pytest.raises(seodang.Interrupted):
        train(tmp_path / "paused", stop_after=2, **options)
    assert train(tmp_path / "paused", **options).figures == whole.figures
    assert weights(tmp_path / "paused") == weights(tmp_path / "whole")
    assert (tmp_path / "paused" / "log.jsonl").read_bytes() == (tmp_path / "whole" / "log.jsonl").read_bytes()
    assert not (tmp_path / "whole" / "encoded").exists() and not (tmp_path / "whole" / "checkpoints").exists()


def test_a_training_goes_on_with_another_number_of_devices_and_says_what_that_means(tmp_path: Path, shared_out: Path):
    shutil.copytree(shared_out, tmp_path / "out")
    warned: list[str] = []
    trained = train(tmp_path / "out", warned=warned, clip=1e9)
    alone = train(tmp_path / "alone", clip=1e9)
    assert trained.figures["last_loss"] == pytest.approx(alone.figures["last_loss"], rel=1e-4)
    assert len(warned) == 1 and "The training went on 2 devices so far and goes on with 1:" in warned[0]


def workers() -> list[int]:
    """Their process ids by rank."""
    children = sorted(multiprocessing.active_children(), key=lambda child: child.name)
    return [child.pid for child in children if child.name.startswith("rank ") and child.pid]


def test_the_death_of_a_worker_ends_all_and_is_told(tmp_path: Path):
    def kill(done: int) -> None:
        if done == 2:
            os.kill(workers()[1], signal.SIGKILL)

    with pytest.raises(seodang.StepError) as told:
        train(tmp_path / "out", do=kill, max_steps=500, **TWO)
    assert told.value.code == "seodang_train:worker-lost" and workers() == []
    assert "The process of device 1 ended by itself (SIGKILL)" in render(told.value.code, told.value.facts, "en")
    assert "장치 1의 프로세스가 스스로 끝났습니다(SIGKILL)." in render(told.value.code, told.value.facts, "ko")


def test_a_workers_own_error_reaches_the_run_as_it_is(tmp_path: Path):
    with pytest.raises(seodang.StepError) as told:
        train(tmp_path / "out", learning_rate=1e30, warmup=0.0, **TWO)
    assert told.value.code == "seodang_train:loss-not-finite" and workers() == []
    assert "became infinite or NaN at step 2." in render(told.value.code, told.value.facts, "en")


def test_sigterm_to_one_worker_saves_and_ends_all(tmp_path: Path):
    """As a machine does that is taken away: it tells every process, in no order."""

    def terminate(done: int) -> None:
        if done == 2:
            threading.Thread(target=lambda: os.kill(workers()[1], signal.SIGTERM)).start()
            time.sleep(0.2)

    with pytest.raises(seodang.Interrupted):
        train(tmp_path / "out", do=terminate, max_steps=100_000, checkpoint_steps=100_000, **TWO)
    (place,) = (tmp_path / "out" / "checkpoints").iterdir()
    assert (place / "manifest.json").is_file() and workers() == []


@pytest.mark.parametrize(
    ("options", "english", "korean"),
    [
        ({"devices": 4}, "devices = 4, and this machine has 2 GPUs.", "devices = 4인데 이 컴퓨터의 GPU는 2개입니다."),
        ({"sharding": "full"}, "and devices = 1. Raise devices", "나누는데 devices = 1입니다."),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: dict, english: str, korean: str
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(seodang.DataError) as told:
        train(tmp_path / "out", **options)
    assert english in render(told.value.code, told.value.facts, "en")
    assert korean in render(told.value.code, told.value.facts, "ko")
