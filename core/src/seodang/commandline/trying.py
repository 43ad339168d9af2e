"""`seodang try`: the rehearsal. A few rows go down the real path, into the same ledger, before anybody pays for fifty thousand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seodang.commandline.beside import side_by_side
from seodang.commandline.options import RECIPE, RUN, json_option, print_json, print_table, settings_option
from seodang.commandline.training_shown import print_training
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.runs.rehearsal import Rehearsal


@click.command("try", help=render("commandline.try", {}))
@click.argument("recipe", type=RECIPE)
@click.option("--run-dir", type=RUN, help="The run that is rehearsed; its ledger is used. Default: runs/NAME.")
@settings_option
@click.option(
    "--step",
    "until",
    default="",
    metavar="NAME",
    help="Stop after this step; of a training, only what can be known before its first step. Default: the last before training.",
)
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    help="So many rows, drawn by the recipe's seed. Default: 5; before a training all, where they are there or nobody is asked.",
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
    rows: int | None,
    teachers: tuple[str, ...],
    max_cost: tuple[str, ...],
    allow_unknown_price: bool,
    as_json: bool,
) -> None:
    from seodang.ledger.money import parse_cap
    from seodang.runs.rehearsal import rehearse
    from seodang.runs.training_rehearsal import SAMPLE, is_training, rehearse_training

    wishes: Any = {
        "settings": settings,
        "caps": tuple(parse_cap(cost) for cost in max_cost),
        "allow_unknown_price": allow_unknown_price,
    }
    if until and not teachers and is_training(recipe, settings, until):
        training = rehearse_training(recipe, run_dir, step=until, rows=rows, **wishes)
        if as_json:
            print_json(training)
        else:
            print_training(training)
        return
    rehearsals = rehearse(recipe, run_dir, until=until, rows=rows or SAMPLE, teachers=teachers, **wishes)
    if as_json:
        print_json(rehearsals)
        return
    for row in rehearsals[0].seeds:
        click.echo(f"\n{row.id}")
        click.echo("  " + render("try.question", {}) + ": " + _shown(row.question))
        _print_fates([(_label(rehearsal), rehearsal.fates.get(row.id, [])) for rehearsal in rehearsals])
    click.echo()
    _print_costs(rehearsals)
    for rehearsal in rehearsals:
        name = f" ({rehearsal.teacher})" if rehearsal.teacher else ""
        money = ", ".join(f"{value} {currency}" for currency, value in rehearsal.spent.items()) or "0"
        click.echo(render("try.spent", {"name": name, "money": money, "run": str(rehearsal.run)}))


def _label(rehearsal: Rehearsal) -> str:
    return rehearsal.teacher or render("try.answer", {})


def _print_fates(columns: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Two teachers stand beside each other, others one under the other."""
    if len(columns) == 2:
        for line in side_by_side(*("\n".join([f"{label}:", *fates]) for label, fates in columns)):
            click.echo(f"    {line}".rstrip())
        return
    for label, fates in columns:
        for fate in fates:
            click.echo(f"  {label}: {_shown(fate)}")


def _print_costs(rehearsals: Sequence[Rehearsal]) -> None:
    """What the shown answers cost, also those that were bought earlier."""
    from seodang.ledger.money import format_amounts

    head = [render(f"try.{name}", {}) for name in ("teacher", "answers", "input-tokens", "output-tokens", "cost", "seconds")]
    rows = [
        [
            _label(rehearsal),
            f"{rehearsal.bought.answers:,}",
            f"{rehearsal.bought.input_tokens:,}",
            f"{rehearsal.bought.output_tokens:,}",
            format_amounts(rehearsal.bought.micro),
            f"{rehearsal.bought.seconds / max(1, rehearsal.bought.answers):.2f}",
        ]
        for rehearsal in rehearsals
    ]
    print_table(head, rows, right=range(1, 6))


def _shown(text: str) -> str:
    return printable(text).replace("\n", "\n      ")
