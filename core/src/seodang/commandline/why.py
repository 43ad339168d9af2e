"""`seodang why`: why a step will run again, or what became of a record."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.wording import printable, render


@click.command("why", help=render("commandline.why", {}))
@click.argument("run", type=RUN)
@click.argument("record", required=False, metavar="[ID]")
@click.option("--recipe", type=click.Path(path_type=Path, dir_okay=False), help="The recipe, where it was moved.")
@json_option
def command(run: Path, record: str | None, recipe: Path | None, as_json: bool) -> None:
    if record is None:
        _steps(run, recipe, as_json)
    else:
        _record(run, record, as_json)


def _steps(run: Path, recipe: Path | None, as_json: bool) -> None:
    from seodang.commandline.plan import print_changes
    from seodang.errors import DataError
    from seodang.plugins.loading import load_plugins
    from seodang.recipes.reading import read_recipe
    from seodang.recipes.resolving import resolve
    from seodang.runs.directory import RunDirectory
    from seodang.runs.forecast import forecast

    directory = RunDirectory.open(run)
    place = recipe or Path(directory.lock.get("recipe_path", ""))
    if not place.is_file():
        raise DataError("runs.no-recipe", run=str(run), path=str(place))
    offers = load_plugins()
    read = read_recipe(place, directory.lock.get("settings", ()))
    found = forecast(read, resolve(read, offers), offers, run, allow_unknown_price=True)
    if as_json:
        print_json(found.steps)
        return
    for step in found.steps:
        click.echo(f"{step.number} {step.verb} {step.name}: {render(f'plan.{step.state}', {})}")
        print_changes(step)


def _record(run: Path, record: str, as_json: bool) -> None:
    from seodang.commandline.beside import collided_text
    from seodang.errors import DataError
    from seodang.records import Record
    from seodang.runs.left_out import Shown, collided
    from seodang.runs.opened import open_run

    opened = open_run(run)
    story = opened.origin(record)
    if not story:
        raise DataError("runs.no-such-record", run=str(run), id=record)
    told = [
        (step, fate, row if isinstance(row, Record) else Shown(row, collided(opened, step, row))) for step, fate, row in story
    ]
    if as_json:
        rows = [row if isinstance(row, Record) else row.told() for _, _, row in told]
        print_json([{"step": step, "fate": fate, "row": row} for (step, fate, _), row in zip(told, rows, strict=True)])
        return
    for step, fate, row in told:
        if isinstance(row, Record):
            last = row.messages[-1] if row.messages else None
            detail = f"{last.role}: {printable(last.text[:120])}" if last else ""
        else:
            detail = f"{row.row.get('code', '')} {printable(row.row.get('detail', ''))}".strip()
        click.echo(f"{step}: {render(f'show.{fate}', {})}  {detail}")
        if isinstance(row, Shown) and row.collided:
            text = printable(collided_text(row.collided)).replace("\n", "\n      ")
            click.echo(f"    {row.collided.title}:\n      {text}")
