"""Runs a command to its end and tells what it took: time, CPU of the whole tree, memory at its peak."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

SAMPLE_SECONDS = 0.1


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a command took. CPU covers all its descendants; memory is the tree's, shared pages counted once where Linux tells."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    exit_code: int


class CommandFailed(Exception):
    """A command of a benchmark did not do what it should: its figures would mean nothing."""


def run_measured(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str] | None = None, expected: Sequence[int] = (0,)
) -> Taken:
    """Runs the command with its output in `output.txt` of the directory. An unexpected exit code raises with the output's end."""
    output = directory / "output.txt"
    with output.open("wb") as sink:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=directory, stdout=sink, stderr=sink, env=child_environment(environment))
        peak = _Peak(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
    # It was waited for here: nobody may wait for it again.
    process.returncode = os.waitstatus_to_exitcode(status)
    peak_bytes = peak.stop()
    if process.returncode not in expected:
        end = output.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise CommandFailed(f"{' '.join(command)} ended with {process.returncode}:\n{end}")
    return Taken(
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=(peak_bytes or usage.ru_maxrss * 1024) / 2**20,
        exit_code=process.returncode,
    )


def child_environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a measured process. It may keep its bytecode, as an installed package does."""
    environment = {**os.environ, **(changes or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def own_peak_mib() -> float:
    """The most memory that this process itself ever held.

    Linux starts a child's `ru_maxrss` at its parent's, so that a small measurement under a large program would tell of the
    program; the high-water mark of /proc belongs to the process alone.
    """
    try:
        for line in Path("/proc/self/status").read_bytes().splitlines():
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) / 1024
    except FileNotFoundError:
        pass  # a system without /proc, which begins every process at nothing
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


class _Peak:
    """Looks at a tree's memory ten times a second, in a thread. Cheap: a millisecond a look."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._most = max(self._most, _tree_bytes(self._pid))


def _tree_bytes(pid: int) -> int:
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_bytes_of, tree))


def _bytes_of(process: psutil.Process) -> int:
    """The proportional set size; the resident one where the system does not tell."""
    try:
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
