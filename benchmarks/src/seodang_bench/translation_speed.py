"""How fast seodang translates: the whole command against a bare loop of full batches, on one mock of DeepL, in one run."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import msgspec
import seodang
from seodang_deepl.mock_wire import MOST_TEXTS

from seodang_bench.alpaca_rows import write_alpaca_rows
from seodang_bench.processes import CommandFailed, Taken, run_measured
from seodang_bench.vendors import Vendor, vendor

RECIPE = """[recipe]
name = "speed"
language = "ko"

[[step]]
seeds = "handcrafted"
path = "rows.jsonl"

[[step]]
translate = "deepl"
name = "translate"
languages = ["en"]
language_tasks = "translate"
server_url = "{url}"
in_flight = {in_flight}
"""


class Translating(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of `seodang bench speed translate`. Both sides are whole processes; `ratio` is the bare loop's time by seodang's.

    `least_requests` is what the limits allow for the texts that seodang sent, which are paragraphs and items of lists.
    """

    rows: int
    in_flight: int
    latency: str
    rounds: int
    bare_seconds: float
    bare_requests: int
    seodang_seconds: float
    seodang_cpu_seconds: float
    peak_mib: float
    ratio: float
    texts: int
    characters: int
    requests: int
    least_requests: int
    set_aside: int

    @property
    def requests_ratio(self) -> float:
        return self.requests / self.least_requests


class Comparison:
    """The two sides, each as a command with a mock of its own, over the rows in one directory."""

    def __init__(self, directory: Path, *, rows: int, in_flight: int, latency: str) -> None:
        self._directory = directory
        self._rows = rows
        self._in_flight = in_flight
        self._latency = latency
        self._runs = 0
        self.set_aside = 0

    def _place(self, name: str) -> Path:
        self._runs += 1
        place = self._directory / f"{self._runs:03}-{name}"
        place.mkdir()
        write_alpaca_rows(place / "rows.jsonl", self._rows)
        return place

    def bare(self) -> tuple[Taken, Vendor]:
        place = self._place("bare")
        with vendor(self._latency, mock="deepl") as server:
            module = [sys.executable, "-m", "seodang_bench.bare_translation"]
            taken = run_measured([*module, server.url, "rows.jsonl", "journal.jsonl", str(self._in_flight)], directory=place)
        return taken, server

    def seodang(self) -> tuple[Taken, Vendor]:
        place = self._place("seodang")
        with vendor(self._latency, mock="deepl") as server:
            recipe = RECIPE.format(url=server.url, in_flight=self._in_flight)
            (place / "recipe.toml").write_text(recipe, encoding="utf-8")
            command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet"]
            # 8: rows that a check has set aside are told of below, and are no reason to measure nothing.
            taken = run_measured(command, directory=place, expected=(0, 8))
        kept = sum(record.language == "ko" for record in seodang.open_run(place / "run").records("translate"))
        self.set_aside = self._rows - kept
        if self.set_aside > self._rows / 100:
            raise CommandFailed(f"only {kept} of {self._rows} rows were translated")
        return taken, server


def compare(directory: Path, *, rows: int, in_flight: int, latency: str, rounds: int) -> Translating:
    """All figures, in alternating rounds, because only the ratios of one machine at one time mean anything."""
    sides = Comparison(directory, rows=rows, in_flight=in_flight, latency=latency)
    pairs = [(sides.bare(), sides.seodang()) for _ in range(rounds)]
    bare = statistics.median(taken.seconds for (taken, _), _ in pairs)
    ours = statistics.median(taken.seconds for _, (taken, _) in pairs)
    counts = pairs[-1][1][1].counts()
    return Translating(
        rows=rows,
        in_flight=in_flight,
        latency=latency,
        rounds=rounds,
        bare_seconds=bare,
        bare_requests=pairs[-1][0][1].counts().requests,
        seodang_seconds=ours,
        seodang_cpu_seconds=statistics.median(taken.cpu_seconds for _, (taken, _) in pairs),
        peak_mib=max(taken.peak_mib for _, (taken, _) in pairs),
        ratio=bare / ours,
        texts=counts.payments,
        characters=counts.charged["characters"],
        requests=counts.requests,
        least_requests=-(-counts.payments // MOST_TEXTS),
        set_aside=sides.set_aside,
    )
