"""Checkpoints of TRL's trainer that can be trusted: each gets a manifest of hashes once it is whole, and only such are gone on from."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
import seodang
from transformers import TrainerCallback

MANIFEST = "seodang.json"
KEPT = 2


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """`facts` are what the training must still agree on."""

    step: int
    facts: dict[str, Any]
    files: dict[str, str]


class Following(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Tells the run how far it is, ends a training that shall stop, and seals what was saved."""

    def __init__(self, context: seodang.Context, facts: dict[str, Any]) -> None:
        self._context = context
        self._facts = facts

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **others: Any) -> None:
        if logs and "loss" in logs:
            self._context.progress(state.global_step, state.max_steps, loss=logs["loss"])

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        if self._context.stopping and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        place = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        files = {str(path.relative_to(place)): _sealed(path) for path in sorted(place.rglob("*")) if path.is_file()}
        temporary = place / f".{MANIFEST}"
        temporary.write_bytes(msgspec.json.encode(Whole(step=state.global_step, facts=self._facts, files=files)))
        _sealed(temporary)
        os.rename(temporary, place / MANIFEST)


def newest(directory: Path, facts: dict[str, Any], context: seodang.Context) -> Path | None:
    """The newest checkpoint that is whole. TRL itself takes the highest number, whole or not."""
    for place in sorted(directory.glob("checkpoint-*"), key=lambda each: int(each.name.rpartition("-")[2]), reverse=True):
        try:
            found = msgspec.json.decode((place / MANIFEST).read_bytes(), type=Whole)
            whole = all(_hash(place / name) == digest for name, digest in found.files.items())
        except (OSError, msgspec.MsgspecError):
            whole = False
        if not whole:
            context.warn("seodang_preference:damaged-checkpoint", path=str(place))
            continue
        if found.facts != facts:
            others = sorted(name for name in found.facts.keys() | facts if found.facts.get(name) != facts.get(name))
            raise seodang.DataError("seodang_preference:other-training", path=str(place), facts=others)
        return place
    return None


def _sealed(path: Path) -> str:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    return _hash(path)


def _hash(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
