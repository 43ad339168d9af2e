"""`seodang show`: a run in numbers, or the rows of a step."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from seodang.commandline.options import RUN, json_option, print_json
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.records import Record
    from seodang.runs.left_out import Kind
    from seodang.runs.opened import OpenedRun


@click.command("show", help=render("commandline.show", {}))
@click.argument("run", type=RUN)
@click.argument("step", required=False)
@click.option("--dropped", "which", flag_value="dropped", help="The rows that were dropped, with the reason.")
@click.option("--quarantined", "which", flag_value="quarantined", help="The rows that were set aside, with the reason.")
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="So many rows, of each reason where they were left out; 0 is all.",
)
@json_option
def command(run: Path, step: str | None, which: Kind | None, rows: int, as_json: bool) -> None:
    from seodang.runs.opened import open_run
    from seodang.runs.summary import print_summary, summary_of

    if step is None and which is None:
        summary = summary_of(run)
        if as_json:
            print_json(summary)
        else:
            print_summary(summary)
        return
    opened = open_run(run)
    names = [step] if step else [summary.name for summary in summary_of(run).steps]
    if which:
        _left_out(opened, names, which, rows, as_json)
        return
    for name in names:
        _print_scores(opened, name, as_json)
        records = opened.records(name)
        for record in islice(records, rows) if rows else records:
            if as_json:
                click.echo(msgspec.json.encode(record).decode())
            else:
                _print_record(record)


def _print_scores(opened: OpenedRun, name: str, as_json: bool) -> None:
    """What an evaluation found, each figure with its interval; the protocol where it begins to hold."""
    protocol = None
    for score in opened.scores(name):
        if as_json:
            click.echo(msgspec.json.encode(score).decode())
            continue
        if score.protocol != protocol:
            protocol = score.protocol
            click.echo(printable(protocol))
        bounds = "" if score.low is None or score.high is None else f"  [{score.low:.3f}, {score.high:.3f}]"
        click.echo(f"  {printable(score.student)}  {printable(score.name)}  {score.value:.3f}{bounds}  n = {score.count}")


def _left_out(opened: OpenedRun, names: list[str], which: Kind, rows: int, as_json: bool) -> None:
    """For people, the counts of every reason and then rows of each; for programs, a row a line as they came."""
    from seodang.commandline.beside import print_counts, print_shown
    from seodang.runs.left_out import LeftOut

    found = [LeftOut(opened, name, which, rows) for name in names]
    if as_json:
        for left_out in found:
            for shown in left_out.rows():
                click.echo(msgspec.json.encode(shown.told()).decode())
        return
    left_something = [left_out for left_out in found if left_out.counts]
    for place, left_out in enumerate(left_something):
        if place:
            click.echo()
        print_counts(left_out, which)
        for code in left_out.counts:
            for shown in left_out.rows(code):
                print_shown(shown)
    if not left_something:
        click.echo(render(f"show.nothing-{which}", {}))
    elif rows and any(count > rows for left_out in left_something for count in left_out.counts.values()):
        click.echo("\n" + render("show.more", {"rows": rows}))


def _print_record(record: Record) -> None:
    click.echo(f"{record.id}  {record.source}  {record.language}")
    for message in record.messages:
        click.echo(f"  {message.role}: " + printable(message.text).replace("\n", "\n    "))
    if record.input:
        click.echo("  input: " + printable(record.input))
