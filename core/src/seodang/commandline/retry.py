"""`seodang retry`: asks again what was cut, refused or failed, when the recipe runs next."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.wording import render


@click.command("retry", help=render("commandline.retry", {}))
@click.argument("run", type=RUN)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    required=True,
    help="How it ended: length, refusal, content_filter, empty, in-doubt, … `seodang ledger RUN` counts them.",
)
@click.option("--step", help="Only what this step asked.")
@json_option
def command(run: Path, reasons: tuple[str, ...], step: str | None, as_json: bool) -> None:
    from seodang.errors import DataError
    from seodang.ledger.asking_again import retry
    from seodang.ledger.book import Book
    from seodang.runs.directory import RunDirectory

    opened = RunDirectory.open(run)
    with Book.open(opened.ledger) as book:
        there = book.reasons(opened.id, step)
    number = retry(opened.ledger, run=opened.id, reasons=reasons, step=step)
    if as_json:
        print_json({"run": str(run), "reasons": reasons, "step": step, "questions": number})
    elif number:
        click.echo(render("ledger.marked", {"number": number, "run": str(run)}))
    else:
        shown = ", ".join(f"{reason} ({count:,})" for reason, count in there.items())
        raise DataError("ledger.nothing-to-retry", run=str(run), reasons=", ".join(reasons), there=shown)
