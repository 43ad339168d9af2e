"""`log.jsonl`: a line a step, in full precision; a line that a kill tore is written again."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_train.durable import sync


def logged(log: Path, steps: int) -> list[dict[str, Any]]:
    """The whole lines of the first `steps` steps."""
    found: list[dict[str, Any]] = []
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            found.append(msgspec.json.decode(line, type=dict[str, Any]))
        except msgspec.MsgspecError:
            break
    return found[:steps]


def append(log: Any, facts: dict[str, Any], saved: int) -> None:
    """On a full disk it is the log that is refused first, because it is written most often. `saved` is the step to go on from."""
    content = _line(facts)
    try:
        if log.write(content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # what fitted in was written
    except OSError as error:
        told = {"path": str(log.name), "step": facts["step"], "error": str(error), "before": saved}
        raise seodang.DataError("seodang_train:not-logged", **told) from error


def _line(facts: dict[str, Any]) -> bytes:
    return msgspec.json.encode(facts) + b"\n"


def rewrite(log: Path, lines: list[dict[str, Any]]) -> None:
    """By a rename: a kill in the middle must not take the lines of the steps that nobody makes again."""
    temporary = log.with_name(f".{log.name}.writing")
    temporary.write_bytes(b"".join(map(_line, lines)))
    sync(temporary)
    os.rename(temporary, log)
