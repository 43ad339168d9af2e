"""Self-Instruct against a teacher that answers at once: does a round take as long at the end as at the beginning?

Everything is real but the teacher: the run, its ledger, the novelty filter's pool. Each thousand of new tasks is timed from its
first row to the next thousand's, in CPU seconds of the process too, of which the pool's are told apart.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang_filters.novelty import Novelty
from seodang_self_instruct import SelfInstruct

from seodang_bench.instructions import Instructions
from seodang_bench.processes import own_peak_mib

THOUSAND = 1000
RECIPE = """[recipe]
name = "self-instruct"
language = "ko"
seed = 42

[[step]]
seeds = "handcrafted"
shipped = true

[[step]]
teach = "bench-self-instruct"
teacher = "bench-instant"
in_flight = 64
novelty = "bench-novelty"
count = {rows}
per_round = {per_round}
"""
_NEW = re.compile(r"이어서 (\d+)번부터 번호를 붙여, 새 지시문 (\d+)개")


class Instant(seodang.Teacher):
    """Answers the questions of Self-Instruct at once, with made-up instructions as various as real ones. Every one asks for no label."""

    name = "bench-instant"

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._source = Instructions("ko")

    async def answer(self, request: seodang.Request, context: Any) -> seodang.Answer:
        prompt = request.messages[-1].text
        digest = hashlib.blake2b(f"{request.sample} {prompt}".encode(), digest_size=8).hexdigest()
        if asked := _NEW.search(prompt):
            first, count = int(asked[1]), int(asked[2])
            rows = self._source.again(digest).rows(count)
            text = "\n".join(f"{number}. {row}" for number, row in enumerate(rows, first))
        elif prompt.endswith("분류:"):
            text = "아니요"
        else:
            text = f"<입력 없음>\n응답: {digest} 순서로 살펴보면 답을 알 수 있습니다. 먼저 처음부터 차근차근 읽어 보세요."
        return seodang.Answer(message=seodang.Message("assistant", text), usage=seodang.Usage(1, 1))


class Watched:
    """A pool, and the CPU seconds that are spent in it."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.cpu_seconds = 0.0

    def add(self, text: str, name: str) -> None:
        began = time.process_time()
        self._pool.add(text, name)
        self.cpu_seconds += time.process_time() - began

    def nearest(self, text: str) -> Any:
        began = time.process_time()
        near = self._pool.nearest(text)
        self.cpu_seconds += time.process_time() - began
        return near


class WatchedNovelty(Novelty):
    """The filter novelty, whose pool is timed."""

    name = "bench-novelty"
    watched: list[Watched] = []

    def pool(self, context: seodang.Context) -> Any:
        self.watched.append(Watched(super().pool(context)))
        return self.watched[-1]


class TimedSelfInstruct(SelfInstruct):
    """Self-Instruct, which tells when each thousand of tasks was there."""

    name = "bench-self-instruct"

    async def teach(
        self, records: AsyncIterator[seodang.Record], context: seodang.Context
    ) -> AsyncIterator[seodang.Record | seodang.Drop]:
        marks: list[tuple[float, float, float]] = []
        tasks = 0
        async for result in super().teach(records, context):
            if isinstance(result, seodang.Record) and result.tags["number"] > tasks:
                tasks = result.tags["number"]
                if (tasks - 1) % THOUSAND == 0:
                    marks.append(_now())
            yield result
        marks.append(_now())
        context.tell(marks=marks)


def _now() -> tuple[float, float, float]:
    pools = WatchedNovelty.watched
    return time.monotonic(), time.process_time(), pools[-1].cpu_seconds if pools else 0.0


@seodang.hookimpl
def register_teachers(register: seodang.Register) -> None:
    register(Instant)


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    register(WatchedNovelty)


@seodang.hookimpl
def register_lessons(register: seodang.Register) -> None:
    register(TimedSelfInstruct)


class Thousand(msgspec.Struct, frozen=True):
    """So many tasks more: how long they took, and how much of their CPU time was the pool's."""

    seconds: float
    cpu_seconds: float
    pool_cpu_seconds: float


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` compares the last whole thousand with the first in seconds, `cpu_ratio` in CPU seconds: 2 would be twice as slow."""

    tasks: int
    rounds: int
    questions: int
    rejected: dict[str, int]
    thousands: tuple[Thousand, ...]
    peak_mib: float
    ledger_mib: float

    @property
    def whole(self) -> tuple[Thousand, ...]:
        return self.thousands[: max(1, self.tasks // THOUSAND)]

    @property
    def ratio(self) -> float:
        return self.whole[-1].seconds / self.whole[0].seconds

    @property
    def cpu_ratio(self) -> float:
        return self.whole[-1].cpu_seconds / self.whole[0].cpu_seconds

    @property
    def pool_share(self) -> float:
        """Of the CPU seconds of the last thousand."""
        return self.whole[-1].pool_cpu_seconds / self.whole[-1].cpu_seconds


def grow(rows: int, per_round: int) -> Growth:
    """In this process, which should be a fresh one: its peak memory is one of the figures."""
    from seodang.runs.engine import run_recipe
    from seodang.runs.opened import open_run
    from seodang.runs.session import Wishes

    with tempfile.TemporaryDirectory(prefix="seodang-self-instruct-") as place:
        folder = Path(place)
        (folder / "recipe.toml").write_text(RECIPE.format(rows=rows, per_round=per_round), encoding="utf-8")
        run_recipe(folder / "recipe.toml", folder / "run", wishes=Wishes())
        run = open_run(folder / "run")
        manifest = run.manifest("bench-self-instruct")
        marks = manifest.figures["marks"]
        return Growth(
            tasks=manifest.figures["tasks"],
            rounds=manifest.figures["rounds"],
            questions=manifest.figures["requests"],
            rejected=dict(manifest.dropped),
            thousands=tuple(
                Thousand(*(later - earlier for earlier, later in zip(before, after, strict=True)))
                for before, after in pairwise(marks)
            ),
            peak_mib=own_peak_mib(),
            ledger_mib=(folder / "run" / "ledger.sqlite").stat().st_size / 2**20,
        )


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(grow(int(sys.argv[1]), int(sys.argv[2]))))
