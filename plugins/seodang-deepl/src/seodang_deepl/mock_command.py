"""`seodang mock deepl`: the mock as a process."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import click
import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import serve
from seodang.wording import render

from seodang_deepl.mock import NO_QUOTA, MockDeepL, request_key
from seodang_deepl.mock_damage import DAMAGES
from seodang_deepl.mock_faults import FAULTS


def _shares(given: Sequence[str], known: Collection[str], option: str) -> dict[str, float]:
    shares: dict[str, float] = {}
    for each in given:
        kind, _, share = each.rpartition(":")
        _refuse_unknown(kind, known, option)
        try:
            shares[kind] = float(share)
        except ValueError:
            raise click.BadParameter(f"'{each}': write KIND:SHARE, as in {next(iter(known))}:0.05", param_hint=option) from None
    return shares


def _refuse_unknown(kind: str, known: Collection[str], option: str) -> None:
    if kind not in known:
        raise click.BadParameter(f"nothing is called '{kind}'. There are: {', '.join(known)}", param_hint=option)


def _faults(seed: int, shares: Sequence[str], scripts: Sequence[str]) -> Faults:
    planned = {}
    for script in scripts:
        text, _, kinds = script.rpartition("=")
        planned[text] = kinds.split(",")
        for kind in planned[text]:
            _refuse_unknown(kind, [*FAULTS, "ok", "…"], "--script")
    try:
        return Faults(seed=seed, rates=_shares(shares, FAULTS, "--fault"), scripts=planned)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None


def _latency(context: click.Context, parameter: click.Parameter, text: str) -> Latency:
    try:
        return Latency.parse(text)
    except ValueError:
        raise click.BadParameter(f"'{text}': write a duration as 200ms, 1.5s or 100ms-300ms") from None


@click.command("deepl", help=render("seodang_deepl:mock-help", {}))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8012,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 takes a free one.",
)
@click.option("--latency", default="0ms", callback=_latency, help="How long a request takes: 200ms, or 100ms-300ms.")
@click.option(
    "--fault", "shares", multiple=True, metavar="KIND:SHARE", help="Let a share of all attempts go wrong, as in 429:0.10."
)
@click.option(
    "--script",
    "scripts",
    multiple=True,
    metavar="TEXT=KIND,…",
    help="Let requests that contain TEXT go wrong, attempt by attempt.",
)
@click.option("--damage", "damages", multiple=True, metavar="KIND:SHARE", help="Spoil a share of all texts, as in drop-tag:0.05.")
@click.option("--retry-after", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds that a 429 asks for.")
@click.option("--quota", type=click.IntRange(0), default=NO_QUOTA, help="So many characters may be translated; then 456.")
@click.option("--used", type=click.IntRange(0), default=0, show_default=True, help="So many of them are used already.")
@click.option("--key", default="", help="The only key that is let in; without it, any is.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Which requests meet which faults, and which texts are spoilt."
)
@click.option(
    "--payments", type=click.Path(dir_okay=False, path_type=Path), help="Append a line for every billed text to this file."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON, by text too.")
def command(
    port: int,
    latency: Latency,
    shares: Sequence[str],
    scripts: Sequence[str],
    damages: Sequence[str],
    retry_after: float,
    quota: int,
    used: int,
    key: str,
    seed: int,
    payments: Path | None,
    as_json: bool,
) -> None:
    try:
        mock = MockDeepL(
            latency=latency,
            faults=_faults(seed, shares, scripts),
            damages=_shares(damages, DAMAGES, "--damage"),
            retry_after=retry_after,
            quota=quota,
            used=used,
            key=key,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--damage") from None

    def announce(url: str) -> None:
        click.echo(json.dumps({"url": url}) if as_json else render("seodang_deepl:mock-serves", {"url": url}))

    try:
        counts = serve(mock, key_of=request_key, port=port, payments_file=payments, announce=announce)
    except OSError as error:
        facts = {"port": port, "error": os.strerror(error.errno or 0)}
        raise click.ClickException(render("seodang_deepl:mock-no-port", facts)) from None
    if as_json:
        click.echo(msgspec.json.encode(counts).decode())
        return
    facts = {"requests": counts.requests, "texts": counts.payments, "characters": counts.charged.get("characters", 0)}
    click.echo(render("seodang_deepl:mock-served", {**facts, "most": counts.most_in_flight}))
    for kind, times in mock.damage_counts().items():
        click.echo(render("seodang_deepl:mock-damaged", {"kind": kind, "times": times}))
