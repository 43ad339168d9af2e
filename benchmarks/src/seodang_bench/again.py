"""How fast a run is that has nothing to do: the same command once more, counted at the server that would be paid."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import msgspec

from seodang_bench.generation import checked_rows, write_recipe, write_rows
from seodang_bench.processes import CommandFailed, run_measured
from seodang_bench.vendors import vendor

PRICES = "input_price = 0.15\noutput_price = 0.6\n"
"""Money is counted at the end of every run; a free teacher would spare it the work."""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """`requests` is how many reached the server in all the repetitions together."""

    rows: int
    first_seconds: float
    seconds: float
    requests: int


def measure(directory: Path, *, rows: int, rounds: int = 5) -> Again:
    """The first run buys everything; the median of the others is what an unchanged run takes."""
    write_rows(directory / "rows.jsonl", rows)
    command = [sys.executable, "-m", "seodang", "run", "recipe.toml", "--run-dir", "run", "--quiet"]
    with vendor("0ms") as server:
        recipe = write_recipe(directory, server.url, 64)
        recipe.write_text(recipe.read_text(encoding="utf-8") + PRICES, encoding="utf-8")
        first = run_measured(command, directory=directory)
        bought = server.counts().requests
        taken = [run_measured(command, directory=directory).seconds for _ in range(rounds)]
        requests = server.counts().requests - bought
    if (right := checked_rows(directory / "run")) != rows:
        raise CommandFailed(f"seodang answered {right} of {rows} rows")
    return Again(rows=rows, first_seconds=first.seconds, seconds=statistics.median(taken), requests=requests)
