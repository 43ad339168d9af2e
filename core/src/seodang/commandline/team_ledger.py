"""`seodang ledger DIR…` over all runs below: what a team has spent, by run, by teacher and by month."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seodang.commandline.options import print_json, print_table
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.ledger.team import Share

COLUMNS = ("requests", "answers", "input-tokens", "output-tokens", "spent")


def show_team(directories: Sequence[Path], *, as_json: bool) -> None:
    from seodang.ledger.team import runs_below, team_spending

    found = team_spending(runs_below(directories))
    if as_json:
        print_json(found)
        return
    for name, shares in (("run", found.runs), ("teacher", found.teachers), ("month", found.months)):
        head = [render(f"ledger.{column}", {}) for column in (name, *COLUMNS)]
        print_table(head, [_cells(share) for share in shares], right=range(1, 6))
        click.echo()
    print_table(
        [render(f"ledger.{column}", {}) for column in ("total", *COLUMNS)],
        [[render("ledger.runs", {"number": len(found.runs)}), *_cells(found.total)[1:]]],
        right=range(1, 6),
    )
    if found.copied:
        click.echo(render("ledger.copied", {"number": found.copied}))


def _cells(share: Share) -> list[str]:
    from seodang.ledger.money import format_amounts

    counts = (share.requests, share.answers, share.input_tokens, share.output_tokens)
    return [printable(share.name), *(f"{number:,}" for number in counts), format_amounts(share.spent_micro)]
