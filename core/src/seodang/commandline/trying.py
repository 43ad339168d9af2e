"""`seodang try`: the rehearsal. A few rows go down the real path, into the same ledger, before anybody pays for fifty thousand."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RECIPE, RUN, json_option, print_json, settings_option
from seodang.wording import printable, render


@click.command("try", help=render("commandline.try", {}))
@click.argument("recipe", type=RECIPE)
@click.option("--run-dir", type=RUN, help="The run that is rehearsed; its ledger is used. Default: runs/NAME.")
@settings_option
@click.option("--step", "until", default="", metavar="NAME", help="Stop after this step. Default: the last before training.")
@click.option(
    "--rows", type=click.IntRange(min=1), default=5, show_default=True, help="So many rows, drawn by the recipe's seed."
)
@click.option("--teacher", "teachers", multiple=True, help="Use this teacher; give two to compare them side by side.")
@click.option("--max-cost", multiple=True, metavar="5USD", help="Never spend more than this.")
@click.option("--allow-unknown-price", is_flag=True, help="Go on although nobody knows what a teacher costs.")
@json_option
def command(
    recipe: Path,
    run_dir: Path | None,
    settings: tuple[str, ...],
    until: str,
    rows: int,
    teachers: tuple[str, ...],
    max_cost: tuple[str, ...],
    allow_unknown_price: bool,
    as_json: bool,
) -> None:
    from seodang.ledger.money import parse_cap
    from seodang.runs.rehearsal import rehearse

    rehearsals = rehearse(
        recipe,
        run_dir,
        settings=settings,
        until=until,
        rows=rows,
        teachers=teachers,
        caps=tuple(parse_cap(cost) for cost in max_cost),
        allow_unknown_price=allow_unknown_price,
    )
    if as_json:
        print_json(rehearsals)
        return
    for row in rehearsals[0].seeds:
        click.echo(f"\n{row.id}")
        click.echo("  " + render("try.question", {}) + ": " + _shown(row.question))
        for rehearsal in rehearsals:
            label = rehearsal.teacher or render("try.answer", {})
            for fate in rehearsal.fates.get(row.id, ()):
                click.echo(f"  {label}: {_shown(fate)}")
    for rehearsal in rehearsals:
        name = f" ({rehearsal.teacher})" if rehearsal.teacher else ""
        money = ", ".join(f"{value} {currency}" for currency, value in rehearsal.spent.items()) or "0"
        click.echo("\n" + render("try.spent", {"name": name, "money": money, "run": str(rehearsal.run)}))


def _shown(text: str) -> str:
    return printable(text).replace("\n", "\n      ")
