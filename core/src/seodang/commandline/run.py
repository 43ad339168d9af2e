"""`seodang run`: runs a recipe, or continues it."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RECIPE, RUN, json_option, print_json, settings_option
from seodang.wording import render


@click.command("run", help=render("commandline.run", {}))
@click.argument("recipe", type=RECIPE)
@click.option("--run-dir", type=RUN, help="Where the run is kept. Default: runs/NAME.")
@settings_option
@click.option("--max-cost", multiple=True, metavar="5USD", help="Never spend more than this, over all invocations of the run.")
@click.option("--step", "until", default="", metavar="NAME", help="Stop after this step.")
@click.option("--limit", type=click.IntRange(min=1), help="Read only so many records from each source of seeds.")
@click.option("--ledger", type=click.Path(path_type=Path, dir_okay=False), help="Share this book of paid calls with other runs.")
@click.option("--reuse", type=RUN, multiple=True, help="Take answers that this other run has paid for.")
@click.option("--allow-unknown-price", is_flag=True, help="Go on although nobody knows what a teacher costs.")
@click.option(
    "--quarantine-limit", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Exit with 8 above this share."
)
@click.option("--commercial", is_flag=True, help=render("commandline.commercial", {}))
@click.option("--locked", is_flag=True, help="Refuse other versions than those in the run's lock.toml.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes for filters. Default: one per core.")
@click.option("--quiet", is_flag=True, help="No progress; warnings are told all the same.")
@json_option
def command(
    recipe: Path,
    run_dir: Path | None,
    settings: tuple[str, ...],
    max_cost: tuple[str, ...],
    until: str,
    limit: int | None,
    ledger: Path | None,
    reuse: tuple[Path, ...],
    allow_unknown_price: bool,
    quarantine_limit: float,
    commercial: bool,
    locked: bool,
    workers: int | None,
    quiet: bool,
    as_json: bool,
) -> int:
    from seodang.ledger.money import parse_cap
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.runs.summary import print_summary, summary_of
    from seodang.traffic.clock import SystemClock

    clock = SystemClock()
    outcome = run_recipe(
        recipe,
        run_dir,
        settings=settings,
        wishes=Wishes(
            caps=tuple(parse_cap(cost) for cost in max_cost),
            reuse=reuse,
            ledger=ledger,
            until=until,
            limit=limit,
            allow_unknown_price=allow_unknown_price,
            quarantine_limit=quarantine_limit,
            locked=locked,
            commercial=commercial,
            workers=workers,
        ),
        progress=Progress(clock, quiet=quiet),
        clock=clock,
    )
    summary = summary_of(outcome.run)
    if as_json:
        print_json(summary)
    else:
        print_summary(summary)
        for step in outcome.over_limit:
            click.echo(render("runs.over-limit", {"step": step, "run": outcome.run}), err=True)
    return outcome.exit_code
