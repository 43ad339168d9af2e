"""How fast the command line answers: whole processes, in turn, as ratios to a process that only imports click."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

CLICK = ("-c", "import click")
COMMANDS = {"--help": ("-m", "seodang", "--help"), "plugins": ("-m", "seodang", "plugins", "--json")}


class Start(msgspec.Struct, frozen=True):
    """Medians of several processes each, in seconds, and the ratio to the process that imports click."""

    command: str
    seconds: float
    ratio: float


def measure(rounds: int = 7) -> list[Start]:
    _seconds(CLICK)  # the first one fills the caches of the disk
    bare: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        bare.append(_seconds(CLICK))
        for name, arguments in COMMANDS.items():
            taken[name].append(_seconds(arguments))
    middle = statistics.median(bare)
    return [Start(name, statistics.median(found), statistics.median(found) / middle) for name, found in taken.items()]


def _seconds(arguments: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started
