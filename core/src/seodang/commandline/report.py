"""`seodang report`: the report of a run, or of several compared."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN
from seodang.wording import render


@click.command("report", help=render("commandline.report", {}))
@click.argument("runs", type=RUN, nargs=-1, required=True, metavar="RUN…")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it. Default: RUN/report.html.")
def command(runs: tuple[Path, ...], output: Path | None) -> None:
    from seodang.reports.report import write_report

    click.echo(render("report.written", {"path": write_report(runs, output)}))
