"""`seodang bench study`: what more data and what a larger base would bring, in style and in right answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from seodang.wording import render

COLUMNS = ("style", "style closure", "capability", "capability closure", "imitation index")


@click.command("study", help=render("seodang_bench:study-help", {}))
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sizes", default="1/8,1/4,1/2,1", show_default=True, help="The shares of the data, each within the next.")
@click.option(
    "--bases", default="", help="Models, or options of the training as in width=32+layers=2. Default: the recipe's own."
)
@click.option(
    "--set", "settings", multiple=True, metavar="STEP.OPTION=VALUE", help="Change an option of the recipe in every run."
)
@click.option("--max-cost", multiple=True, metavar="5USD", help="Never spend more than this, over all runs.")
@click.option(
    "--run-dir", type=click.Path(path_type=Path), default=Path("runs/study"), show_default=True, help="Where the runs are kept."
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def study(
    recipe: Path,
    sizes: str,
    bases: str,
    settings: tuple[str, ...],
    max_cost: tuple[str, ...],
    run_dir: Path,
    quiet: bool,
    as_json: bool,
) -> None:
    from seodang.files.durable import write_durably

    from seodang_bench.study_verdicts import limits_of, picture
    from seodang_bench.studying import run_study, sizes_of

    cells = run_study(
        recipe,
        run_dir,
        sizes=sizes_of(sizes),
        bases=tuple(dict.fromkeys(filter(None, (base.strip() for base in bases.split(","))))),
        settings=settings,
        caps=max_cost,
        quiet=quiet,
    )
    limits = limits_of(cells)
    titles = {name: render(f"seodang_bench:study-drawn-{name}", {}) for name in ("style", "capability")}
    words = [render(f"seodang_bench:study-{name}", {}) for name in ("floor", "teacher", "ceiling")]
    drawn = run_dir / "study.svg"
    write_durably(drawn, picture(cells, titles, *words).encode())
    if as_json:
        shown = [
            {
                **{name: getattr(cell, name) for name in ("base", "size", "rows", "parameters")},
                "scores": list(cell.student.scores.values()),
                "floor": list(cell.floor.scores.values()),
                "ceiling": list(cell.ceiling.values()),
            }
            for cell in cells
        ]
        figures = {"cells": shown, "limits": limits, "rule": render("seodang_bench:study-rule", {}), "picture": str(drawn)}
        click.echo(msgspec.json.encode(figures).decode())
        return
    print_cells(cells, limits, drawn)


def print_cells(cells: Any, limits: Any, drawn: Path) -> None:
    from seodang.commandline.options import print_table

    from seodang_bench.commandline import say

    head = [render(f"seodang_bench:study-{name}", {}) for name in ("base", "size", "rows", "parameters")]
    head += [render(f"seodang_bench:study-{name.replace(' ', '-')}", {}) for name in COLUMNS]
    rows = [
        [
            cell.base,
            cell.size,
            f"{cell.rows:,}",
            f"{cell.parameters:,}",
            *(_shown(cell.student.scores.get(name)) for name in COLUMNS),
        ]
        for cell in cells
    ]
    print_table(head, rows, right=tuple(range(2, len(head))))
    for cell in cells:
        if only_style_moved(cell):
            say("study-only-style", base=cell.base, size=cell.size)
    for name in ("rows", "parameters", "style_rows", "style_parameters"):
        slope = getattr(limits, name)
        if slope is not None:
            say(f"study-slope-{name.replace('_', '-')}", value=slope.value, low=slope.low, high=slope.high)
    say(f"study-{limits.verdict}")
    say("study-rule")
    say("study-picture", path=str(drawn))


def only_style_moved(cell: Any) -> bool:
    """As the run has said: whoever looks at the table later has to see it, too."""
    index = cell.student.scores.get("imitation index")
    return index is not None and bool(index.facts.get("only style moved"))


def _shown(score: Any) -> str:
    if score is None:
        return "–"
    return f"{score.value:.3f}" if score.low is None else f"{score.value:.3f} [{score.low:.2f}, {score.high:.2f}]"
