"""`seodang bench watermark`: how surely a watermark is found, and how often where there is none."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from seodang.wording import render


@click.command("watermark", help=render("seodang_bench:watermark-help", {}))
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The model's folder. Default: one of random weights with 2,600 tokens, made for this.",
)
@click.option(
    "--texts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Texts by people, in a file that seeds could be read from.",
)
@click.option("--column", default="output", show_default=True, help="The column of --texts.")
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="How many of these texts, from the first on."
)
@click.option("--answers", type=click.IntRange(1), default=8, show_default=True, help="How many answers to make.")
@click.option(
    "--tokens", type=click.IntRange(2), default=200, show_default=True, help="The length of each, and the most of a text."
)
@click.option("--strength", type=click.FloatRange(0, 20, min_open=True), default=2.0, show_default=True, help="The watermark's.")
@click.option("--temperature", type=click.FloatRange(0, 2), default=1.0, show_default=True, help="Of the answers.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def watermark(
    model: Path | None,
    texts: Path | None,
    column: str,
    limit: int,
    answers: int,
    tokens: int,
    strength: float,
    temperature: float,
    as_json: bool,
) -> None:
    from seodang_bench.watermarks import measure, texts_of

    human = list(texts_of(texts, column, limit)) if texts else []
    found = measure(model, human, answers=answers, tokens=tokens, strength=strength, temperature=temperature)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    for name, side in (("marked", found.marked), ("plain", found.plain), ("human", found.human)):
        if side is not None:
            facts = {**msgspec.structs.asdict(side), "name": render(f"seodang_bench:watermark-{name}", {})}
            facts["median_p"], facts["worst_p"] = f"{side.median_p:.2g}", f"{side.worst_p:.2g}"
            click.echo(render("seodang_bench:watermark-line", facts))
    click.echo(render("seodang_bench:watermark-limit", {"limit": f"{found.limit:g}", "short": found.too_short}))
