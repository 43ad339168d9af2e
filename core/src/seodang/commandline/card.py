"""`seodang card`: the dataset card of a run."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN
from seodang.wording import render


@click.command("card", help=render("commandline.card", {}))
@click.argument("run", type=RUN)
def command(run: Path) -> None:
    from seodang.reports.card import write_card

    click.echo(render("report.written", {"path": write_card(run)}))
