"""`seodang bench speed translate`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

import click
import msgspec
from seodang.wording import render


@click.command("translate", help=render("seodang_bench:translate-help", {}))
@click.option("--rows", type=click.IntRange(1), default=10_000, show_default=True, help="How many rows like Alpaca's.")
@click.option("--in-flight", type=click.IntRange(1, 1024), default=8, show_default=True, help="Requests under way at once.")
@click.option("--latency", default="200ms", show_default=True, help="How long the mock takes for a request.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="Measure so often, and take the medians.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def translate(rows: int, in_flight: int, latency: str, rounds: int, as_json: bool) -> None:
    from seodang_bench.commandline import cores, say
    from seodang_bench.translation_speed import compare

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = compare(Path(directory), rows=rows, in_flight=in_flight, latency=latency, rounds=rounds)
    figures = {**msgspec.structs.asdict(found), "requests_ratio": found.requests_ratio}
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("translate", **figures)
