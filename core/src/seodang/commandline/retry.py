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
    help="How it ended: length, refusal, content_filter, empty, in-doubt, … `seodang ledger RUN` counts them; or the code for which a "
    "step left rows out whose answers it could not use, such as no-verdict: `seodang show RUN` counts those.",
)
@click.option("--step", help="Only what this step asked.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Send these questions with another max_tokens, temperature, stop or extra.NAME. All others stay as the recipe says.",
)
@json_option
def command(run: Path, reasons: tuple[str, ...], step: str | None, settings: tuple[str, ...], as_json: bool) -> None:
    from seodang.errors import DataError
    from seodang.ledger.asking_again import retry
    from seodang.ledger.book import Book
    from seodang.ledger.changes import parse_changes
    from seodang.runs.costs import left_out_rows
    from seodang.runs.directory import RunDirectory
    from seodang.runs.opened import OpenedRun

    changes = parse_changes(settings)
    opened = RunDirectory.open(run)
    rows = [row for row in left_out_rows(OpenedRun(opened)) if step in (None, row.step)]
    with Book.open(opened.ledger) as book:
        there = book.reasons(opened.id, step) | book.asked_for(rows, opened.id)
    wanted = {reason.replace("_", "-") for reason in reasons}
    meant = [row for row in rows if row.code.replace("_", "-") in wanted]
    number = retry(opened.ledger, run=opened.id, reasons=reasons, step=step, left_out=meant, changes=changes)
    if as_json:
        print_json({"run": str(run), "reasons": reasons, "step": step, "settings": settings, "questions": number})
    elif number:
        click.echo(render("ledger.marked", {"number": number, "run": str(run)}))
    else:
        shown = ", ".join(f"{reason} ({count:,})" for reason, count in there.items())
        raise DataError("ledger.nothing-to-retry", run=str(run), reasons=", ".join(reasons), there=shown)
