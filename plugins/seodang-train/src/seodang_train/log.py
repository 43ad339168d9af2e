"""`log.jsonl`: a line a step, in full precision; a line that a kill tore is written again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


def logged(log: Path, steps: int) -> list[dict[str, Any]]:
    """The whole lines of the first `steps` steps."""
    found: list[dict[str, Any]] = []
    for line in log.read_bytes().splitlines() if log.is_file() else ():
        try:
            found.append(msgspec.json.decode(line, type=dict[str, Any]))
        except msgspec.MsgspecError:
            break
    return found[:steps]


def line(facts: dict[str, Any]) -> bytes:
    return msgspec.json.encode(facts) + b"\n"


def rewrite(log: Path, lines: list[dict[str, Any]]) -> None:
    log.write_bytes(b"".join(map(line, lines)))
