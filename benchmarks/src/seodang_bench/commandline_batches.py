"""`seodang bench batches`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import msgspec
from seodang.wording import render


@click.command("batches", help=render("seodang_bench:batches-help", {}))
@click.option("--kills", type=click.IntRange(1), default=50, show_default=True, help="How often a run is killed.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def batches(kills: int, as_json: bool) -> None:
    from seodang_bench.batch_kills import kill_around_submit
    from seodang_bench.commandline import say

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = kill_around_submit(Path(directory), kills)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        say("batches", **msgspec.structs.asdict(found))
