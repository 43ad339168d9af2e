"""`seodang bench ab`: people compare two systems blind, in the browser, on this computer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec
from seodang.wording import render

_PLACE = click.Path(exists=True, path_type=Path)


@click.command("ab", help=render("seodang_bench:ab-help", {}))
@click.argument("a", type=_PLACE)
@click.argument("b", type=_PLACE)
@click.option("--items", "questions", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The questions.")
@click.option(
    "--votes",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("runs/ab.jsonl"),
    show_default=True,
    help="Where votes are kept.",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many questions.")
@click.option("--max-tokens", type=click.IntRange(1), default=512, show_default=True, help="The longest answer, in tokens.")
@click.option("--language", default="ko", show_default=True, help="The language of the questions.")
@click.option("--seed", default=0, show_default=True, help="Draws who stands left.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The page's port. Default: any that is free.")
@click.option("--browser/--no-browser", default=True, help="Open the page.")
@click.option("--figures", is_flag=True, help="Show no page, only what the votes come to.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def ab(a: Path, b: Path, votes: Path, seed: int, port: int, browser: bool, figures: bool, as_json: bool, **wishes: Any) -> None:
    from seodang.commandline.review import show_page

    from seodang_bench.blind import Blind, Standing, read_votes, standing
    from seodang_bench.blind_items import items_of

    systems = names_of(a, b)
    if not figures:
        votes.parent.mkdir(parents=True, exist_ok=True)
        blind = Blind(items_of(a, b, work=votes.parent / f"{votes.stem}-answers", **wishes), votes, seed, systems)
        show_page(blind.page(), blind.verbs(), port, browser)
    found: Standing | None = standing(read_votes(votes, systems)) if votes.is_file() else None
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    elif found is None:
        click.echo(render("seodang_bench:blind-no-votes", {}))
    else:
        _print(found, *systems)


def names_of(a: Path, b: Path) -> tuple[str, str]:
    """What the two are called; with the folder where they would be called the same."""
    a, b = a.absolute(), b.absolute()
    return (a.name, b.name) if a.name != b.name else (f"{a.parent.name}/{a.name}", f"{b.parent.name}/{b.name}")


def _print(found: Any, a: str, b: str) -> None:
    from seodang_bench.commandline import say

    facts = msgspec.structs.asdict(found)
    say("blind-wins", **{**facts, "a": a, "b": b})
    say("blind-share", a=a, share=100 * found.share, low=100 * found.low, high=100 * found.high, items=found.items)
    if found.agreement is not None:
        say(
            "blind-agreement",
            agreement=100 * found.agreement,
            alpha=found.alpha,
            raters=json.dumps(found.raters, ensure_ascii=False),
        )
