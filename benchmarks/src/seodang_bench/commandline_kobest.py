"""`seodang bench kobest`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from seodang.wording import render

from seodang_bench.commandline_kobest_speed import TASKS

PROTOCOLS = ("lmeval-1.0", "polyglot-2023")


def shots_of(text: str) -> tuple[int, ...]:
    """Numbers with commas between, as in 0,5,10,50."""
    try:
        found = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise click.BadParameter(render("seodang_bench:kobest-bad-shots", {"text": text}), param_hint="--shots") from None
    if min(found) < 0 or max(found) > 200:
        raise click.BadParameter(render("seodang_bench:kobest-bad-shots", {"text": text}), param_hint="--shots")
    return found


@click.command("kobest", help=render("seodang_bench:kobest-help", {}))
@click.option(
    "--model", "models", multiple=True, required=True, metavar="DIR", help="A directory, a .gguf file, or URL#NAME; repeatable."
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The folder with KoBEST's TSVs, as in BoolQ/test.tsv.",
)
@click.option("--task", "tasks", type=click.Choice(TASKS), multiple=True, help="Only this task; repeatable.")
@click.option("--shots", default="0", show_default=True, help="Examples before each item, as in 0,5,10,50.")
@click.option(
    "--protocol", "protocols", type=click.Choice(PROTOCOLS), multiple=True, default=PROTOCOLS[:1], show_default=True,
    help="How it is asked and counted; repeatable, a table each.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Only the first items of each task.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures to this file.")
@click.option("--items", "items_file", type=click.Path(dir_okay=False, path_type=Path), help="Write every item to this file.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the scores over the shots, as SVG.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "markdown", "latex"]), default="text", show_default=True,
    help="How the tables are printed.",
)  # fmt: skip
@click.option("--devices", default="", help="As torch calls them, with commas between: cuda:0,cuda:1. Default: the fastest.")
@click.option(
    "--dtype", type=click.Choice(["auto", "float32", "bfloat16", "float16"]), default="auto", show_default=True,
    help="The numbers to compute with; 'auto' are those that a model was saved in.",
)  # fmt: skip
@click.option(
    "--cells", type=click.Path(file_okay=False, path_type=Path), default=Path("kobest-cells"), show_default=True,
    help="Keeps what is finished: the same command goes on from there.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress.")
def kobest(
    models: tuple[str, ...],
    data: Path,
    tasks: tuple[str, ...],
    shots: str,
    protocols: tuple[str, ...],
    limit: int | None,
    json_file: Path | None,
    items_file: Path | None,
    picture: Path | None,
    form: Any,
    devices: str,
    dtype: str,
    cells: Path,
    quiet: bool,
) -> None:
    from seodang_bench.kobest import Wanted, measure
    from seodang_bench.kobest_tables import picture as drawn
    from seodang_bench.kobest_tables import written

    wanted = Wanted(
        models=models,
        data=data,
        tasks=tasks or TASKS,
        shots=shots_of(shots),
        protocols=tuple(dict.fromkeys(protocols)),
        limit=limit,
        devices=tuple(filter(None, devices.split(","))),
        dtype=dtype,
        cells=cells,
    )
    found = measure(wanted, quiet=quiet)
    if json_file:
        figures = {"tables": found.tables, "scores": found.scores, "students": found.students}
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    if items_file:
        items_file.write_bytes(b"".join(msgspec.json.encode(item) + b"\n" for item in found.items))
    for table in found.tables:
        if picture:
            # Two protocols never stand in one picture either.
            place = picture if len(found.tables) == 1 else picture.with_stem(f"{picture.stem}-{table.protocol}")
            place.write_text(drawn(table), encoding="utf-8")
        click.echo(written(table, form))
