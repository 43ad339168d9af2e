"""`seodang bench report`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

import click
import msgspec
from seodang.wording import render

MEGABYTE = 1_000_000


@click.command("report", help=render("seodang_bench:report-help", {}))
@click.option("--rows", type=click.IntRange(1), default=50_000, show_default=True, help="How many rows the run has.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the run and its report in this new directory."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def report(rows: int, keep: Path | None, as_json: bool) -> None:
    from seodang_bench.commandline import cores, say
    from seodang_bench.report_size import measure

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        place = keep or Path(directory)
        place.mkdir(parents=True, exist_ok=True)
        found = measure(place, rows)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("report-size", rows=found.rows, megabytes=found.bytes / MEGABYTE, seconds=found.seconds, run_seconds=found.run_seconds)
