"""What the default chain of Korean filters costs: CPU time of each filter of the shipped recipe on rows that are made up.

The chain is the recipe as it is installed, with other rows. Most rows are in order, so that the last filters have about as much to do
as the first; some have a fault of the kind that one of them looks for. Each step is timed from its beginning to that of the next: its
reading and writing of files counts. All of it happens in one process.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
from seodang.errors import DataError

from seodang_bench.instructions import Instructions
from seodang_bench.processes import child_environment

RECIPE = "korean-filters"
ROWS = "rows"
FAULTY = 0.08

_SENTENCES = (
    *(
        "{a}에 대해서는 {b}부터 살펴보는 것이 좋습니다.",
        "{a}보다 {b} 쪽이 먼저 알려졌습니다.",
        "{a}에서 가장 중요한 점은 {b}입니다.",
    ),
    *(
        "많은 사람이 {a} 때문에 {b}도 함께 찾습니다.",
        "예를 들어 {a} 같은 경우에는 {b}만으로도 충분합니다.",
        "{b}에 쓰는 비용은 {a}에 따라 달라집니다.",
    ),
    *(
        "{a} 다음에는 {b}까지 확인하십시오.",
        "{a}하고 {b} 사이에는 생각보다 큰 차이가 있습니다.",
        "처음에는 {a}처럼 쉬운 것부터 시작합니다.",
    ),
    *(
        "{b}에 관한 기록은 {a}에도 남아 있습니다.",
        "{a} 없이 {b}만 다루면 오해가 생깁니다.",
        "전문가들도 {a}에 관해서는 의견이 갈립니다.",
    ),
    *(
        "봄에는 {a}, 가을에는 {b}에 관심이 모입니다.",
        "{a}에 익숙해지려면 {number}주쯤 걸립니다.",
        "그러므로 {a}에 맞는 {b}부터 고르시면 됩니다.",
    ),
    *(
        "{number}가지 방법이 있는데 {a}에는 두 번째가 어울립니다.",
        "{a}의 값은 {b}에 견주어 {number}배쯤 됩니다.",
        "끝으로 {b}도 잊지 마시기 바랍니다.",
    ),
    *(
        "{b}만큼 {a}에도 시간이 필요합니다.",
        "{a}에 드는 품이 {b}에서는 절반으로 줍니다.",
        "지난 {number}년 동안 {a}에는 큰 변화가 없었습니다.",
    ),
)
_FAULTS = (
    lambda answer: answer.encode().decode("latin-1"),
    lambda answer: answer + " 연락처는 010-1234-5678입니다.",
    lambda answer: "죄송하지만 저는 AI 언어 모델로서 답할 수 없습니다. " + answer,
    lambda answer: answer + " " + "다시 말씀드립니다. " * 8,
    lambda answer: "당신은 이것을 알아야 합니다. " + answer,
    lambda answer: answer + " 사과을 먹습니다.",
    lambda answer: answer + " 나는 그렇게 생각한다.",
    lambda answer: answer.replace(" ", ""),
    lambda answer: "You can find all of this in the book that was written about it last year.",
    lambda answer: answer + "\n\n```python\nprint(1)",
)
_WORD = re.compile(
    r"([가-힣]{2,}?)(?:은|는|이|가|을|를|의|에|에서|에게|에는|도|만|만큼|하고|처럼|보다|끼리|까지|밖에|대신|로|으로|니다|세요|줘|요|한|적인|나요)*(?![가-힣])"
)
"""Words without what may be a particle or an ending: a second one is put behind them."""


class Sifted(msgspec.Struct, frozen=True, kw_only=True):
    """One filter. `rows` came in."""

    filter: str
    rows: int
    dropped: int
    changed: int
    cpu_seconds: float

    @property
    def rows_per_cpu_second(self) -> float:
        return self.rows / max(self.cpu_seconds, 1e-9)


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """`cpu_seconds` are those of all filters; reading the file before them took `reading_seconds` more."""

    rows: int
    kept: int
    bytes_per_row: int
    reading_seconds: float
    cpu_seconds: float
    rows_per_cpu_second: float
    filters: tuple[Sifted, ...]


def made_up(count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """Korean rows: a question, and three to eight polite sentences that speak of what it asks about."""
    chance = random.Random(f"chain {seed}")
    for instruction in Instructions("ko", seed).rows(count):
        words = _WORD.findall(instruction) or ["이야기"]

        def word(words: list[str] = words) -> str:
            return chance.choice(words)

        lines = [
            sentence.format(a=word(), b=word(), number=chance.choice((2, 3, 5, 10)))
            for sentence in chance.sample(_SENTENCES, chance.randint(3, 8))
        ]
        answer = " ".join(lines)
        if chance.random() < FAULTY:
            answer = chance.choice(_FAULTS)(answer)
        yield {"instruction": instruction, "input": "", "output": answer}


def measure(directory: Path, rows: int) -> Chain:
    """In a process of its own."""
    import subprocess

    path = directory / "made-up.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        for row in made_up(rows):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "seodang_bench.chain", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, env=child_environment())
    found = msgspec.json.decode(done.stdout, type=Chain)
    if found.rows != rows:
        raise DataError("seodang_bench:rows-lost", rows=rows, kept=found.rows)
    return found


def sifted(path: Path) -> Chain:
    """Runs the recipe's steps on the rows of a file, in this process."""
    import gc

    from seodang.plugins.loading import load_plugins
    from seodang.recipes.shipped import find_shipped, shipped_recipes
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    class Watch(Progress):
        """Notes the CPU time at which each step begins."""

        def __init__(self) -> None:
            self.marks: list[float] = []
            super().__init__(SystemClock(), quiet=True)

        def begin(self, title: str, number: int, steps: int) -> None:
            super().begin(title, number, steps)
            if number:
                self.marks.append(time.process_time())

    gc.set_threshold(50_000, 20, 100)  # as the command line does
    recipe = find_shipped(RECIPE, shipped_recipes())
    offers = load_plugins()
    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as place:
        folder = Path(place)
        (folder / "recipe.toml").write_bytes(recipe.path.read_bytes())
        for file in recipe.files():
            (folder / file.name).write_bytes(file.read_bytes())
        watch = Watch()
        # With the plugins handed in, no step is given to other processes, whose time would not be counted here.
        outcome = run_recipe(
            folder / "recipe.toml",
            folder / "run",
            settings=[f"{ROWS}.path={json.dumps(str(path))}"],
            offers=offers,
            wishes=Wishes(quarantine_limit=1.0),
            progress=watch,
        )
        marks = [*watch.marks, time.process_time()]
    seeds, *filters = outcome.steps
    seconds = [after - before for before, after in pairwise(marks)]
    total = sum(seconds[1:])
    return Chain(
        rows=seeds.rows["kept"],
        kept=filters[-1].rows["kept"],
        bytes_per_row=path.stat().st_size // max(seeds.rows["kept"], 1),
        reading_seconds=seconds[0],
        cpu_seconds=total,
        rows_per_cpu_second=seeds.rows["kept"] / max(total, 1e-9),
        filters=tuple(
            Sifted(
                filter=step.step,
                rows=step.rows["in"],
                dropped=step.rows["dropped"],
                changed=step.rows["changed"],
                cpu_seconds=taken,
            )
            for step, taken in zip(filters, seconds[1:], strict=True)
        ),
    )


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(sifted(Path(sys.argv[1]))))
