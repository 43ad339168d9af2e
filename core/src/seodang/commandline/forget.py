"""`seodang forget`: removes a row and everything made from it."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.wording import render


@click.command("forget", help=render("commandline.forget", {}))
@click.argument("run", type=RUN)
@click.option("--id", "ids", multiple=True, help="The id of a record.")
@click.option("--url", "urls", multiple=True, help="The url that records came from.")
@json_option
def command(run: Path, ids: tuple[str, ...], urls: tuple[str, ...], as_json: bool) -> None:
    from seodang.runs.forgetting import forget_records

    if not ids and not urls:
        raise click.UsageError(render("forget.nothing-named", {}))
    forgotten = forget_records(run, ids, urls)
    if as_json:
        print_json(forgotten)
        return
    click.echo(render("forget.done", {"records": len(forgotten.records), "rows": forgotten.rows, "answers": forgotten.answers}))
    for student in forgotten.students:
        click.echo(render("forget.student", {"step": student}))
    click.echo(render("forget.source", {}))
