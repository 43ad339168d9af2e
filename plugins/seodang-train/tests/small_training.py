"""Trainings that take a second: a few rows, two layers, one thread."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import seodang
import torch
from seodang.testing import make_context
from seodang_train import Sft

SHAPES = ("gpt-neox", "llama")
TINY = {"width": 32, "layers": 2, "heads": 2, "max_steps": 2, "batch_tokens": 256, "threads": 1}


def rows(count: int) -> list[seodang.Record]:
    return [seodang.single_turn(f"{number % 7} 다음은?", f"{number % 7 + 1}입니다.") for number in range(count)]


def train(
    output: Path, shape: str, steps: int = 12, records: Sequence[seodang.Record] = (), **options: object
) -> seodang.Trained:
    chosen = Sft.Options(**{**TINY, "shape": shape, "max_steps": steps, "dropout": 0.1, "checkpoint_steps": 4, **options})
    output.mkdir(exist_ok=True)
    return Sft(chosen).train(records or rows(40), None, output, make_context(output, options=chosen))


def begin(place: Path, do: Callable[[int], None], warned: list[str] | None = None, **options: Any) -> seodang.Trained:
    """A training of which `do` sees every step, and `warned` what it warns of."""
    chosen = Sft.Options(**{**TINY, "shape": "llama", "max_steps": 12, "dropout": 0.1, "checkpoint_steps": 4, **options})
    place.mkdir(exist_ok=True)
    context = make_context(place, options=chosen)
    context.progress = lambda done, total=None, **facts: do(done)
    if warned is not None:
        context._on_warning = warned.append
    return Sft(chosen).train(rows(40), None, place, context)


class Stop(Exception):
    pass


def stop_at(step: int) -> Callable[[int], None]:
    def do(done: int) -> None:
        if done == step:
            raise Stop

    return do


@contextmanager
def no_room_for_files_over(size: int) -> Iterator[None]:
    """A limit on files, as a full disk is one: the byte after it is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


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
