"""`seodang show`: a run in numbers, or the rows of a step."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from seodang.commandline.options import RUN, json_option, print_json
from seodang.files.flaws import reason
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.records import Record


@click.command("show", help=render("commandline.show", {}))
@click.argument("run", type=RUN)
@click.argument("step", required=False)
@click.option("--dropped", "which", flag_value="dropped", help="The rows that were dropped, with the reason.")
@click.option("--quarantined", "which", flag_value="quarantined", help="The rows that were set aside, with the reason.")
@click.option("--rows", type=click.IntRange(min=0), default=5, show_default=True, help="So many rows.")
@json_option
def command(run: Path, step: str | None, which: str | None, rows: int, as_json: bool) -> None:
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
    for name in names:
        lines: Iterable[Any] = opened.records(name)
        if which:
            lines = opened.dropped(name) if which == "dropped" else opened.quarantined(name)
        for line in islice(lines, rows) if rows else lines:
            if as_json:
                click.echo(msgspec.json.encode(line).decode())
            elif which:
                _print_refused(name, line)
            else:
                _print_record(line)


def _print_refused(step: str, line: dict[str, Any]) -> None:
    where = line.get("where") or line.get("record", {}).get("id", "")
    click.echo(f"{step}  {where}  {line['code']}  {printable(reason(line['code'], line.get('detail', '')))}")
    text = line.get("text") or "\n".join(message["text"] for message in line.get("record", {}).get("messages", ()))
    if text:
        click.echo("    " + printable(text[:400]).replace("\n", "\n    "))


def _print_record(record: Record) -> None:
    click.echo(f"{record.id}  {record.source}  {record.language}")
    for message in record.messages:
        click.echo(f"  {message.role}: " + printable(message.text).replace("\n", "\n    "))
    if record.input:
        click.echo("  input: " + printable(record.input))
