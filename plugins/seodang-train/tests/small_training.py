"""Trainings that take a second: a few rows, two layers, one thread."""

from __future__ import annotations

from pathlib import Path

import seodang
from seodang.testing import make_context
from seodang_train import Sft

TINY = {"width": 32, "layers": 2, "heads": 2, "max_steps": 2, "batch_tokens": 256, "threads": 1}


def rows(count: int) -> list[seodang.Record]:
    return [seodang.single_turn(f"{number % 7} 다음은?", f"{number % 7 + 1}입니다.") for number in range(count)]


def train(output: Path, shape: str, steps: int = 12, **options: object) -> seodang.Trained:
    chosen = Sft.Options(**{**TINY, "shape": shape, "max_steps": steps, "dropout": 0.1, "checkpoint_steps": 4, **options})
    output.mkdir(exist_ok=True)
    return Sft(chosen).train(rows(40), None, output, make_context(output, options=chosen))


def weights(output: Path) -> bytes:
    return (output / "student" / "model.safetensors").read_bytes()
