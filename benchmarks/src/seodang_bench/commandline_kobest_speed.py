"""`seodang bench speed kobest`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

import click
import msgspec
from seodang.wording import render

TASKS = ("boolq", "copa", "hellaswag", "sentineg", "wic")


@click.command("kobest", help=render("seodang_bench:kobest-speed-help", {}))
@click.option("--lmeval-python", default="", help="A Python in which lm-eval 0.4.13 is installed.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder with KoBEST's TSVs; else made-up items.",
)
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A model's directory; else one made up."
)
@click.option(
    "--shape", type=click.Choice(["gpt-neox", "llama"]), default="gpt-neox", show_default=True, help="Its architecture."
)
@click.option("--task", "tasks", type=click.Choice(TASKS), multiple=True, help="Only this task; repeatable.")
@click.option("--shots", default="0,5", show_default=True, help="Examples before each item.")
@click.option("--limit", type=click.IntRange(2), default=100, show_default=True, help="Items of each task.")
@click.option("--batch-tokens", type=click.IntRange(64), default=8192, show_default=True, help="Tokens at once, on both sides.")
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True, help="Measure so often, and take the fastest.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def kobest(
    lmeval_python: str,
    data: Path | None,
    model: Path | None,
    shape: str,
    tasks: tuple[str, ...],
    shots: str,
    limit: int,
    batch_tokens: int,
    rounds: int,
    as_json: bool,
) -> None:
    from seodang_bench.commandline import cores, say
    from seodang_bench.commandline_kobest import shots_of
    from seodang_bench.kobest_speed import race

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = race(
            Path(directory),
            data=data,
            model=model,
            shape=shape,
            tasks=tasks or TASKS,
            shots=shots_of(shots),
            limit=limit,
            batch_tokens=batch_tokens,
            rounds=rounds,
            lmeval_python=lmeval_python,
        )
    if as_json:
        cells = [{**msgspec.structs.asdict(cell), "speed": cell.speed, "memory": cell.memory} for cell in found.cells]
        click.echo(msgspec.json.encode({**msgspec.structs.asdict(found), "cells": cells}).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("kobest-speed-title", **msgspec.structs.asdict(found))
    for cell in found.cells:
        facts = {**msgspec.structs.asdict(cell), "task": cell.task.ljust(9), "speed": cell.speed, "memory": cell.memory}
        say("kobest-speed-both" if cell.speed is not None else "kobest-speed-alone", **facts)
    if not lmeval_python:
        say("kobest-no-harness")
