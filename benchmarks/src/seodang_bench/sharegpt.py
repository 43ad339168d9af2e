"""Cleaning ShareGPT: a whole `seodang run` against FastChat's own command, on one file that was made for it."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import seodang

from seodang_bench.dialogues import write_dialogues
from seodang_bench.processes import Taken, run_measured

RECIPE = """[recipe]
name = "sharegpt"
language = "ko"

[[step]]
seeds = "sharegpt"
path = "dialogues.json"
mode = "{mode}"
"""


class Cleaning(msgspec.Struct, frozen=True, kw_only=True):
    """One side. `kept` are dialogues; `per_cpu_second` is what came in for each second of CPU, start included."""

    kept: int
    seconds: float
    cpu_seconds: float
    per_cpu_second: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` compares repaired with FastChat; `different` are dialogues about which the faithful way says something else."""

    dialogues: int
    megabytes: float
    repaired: Cleaning
    faithful: Cleaning
    fastchat: Cleaning | None = None
    ratio: float | None = None
    different: tuple[str, ...] | None = None


def compare(directory: Path, dialogues: int, fastchat_python: str = "") -> Comparison:
    """Makes the dialogues and has both sides clean them, one after the other, each in a process of its own."""
    rows = directory / "dialogues.json"
    write_dialogues(rows, dialogues)
    repaired, _ = _seodang(directory, "repaired", dialogues)
    faithful, ours = _seodang(directory, "faithful", dialogues)
    size = rows.stat().st_size / 1e6
    if not fastchat_python:
        return Comparison(dialogues=dialogues, megabytes=size, repaired=repaired, faithful=faithful)
    out = directory / "fastchat.json"
    command = [fastchat_python, "-m", "fastchat.data.clean_sharegpt", "--in-file", str(rows), "--out-file", str(out)]
    taken = run_measured(command, directory=directory, environment={"PYTHONUTF8": "1"})
    theirs = kept_by_fastchat(_without_restarting_lists(fastchat_python, out))
    fastchat = _cleaning(taken, len(theirs), dialogues)
    return Comparison(
        dialogues=dialogues,
        megabytes=size,
        repaired=repaired,
        faithful=faithful,
        fastchat=fastchat,
        ratio=repaired.per_cpu_second / fastchat.per_cpu_second,
        different=differences(ours, theirs),
    )


def _without_restarting_lists(fastchat_python: str, cleaned: Path) -> Path:
    """What FastChat's later step leaves of its first one's output; not measured, but seodang's faithful mode decides about both."""
    out = cleaned.with_suffix(".sifted.json")
    command = [fastchat_python, "-m", "fastchat.data.filter_wrong_format", "--in-file", str(cleaned), "--out-file", str(out)]
    run_measured(command, directory=cleaned.parent, environment={"PYTHONUTF8": "1"})
    return out


def _seodang(directory: Path, mode: str, dialogues: int) -> tuple[Cleaning, list[tuple[str, ...]]]:
    place = directory / mode
    place.mkdir()
    (place / "recipe.toml").write_text(RECIPE.format(mode=mode).replace("dialogues.json", "../dialogues.json"), encoding="utf-8")
    command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet", "--quarantine-limit", "1"]
    taken = run_measured(command, directory=place)
    kept = kept_by_seodang(place / "run")
    return _cleaning(taken, len(kept), dialogues), kept


def _cleaning(taken: Taken, kept: int, dialogues: int) -> Cleaning:
    return Cleaning(kept=kept, seconds=taken.seconds, cpu_seconds=taken.cpu_seconds, per_cpu_second=dialogues / taken.cpu_seconds)


def kept_by_seodang(run: Path) -> list[tuple[str, ...]]:
    """The id and the texts of every dialogue of the first step, in order."""
    return [
        (str(record.columns["id"]), *(message.text for message in record.messages))
        for record in seodang.open_run(run).records("sharegpt")
    ]


def kept_by_fastchat(path: Path) -> list[tuple[str, ...]]:
    """The same of FastChat's output, in the normal form in which records are kept."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [(str(row["id"]), *(unicodedata.normalize("NFC", turn["value"]) for turn in row["conversations"])) for row in rows]


def differences(ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The ids of the dialogues that only one side has, or has with other words."""
    return tuple(sorted({kept[0] for kept in {*ours} ^ {*theirs}}))
