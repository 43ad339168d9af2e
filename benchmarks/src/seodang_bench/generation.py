"""How fast seodang generates: the whole command against a bare loop, on one mock, in one run.

Comparisons are made side by side in alternating rounds, because only the ratios of one machine at one time mean anything.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import seodang
from seodang_openai.mock import answer_to

from seodang_bench.peers import script_of, why_not
from seodang_bench.processes import CommandFailed, Taken, run_measured
from seodang_bench.vendors import Vendor, vendor

FAULTS = ("429:0.10", "500:0.02")
START_ROUNDS = 5
FEWEST = 2
"""Questions by which the start of a peer is measured: the report of one of them breaks over a column of a single row."""

RECIPE = """[recipe]
name = "speed"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
teach = "answer"
teacher = "openai"
model = "mock"
base_url = "{url}"
in_flight = {in_flight}
"""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One side of the comparison: the medians of its rounds."""

    rows_per_second: float
    seconds: float
    cpu_per_1000: float
    peak_mib: float


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Another generator over the same questions at the same mock. `right` are the rows with their own answer; with `skipped`, why it
    could not be run, nothing else is told."""

    name: str
    skipped: str = ""
    side: Share | None = None
    ratio: float = 0.0
    right: int = 0
    one_row_seconds: float = 0.0


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `seodang bench speed generate`. CPU per 1,000 requests leaves out what a run of one row takes."""

    rows: int
    in_flight: int
    latency: str
    rounds: int
    bare: Share
    seodang: Share
    ratio: float
    one_row_bare_seconds: float
    one_row_seodang_seconds: float
    one_row_ratio: float
    faulty_rows: int
    faulty_requests: int
    faulty_seconds: float
    faulty_ratio: float
    peers: tuple[Peer, ...] = ()


def write_rows(path: Path, count: int, topic: str = "서당에서 배운 것") -> None:
    """So many different questions. A run that is given more of them begins with the same ones."""
    with path.open("w", encoding="utf-8") as lines:
        for number in range(count):
            question = f"{number}번째 질문입니다. {topic}에 대해 세 문장으로 설명해 주세요."
            lines.write(json.dumps({"instruction": question}, ensure_ascii=False) + "\n")


def write_recipe(directory: Path, url: str, in_flight: int) -> Path:
    recipe = directory / "recipe.toml"
    recipe.write_text(RECIPE.format(url=url, in_flight=in_flight), encoding="utf-8")
    return recipe


def checked_rows(run: Path, step: str = "answer") -> int:
    """How many rows a run has answered rightly. A wrong answer is an error: its speed would mean nothing."""
    rows = 0
    for record in seodang.open_run(run).records(step):
        if record.answer != answer_to(record.question):
            raise CommandFailed(f"{run}: the answer to {record.question!r} is another's")
        rows += 1
    return rows


class Comparison:
    """The two sides, each as a command, over the rows in one directory."""

    def __init__(self, directory: Path, in_flight: int) -> None:
        self.directory = directory
        self.in_flight = in_flight
        self._runs = 0

    def _place(self, name: str) -> Path:
        self._runs += 1
        place = self.directory / f"{self._runs:03}-{name}"
        place.mkdir()
        return place

    def bare(self, server: Vendor, rows: int) -> Taken:
        place = self._place("bare")
        write_rows(place / "rows.jsonl", rows)
        command = [
            sys.executable,
            "-m",
            "seodang_bench.bare_loop",
            server.url,
            "rows.jsonl",
            "journal.jsonl",
            str(self.in_flight),
        ]
        taken = run_measured(command, directory=place)
        written = len((place / "journal.jsonl").read_bytes().splitlines())
        if written != rows:
            raise CommandFailed(f"the bare loop wrote {written} of {rows} rows")
        return taken

    def seodang(self, server: Vendor, rows: int) -> Taken:
        place = self._place("seodang")
        write_rows(place / "rows.jsonl", rows)
        write_recipe(place, server.url, self.in_flight)
        taken = run_measured(
            [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet"], directory=place
        )
        if (right := checked_rows(place / "run")) != rows:
            raise CommandFailed(f"seodang answered {right} of {rows} rows")
        return taken

    def peer(self, server: Vendor, rows: int, name: str, python: Path) -> tuple[Taken, int]:
        """What it took, and how many rows it answered rightly."""
        place = self._place(name)
        write_rows(place / "rows.jsonl", rows)
        command = [str(python), str(script_of(name)), server.url, "rows.jsonl", "out.jsonl", str(self.in_flight)]
        taken = run_measured(command, directory=place)
        written = [json.loads(line) for line in (place / "out.jsonl").read_text(encoding="utf-8").splitlines()]
        return taken, sum(row["answer"].strip() == answer_to(row["prompt"]).strip() for row in written)


def compare(
    directory: Path, *, rows: int, in_flight: int, latency: str, rounds: int, peers: Mapping[str, Path] | None = None
) -> Generation:
    """All figures, in one go: about a minute for 2,000 rows and one round. `peers` are run beside it, each by its own Python."""
    sides = Comparison(directory, in_flight)
    refused = {name: why for name, python in (peers or {}).items() if (why := why_not(name, python))}
    running = {name: python for name, python in (peers or {}).items() if name not in refused}
    with vendor("0ms") as server:
        ones = [(sides.bare(server, 1), sides.seodang(server, 1)) for _ in range(START_ROUNDS)]
        peer_ones = {}
        for name in list(running):
            try:
                peer_ones[name] = sides.peer(server, FEWEST, name, running[name])[0]
            except CommandFailed as error:
                refused[name] = str(error).strip().splitlines()[-1]
                del running[name]
    one_bare, one_seodang = ([pair[side] for pair in ones] for side in (0, 1))
    with vendor(latency) as server:
        pairs = []
        peer_runs: dict[str, list[tuple[Taken, int]]] = {name: [] for name in running}
        for _ in range(rounds):
            pairs.append((sides.bare(server, rows), sides.seodang(server, rows)))
            for name, python in running.items():
                peer_runs[name].append(sides.peer(server, rows, name, python))
    bare = _share([pair[0] for pair in pairs], one_bare, rows)
    ours = _share([pair[1] for pair in pairs], one_seodang, rows)
    with vendor(latency, faults=FAULTS) as server:
        faulty = sides.seodang(server, rows)
        counts = server.counts()
    start_bare, start_ours = _median_seconds(one_bare), _median_seconds(one_seodang)
    return Generation(
        rows=rows,
        in_flight=in_flight,
        latency=latency,
        rounds=rounds,
        bare=bare,
        seodang=ours,
        ratio=ours.rows_per_second / bare.rows_per_second,
        one_row_bare_seconds=start_bare,
        one_row_seodang_seconds=start_ours,
        one_row_ratio=start_ours / start_bare,
        faulty_rows=rows,
        faulty_requests=counts.requests,
        faulty_seconds=faulty.seconds,
        faulty_ratio=faulty.seconds / ours.seconds,
        peers=(
            *(_peer(name, runs, peer_ones[name], rows, bare) for name, runs in peer_runs.items()),
            *(Peer(name=name, skipped=why) for name, why in refused.items()),
        ),
    )


def _peer(name: str, runs: Sequence[tuple[Taken, int]], one: Taken, rows: int, bare: Share) -> Peer:
    side = _share([taken for taken, _ in runs], [one], rows)
    right = min(right for _, right in runs)
    ratio = side.rows_per_second / bare.rows_per_second
    return Peer(name=name, side=side, ratio=ratio, right=right, one_row_seconds=one.seconds)


def _share(many: Sequence[Taken], ones: Sequence[Taken], rows: int) -> Share:
    start_cpu = statistics.median(taken.cpu_seconds for taken in ones)
    cpu = statistics.median(taken.cpu_seconds for taken in many)
    seconds = _median_seconds(many)
    return Share(
        rows_per_second=rows / seconds,
        seconds=seconds,
        cpu_per_1000=(cpu - start_cpu) / max(rows - 1, 1) * 1000,
        peak_mib=max(taken.peak_mib for taken in many),
    )


def _median_seconds(taken: Sequence[Taken]) -> float:
    return statistics.median(one.seconds for one in taken)
