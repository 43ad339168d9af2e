"""`seodang mock deepl`: the mock as a process."""

from __future__ import annotations

from collections.abc import Sequence

import click
from seodang.testing.mock_command import Wire, mock_options, shares_of
from seodang.wording import render

from seodang_deepl.mock import NO_QUOTA, MockDeepL, request_key
from seodang_deepl.mock_damage import DAMAGES
from seodang_deepl.mock_faults import FAULTS


@click.command("deepl", help=render("seodang_deepl:mock-help", {}))
@mock_options(port=8012, asked="requests")
@click.option("--damage", "damages", multiple=True, metavar="KIND:SHARE", help="Spoil a share of all texts, as in drop-tag:0.05.")
@click.option("--quota", type=click.IntRange(0), default=NO_QUOTA, help="So many characters may be translated; then 456.")
@click.option("--used", type=click.IntRange(0), default=0, show_default=True, help="So many of them are used already.")
@click.option("--key", default="", help="The only key that is let in; without it, any is.")
def command(wire: Wire, damages: Sequence[str], quota: int, used: int, key: str) -> None:
    try:
        mock = MockDeepL(
            latency=wire.latency,
            faults=wire.faults(FAULTS),
            damages=shares_of(damages, DAMAGES, "--damage"),
            retry_after=wire.retry_after,
            quota=quota,
            used=used,
            key=key,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--damage") from None

    counts = wire.serve(mock, key_of=request_key)
    if wire.as_json:
        return
    facts = {"requests": counts.requests, "texts": counts.payments, "characters": counts.charged.get("characters", 0)}
    click.echo(render("seodang_deepl:mock-served", {**facts, "most": counts.most_in_flight}))
    for kind, times in mock.damage_counts().items():
        click.echo(render("seodang_deepl:mock-damaged", {"kind": kind, "times": times}))
