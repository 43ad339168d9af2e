"""Whether what a training will write fits on the disk: asked before the first step, because a disk is full in the middle of a night."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import seodang

from seodang_train.checkpoints import ROOM_FOR


def bytes_to_write(model: Any) -> int:
    """Checkpoints (a weight and AdamW's two means in float32, of what is trained; all weights, where all are) and the student."""
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    every = model.num_parameters()  # also of what is packed in 4 bits, because the student is made of the whole ones
    return ROOM_FOR * 12 * trained + 4 * every


def check_room(output: Path, model: Any) -> None:
    """What stands there of an interrupted training gives way to what comes, so it counts as room. Quotas are not seen."""
    standing = sum(path.stat().st_size for path in (output / "checkpoints").rglob("*") if path.is_file())
    needed, free = bytes_to_write(model), shutil.disk_usage(output).free
    if needed > free + standing:
        raise seodang.DataError(
            "seodang_train:no-room", path=str(output), needed=_gib(needed), free=_gib(free + standing), kept=ROOM_FOR
        )


def _gib(count: int) -> float:
    return round(count / 2**30, 2)
