"""`seodang bench speed train`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

import click
import msgspec
from seodang.wording import render

PAIRS = (("seodang packing", "trl default"), ("seodang packing", "trl packing"), ("seodang default", "trl default"))


@click.command("train", help=render("seodang_bench:train-help", {}))
@click.option(
    "--rows", type=click.IntRange(16), default=2000, show_default=True, help="How many rows of Korean, skewed in length."
)
@click.option("--layers", type=click.IntRange(1), default=4, show_default=True, help="Layers of the model; the width is 256.")
@click.option("--shape", type=click.Choice(["llama", "gpt-neox"]), default="llama", show_default=True, help="Its architecture.")
@click.option("--trl-python", default="", help="A Python in which TRL is installed.")
@click.option(
    "--steps",
    type=click.IntRange(0),
    default=150,
    show_default=True,
    help="Steps that are timed beside bare torch; 0 leaves it out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def train(rows: int, layers: int, shape: str, trl_python: str, steps: int, as_json: bool) -> None:
    from seodang_bench.commandline import cores, say
    from seodang_bench.step_overhead import overhead
    from seodang_bench.training import race

    with tempfile.TemporaryDirectory(prefix="seodang-bench-") as directory:
        found = race(Path(directory), shape=shape, layers=layers, rows=rows, trl_python=trl_python)
    extra = overhead(steps) if steps else None
    ratios = {f"{ours} / {theirs}": (found.ratio(ours, theirs), found.memory(ours, theirs)) for ours, theirs in PAIRS}
    if as_json:
        click.echo(msgspec.json.encode({**msgspec.structs.asdict(found), "ratios": ratios, "step": extra}).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    say("train-title", **msgspec.structs.asdict(found))
    for side in found.sides:
        say("train-side", **{**msgspec.structs.asdict(side), "name": side.name.ljust(15)})
    if extra:
        say("train-overhead", **msgspec.structs.asdict(extra))
    if not trl_python:
        say("train-no-trl")
        return
    for name, (speed, memory) in ratios.items():
        say("train-ratio", name=name.ljust(33), speed=speed, memory=memory)
