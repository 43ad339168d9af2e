"""`seodang bench filters` and `seodang bench contamination`: what the filters find of errors that are known."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from seodang.wording import render


@click.command("filters", help=render("seodang_bench:planted-help", {}))
@click.argument("names", nargs=-1)
@click.option("--seed", default=0, show_default=True, help="Which rows are drawn.")
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The directory with the published data sets whose rows are labelled.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def planted(names: tuple[str, ...], seed: int, shared: Path | None, as_json: bool) -> None:
    from seodang_bench.commandline import say
    from seodang_bench.filters import check_names, measure_all, measure_contamination, measure_korean, measure_labelled

    check_names(names)
    figures = measure_all(names, seed)
    if shared:
        figures += measure_labelled(shared, names) + measure_korean(shared, names) + measure_contamination(shared, names, seed)
    if as_json:
        rows = [{**msgspec.structs.asdict(one), "precision": one.precision, "recall": one.recall} for one in figures]
        click.echo(msgspec.json.encode(rows).decode())
        return
    say("planted-title")
    for one in figures:
        name, code = f"{one.filter} ({one.language})".ljust(22), one.code.ljust(22)
        facts = {
            **msgspec.structs.asdict(one),
            "filter": name,
            "code": code,
            "rows": render(f"seodang_bench:planted-{one.rows}", {}),
        }
        say("planted-row", **facts, precision=one.precision, recall=one.recall)
    if shared is None:
        say("planted-unlabelled")


@click.command("contamination", help=render("seodang_bench:contamination-help", {}))
@click.argument("benchmark", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def contamination(benchmark: Path, as_json: bool) -> None:
    from seodang_bench.commandline import say
    from seodang_bench.contamination_errors import noise

    figures = noise(benchmark)
    if as_json:
        click.echo(msgspec.json.encode(figures).decode())
        return
    for one in figures:
        reached = ", ".join(f"{share}: {count:,}" for share, count in one.reached.items())
        say("noise", **{**msgspec.structs.asdict(one), "task": one.task.ljust(10), "reached": reached})
