"""A row that was left out, for a terminal: where it stands, why, and beside it what it collided with."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
import msgspec

from seodang.files.flaws import reason
from seodang.wording import one_line, printable, render

if TYPE_CHECKING:
    from seodang.records import Record
    from seodang.runs.left_out import Collided, LeftOut, Shown

SHOWN = 400
"""So many characters of a row: enough to judge by."""
INDENT, GAP = 4, 3
WIDEST = 160
NARROW = 56
"""On fewer columns two texts beside each other cannot be read: they stand one under the other."""


def print_counts(left_out: LeftOut, kind: str) -> None:
    """How many rows of how many, and how many for each reason."""
    manifest = left_out.manifest
    facts = {
        "step": manifest.step,
        "plugin": manifest.plugin,
        "count": sum(left_out.counts.values()),
        "came": manifest.rows.get("in", 0) + _made_up(manifest.rows),
    }
    click.echo(render(f"show.{kind}-of", facts))
    for code, count in left_out.counts.items():
        click.echo(f"  {count:>9,}  {one_line(code)}")


def _made_up(rows: Mapping[str, int]) -> int:
    """What the step has made, where some of it was not kept: then that is among what was dropped."""
    return rows["rejected"] + rows.get("made", 0) if rows.get("rejected") else 0


def print_shown(shown: Shown) -> None:
    row = shown.row
    why = reason(row["code"], row.get("detail", ""))
    # An id is kept whole and the line unbroken: both are copied and searched for.
    click.echo(f"\n{one_line(shown.where)}  {one_line(row['code'])}  {one_line(why)}".rstrip())
    left = text_of(row.get("record"), str(row.get("text", "")))
    if shown.collided is None:
        if left:
            click.echo("    " + printable(left).replace("\n", "\n    "))
        return
    click.echo(f"    {one_line(shown.collided.title)}:")
    for line in side_by_side(left, collided_text(shown.collided)):
        click.echo(f"    {line}")


def collided_text(collided: Collided) -> str:
    return text_of(collided.record, collided.text)


def record_text(record: Record) -> str:
    return text_of(msgspec.to_builtins(record))


def text_of(record: dict[str, object] | None, otherwise: str = "") -> str:
    """What was said in a record, a line a turn, as far as it is shown."""
    from seodang.runs.left_out import conversation

    said = [f"{role}: {_short(text)}" for role, text in conversation(record)]
    return "\n".join(said) if said else _short(otherwise)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


def side_by_side(left: str, right: str) -> list[str]:
    """Both texts in columns of equal breadth, measured in what each sign takes on a terminal: a syllable of Hangul takes two."""
    left, right = printable(left), printable(right)
    width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST) - INDENT
    if width < NARROW:
        return [*left.splitlines(), "", *right.splitlines()]
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(2):
        table.add_column(width=(width - GAP) // 2, overflow="fold")
    table.add_row(Text(left, tab_size=2), Text(right, tab_size=2))
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]
