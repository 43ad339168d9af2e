"""How large the report of a large run is, and how long it takes to write."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from seodang.errors import StepError
from seodang.reports.report import write_report
from seodang.runs.engine import run_recipe

RECIPE = """[recipe]
name = "report-size"
language = "ko"
[[step]]
seeds = "handcrafted"
path = "rows.jsonl"
[[step]]
filter = "length"
answer_least = 40
answer_most = 6000
[[step]]
filter = "duplicates"
"""
WORDS = [
    "가르치다",
    "배우다",
    "학교",
    "서당",
    "훈장",
    "학생",
    "질문",
    "대답",
    "<b>굵게</b>",
    "사과",
    "나무",
    "하늘",
    "바다",
    "숫자",
    "셋",
    "‘말’",
    "길이",
    "&amp;",
    "한글",
    "글자",
    "문장",
]


class Found(msgspec.Struct, frozen=True):
    rows: int
    bytes: int
    seconds: float
    run_seconds: float
    path: str


def measure(directory: Path, rows: int) -> Found:
    """Rows of two to two thousand words, of which some are left out for several reasons; all with characters that HTML has to escape."""
    (directory / "rows.jsonl").write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in _rows(rows)))
    (directory / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    clock = time.monotonic()
    outcome = run_recipe(directory / "recipe.toml", directory / "run")
    if outcome.exit_code:
        raise StepError("seodang_bench:report-run-failed", code=outcome.exit_code)
    made = time.monotonic()
    place = write_report([directory / "run"])
    return Found(rows, place.stat().st_size, time.monotonic() - made, made - clock, str(place))


def _rows(rows: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(20230405)
    for number in range(rows):
        # Long ones are rare, as they are in what people collect.
        words = int(2 * 1_000 ** (chance.random() ** 3))
        said = " ".join(chance.choices(WORDS, k=words))
        yield {"instruction": f"질문 {number if chance.random() < 0.9 else 1}: <script>alert({words})</script>", "output": said}
