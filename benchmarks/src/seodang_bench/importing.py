"""What it costs to read Alpaca rows, check them and write them as records, against decoding and encoding them and nothing else.

The two sides are processes of their own, in alternating rounds over one file. Bare is `msgspec.json.decode` and `encode` of each
line, which are in memory already; seodang is a whole run of one seeds step: reading the file, looking for flaws, making records in
normal form C, hashing each for its id and each shard for the manifest, writing and syncing. Interpreter and imports count on
neither side.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from seodang.errors import DataError

from seodang_bench.processes import child_environment, own_peak_mib

ROWS = 1_000_000
RECIPE = """[recipe]
name = "import"
language = "ko"

[[step]]
seeds = "instruct-data"
path = "rows.jsonl"
format = "alpaca"
"""

KOREAN = (
    "서당 마을 아이들 글공부 훈장 천자문 새벽 마당 책상 바람 산길 시장 할머니 이야기 계절 음식 김치 된장 국물 편지 약속 노래 기차 바다"
    " 여름 겨울 신문 지도 이웃 골목 우산 자전거"
)
PARTICLES = "은 는 이 가 을 를 에 에서 으로 까지 부터 처럼 보다 만 도"
ENGLISH = (
    "the village school teaches children reading and writing every morning before the market opens with a long song about rivers,"
    " seasons, letters and neighbours who walk home slowly"
)


class Cost(msgspec.Struct, frozen=True):
    """One process: CPU with that of the system, and memory at its peak. `rows` is how many came out."""

    rows: int
    cpu_seconds: float
    peak_mib: float


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `seodang bench speed import`: medians of the rounds; `ratio` is that of each round, its median and both ends."""

    rows: int
    bytes_per_row: int
    rounds: int
    bare_seconds: float
    seodang_seconds: float
    ratio: float
    lowest_ratio: float
    highest_ratio: float
    peak_mib: float


def korean(chance: random.Random, words: int) -> str:
    return " ".join(map("".join, zip(_some(chance, KOREAN, words), _some(chance, PARTICLES, words), strict=True)))


def english(chance: random.Random, words: int) -> str:
    return " ".join(_some(chance, ENGLISH, words))


def _some(chance: random.Random, words: str, count: int) -> list[str]:
    return chance.choices(words.split(), k=count)


def rows_of(count: int, seed: int = 7) -> Iterator[dict[str, str]]:
    """Korean and English in turn, some 500 bytes each; a third has an input, and answers have lines and quotation marks."""
    chance = random.Random(seed)
    for number in range(count):
        given = number % 3 == 0
        if number % 2:
            yield {
                "instruction": f"{number}번째 질문입니다. {korean(chance, 7)} 설명해 주세요.",
                "input": korean(chance, 6) if given else "",
                "output": f"{korean(chance, 22)}\n“{korean(chance, 6)}”입니다.",
            }
        else:
            yield {
                "instruction": f"Question {number}: {english(chance, 12)}?",
                "input": english(chance, 10) if given else "",
                "output": f'{english(chance, 38)}.\n\n"{english(chance, 10)}"',
            }


def write_rows(path: Path, count: int) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for row in rows_of(count):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def bare(directory: Path) -> Cost:
    """Decodes and encodes each line. Reading the file is not counted."""
    rows, cpu = 0, 0.0
    with open(directory / "rows.jsonl", "rb") as file:
        while lines := file.readlines(1 << 20):
            started = time.process_time()
            for line in lines:
                msgspec.json.encode(msgspec.json.decode(line))
            cpu += time.process_time() - started
            rows += len(lines)
    return Cost(rows, cpu, own_peak_mib())


def imported(directory: Path) -> Cost:
    """Runs the recipe in this process, which should be a fresh one."""
    from seodang.plugins.loading import load_plugins
    from seodang.runs.engine import run_recipe

    (directory / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    offers = load_plugins()
    place = directory / f"run-{time.monotonic_ns()}"
    started = time.process_time()
    outcome = run_recipe(directory / "recipe.toml", place, offers=offers)
    cpu = time.process_time() - started
    return Cost(outcome.steps[0].rows["kept"], cpu, own_peak_mib())


def compare(directory: Path, rows: int = ROWS, rounds: int = 3) -> Import:
    """Both sides in turn. Rows that were lost are an error: the speed would mean nothing."""
    import shutil

    write_rows(directory / "rows.jsonl", rows)
    size = (directory / "rows.jsonl").stat().st_size
    sides: list[tuple[Cost, Cost]] = []
    for _ in range(rounds):
        pair = (_apart("bare", directory), _apart("imported", directory))
        for cost in pair:
            if cost.rows != rows:
                raise DataError("seodang_bench:rows-lost", rows=rows, kept=cost.rows)
        sides.append(pair)
        for place in directory.glob("run-*"):
            shutil.rmtree(place)
    ratios = sorted(ours.cpu_seconds / floor.cpu_seconds for floor, ours in sides)
    return Import(
        rows=rows,
        bytes_per_row=size // rows,
        rounds=rounds,
        bare_seconds=statistics.median(floor.cpu_seconds for floor, _ in sides),
        seodang_seconds=statistics.median(ours.cpu_seconds for _, ours in sides),
        ratio=statistics.median(ratios),
        lowest_ratio=ratios[0],
        highest_ratio=ratios[-1],
        peak_mib=max(ours.peak_mib for _, ours in sides),
    )


def _apart(side: str, directory: Path) -> Cost:
    """One side in a fresh process."""
    command = [sys.executable, "-m", "seodang_bench.importing", side, str(directory)]
    done = subprocess.run(command, check=True, capture_output=True, env=child_environment())
    return msgspec.json.decode(done.stdout, type=Cost)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode({"bare": bare, "imported": imported}[sys.argv[1]](Path(sys.argv[2]))))
