"""Trainings that take a second: a few rows, two layers, one thread."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import seodang
import torch
from seodang.testing import make_context
from seodang_train import Sft

TINY = {"width": 32, "layers": 2, "heads": 2, "max_steps": 2, "batch_tokens": 256, "threads": 1}


def rows(count: int) -> list[seodang.Record]:
    return [seodang.single_turn(f"{number % 7} 다음은?", f"{number % 7 + 1}입니다.") for number in range(count)]


def train(
    output: Path, shape: str, steps: int = 12, records: Sequence[seodang.Record] = (), **options: object
) -> seodang.Trained:
    chosen = Sft.Options(**{**TINY, "shape": shape, "max_steps": steps, "dropout": 0.1, "checkpoint_steps": 4, **options})
    output.mkdir(exist_ok=True)
    return Sft(chosen).train(records or rows(40), None, output, make_context(output, options=chosen))


def weights(output: Path) -> bytes:
    return (output / "student" / "model.safetensors").read_bytes()


def killed(place: str, shape: str, syncs: int) -> None:
    """In a child: kills itself when it has synced so many times since there are checkpoints, which is in the middle of a save."""
    sync, done = os.fsync, 0

    def counted(descriptor: int) -> None:
        nonlocal done
        done += (Path(place) / "checkpoints").is_dir()
        if done == syncs:
            os.kill(os.getpid(), signal.SIGKILL)
        sync(descriptor)

    os.fsync = counted
    torch.set_num_threads(1)
    train(Path(place), shape)
