"""A full disk, a place that cannot be written, a second process: one block with the remedy, and nothing lost."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.faults

RECIPE = """[recipe]
name = "places"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "echo"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    with open(tmp_path / "rows.jsonl", "w", encoding="utf-8") as rows:
        for number in range(600):
            rows.write(f'{{"instruction": "{number}번 질문: {"가나다라마바사" * 20}"}}\n')
    return tmp_path


def seodang(folder: Path, *arguments: str, blocks: int | None = None) -> subprocess.CompletedProcess[str]:
    """`blocks` limits every file to so many KiB, as a full disk does: the next byte is refused."""
    command = [sys.executable, "-m", "seodang", *arguments]
    if blocks is not None:
        command = ["bash", "-c", f'ulimit -f {blocks}; exec "$@"', "bash", *command]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def answers(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder / 'run' / 'ledger.sqlite'}?mode=ro", uri=True) as book:
        found = book.execute("select count(*) from answers").fetchone()[0]
    book.close()
    return int(found)


@pytest.mark.parametrize("blocks", [60, 400, 700])
def test_a_full_disk_is_named_and_the_same_command_goes_on(folder: Path, blocks: int):
    full = seodang(folder, "run", "recipe.toml", "--run-dir", "run", "--quiet", blocks=blocks)
    assert full.returncode == 4, full.stderr
    assert "no space" in full.stderr.lower() and "Traceback" not in full.stderr, full.stderr
    before = answers(folder) if (folder / "run" / "ledger.sqlite").exists() else 0
    again = seodang(folder, "run", "recipe.toml", "--run-dir", "run", "--quiet")
    assert again.returncode == 0, again.stderr
    assert answers(folder) == 600 and before <= 600
    shown = seodang(folder, "show", "run", "--json")
    assert '"kept": 600' in shown.stdout


def test_a_place_that_cannot_be_written_is_told(folder: Path):
    target = Path("/proc/seodang-run")
    said = seodang(folder, "run", "recipe.toml", "--run-dir", str(target), "--quiet")
    assert said.returncode == 4 and str(target.parent) in said.stderr and "Traceback" not in said.stderr, said.stderr


def test_a_second_process_is_told_who_holds_the_run(folder: Path):
    """The first one is stopped in the middle of its run, not killed: it still holds the lock."""
    first = subprocess.Popen(
        [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not (folder / "run" / "log.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(first.pid, signal.SIGSTOP)
        second = seodang(folder, "run", "recipe.toml", "--run-dir", "run", "--quiet")
        assert second.returncode == 4, second.stderr
        assert re.search(rf"\b{first.pid}\b", second.stderr), second.stderr
    finally:
        os.kill(first.pid, signal.SIGCONT)
        assert first.wait(timeout=60) == 0
    third = seodang(folder, "run", "recipe.toml", "--run-dir", "run", "--quiet")
    assert third.returncode == 0, "the lock goes with the process"
