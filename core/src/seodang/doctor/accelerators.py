"""What there is to train on. torch is asked in a process of its own: importing it takes seconds and may fail in any way."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys

import msgspec

TORCH_SECONDS = 120.0

_QUESTION = """
import json, torch
devices = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
if not devices and torch.backends.mps.is_available():
    devices = ["Apple GPU (MPS)"]
print("\\n" + json.dumps(devices))
"""


class Accelerators(msgspec.Struct, frozen=True, kw_only=True):
    """`torch` is its version or empty, `devices` what it can use, `cards` what the driver knows, `error` why torch fails."""

    torch: str = ""
    devices: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    error: str = ""


def look_for_accelerators() -> Accelerators:
    cards = _cards()
    try:
        version = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return Accelerators(cards=cards)
    try:
        asked = subprocess.run(
            [sys.executable, "-P", "-c", _QUESTION],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TORCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Accelerators(torch=version, cards=cards, error=f"> {TORCH_SECONDS:g} s")
    last = asked.stdout.strip().rpartition("\n")[2]
    try:
        devices = msgspec.json.decode(last, type=tuple[str, ...])
    except msgspec.DecodeError:
        said = asked.stderr.strip().rpartition("\n")[2]
        return Accelerators(torch=version, cards=cards, error=said or f"exit status {asked.returncode}")
    return Accelerators(torch=version, devices=devices, cards=cards)


def _cards() -> tuple[str, ...]:
    """NVIDIA cards as their driver names them. Nothing where there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        told = subprocess.run(
            [program, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True, text=True, errors="replace", timeout=20, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in told.stdout.splitlines() if line.strip()) if told.returncode == 0 else ()
