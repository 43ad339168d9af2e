"""Many short records through seeds, a filter and a filter that sees them all: memory stays flat, time grows in step."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import seodang
from seodang.errors import DataError

from seodang_bench.processes import own_peak_mib

RECIPE = """[recipe]
name = "records"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
filter = "bench-each"

[[step]]
filter = "bench-whole"
"""


class Each(seodang.Filter):
    """Keeps everything, record by record: what is measured is the way through the core."""

    name = "bench-each"

    def sift(self, records, context):
        return [seodang.Keep() for _ in records]


class Whole(seodang.Filter):
    """Drops exact repetitions of a question; has to see every record."""

    name = "bench-whole"
    whole = True

    def sift(self, records, context):
        seen: set[int] = set()
        for record in records:
            mark = hash(record.question)
            yield seodang.Drop("repeated") if mark in seen else seodang.Keep()
            seen.add(mark)


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    register(Each)
    register(Whole)


class Passage(msgspec.Struct, frozen=True):
    """One run over so many records. `peak_mib` is of the process and its workers together, at most."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_mib: float


def write_rows(path: Path, rows: int) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(f'{{"instruction":"{number}번째 질문은 무엇입니까?","output":"답은 {number * 7 % 1000}입니다."}}\n')


def pass_through(rows: int) -> Passage:
    """In this process, which should be a fresh one: its peak memory is the figure."""
    from seodang.runs.engine import run_recipe
    from seodang.runs.session import Wishes

    with tempfile.TemporaryDirectory(prefix="seodang-records-") as place:
        folder = Path(place)
        (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
        write_rows(folder / "rows.jsonl", rows)
        started, cpu = time.monotonic(), time.process_time()
        outcome = run_recipe(folder / "recipe.toml", folder / "run", wishes=Wishes())
        kept = outcome.steps[-1].rows["kept"]
        if kept != rows:
            raise DataError("seodang_bench:rows-lost", rows=rows, kept=kept)
        workers = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = time.process_time() - cpu + workers.ru_utime + workers.ru_stime
        of_workers = workers.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
        return Passage(rows, time.monotonic() - started, used, own_peak_mib() + 2 * of_workers)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(pass_through(int(sys.argv[1]))))
