"""`seodang mock naver`: the mock as a process."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import click
import msgspec
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import serve
from seodang.wording import render

from seodang_naver_kin.mock import DEFAULT_TOTAL, FAULTS, MockNaver, call_key


def _faults(seed: int, shares: Sequence[str], scripts: Sequence[str]) -> Faults:
    rates: dict[str, float] = {}
    for share in shares:
        kind, _, rate = share.rpartition(":")
        _known(kind, "--fault")
        try:
            rates[kind] = float(rate)
        except ValueError:
            raise click.BadParameter(f"'{share}': write KIND:SHARE, as in 429:0.10", param_hint="--fault") from None
    planned = {}
    for script in scripts:
        text, _, kinds = script.rpartition("=")
        planned[text] = kinds.split(",")
        for kind in planned[text]:
            if kind not in ("ok", "…"):
                _known(kind, "--script")
    try:
        return Faults(seed=seed, rates=rates, scripts=planned)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None


def _known(kind: str, option: str) -> None:
    if kind not in FAULTS:
        raise click.BadParameter(f"no fault is called '{kind}'. There are: {', '.join(FAULTS)}", param_hint=option)


def _latency(context: click.Context, parameter: click.Parameter, text: str) -> Latency:
    try:
        return Latency.parse(text)
    except ValueError:
        raise click.BadParameter(f"'{text}': write a duration as 200ms, 1.5s or 100ms-300ms") from None


@click.command("naver", help=render("seodang_naver_kin:mock-help", {}))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8012,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 takes a free one.",
)
@click.option("--latency", default="0ms", callback=_latency, help="How long an answer takes: 200ms, or 100ms-300ms.")
@click.option(
    "--fault", "shares", multiple=True, metavar="KIND:SHARE", help="Let a share of all attempts go wrong, as in 429:0.10."
)
@click.option(
    "--script",
    "scripts",
    multiple=True,
    metavar="TEXT=KIND,…",
    help="Let queries that contain TEXT go wrong, attempt by attempt.",
)
@click.option("--retry-after", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds that a 429 asks for.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which queries meet which faults.")
@click.option("--total", type=click.IntRange(0), default=DEFAULT_TOTAL, show_default=True, help="Results of every query.")
@click.option("--quota", type=click.IntRange(0), default=25_000, show_default=True, help="Calls that are answered in all.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON, by query too.")
def command(
    port: int,
    latency: Latency,
    shares: Sequence[str],
    scripts: Sequence[str],
    retry_after: float,
    seed: int,
    total: int,
    quota: int,
    as_json: bool,
) -> None:
    mock = MockNaver(latency=latency, faults=_faults(seed, shares, scripts), total=total, quota=quota, retry_after=retry_after)

    def announce(url: str) -> None:
        click.echo(json.dumps({"url": url}) if as_json else render("seodang_naver_kin:mock-serves", {"url": url}))

    try:
        counts = serve(mock, key_of=call_key, port=port, announce=announce)
    except OSError as error:
        raise click.ClickException(
            render("seodang_naver_kin:mock-no-port", {"port": port, "error": os.strerror(error.errno or 0)})
        ) from None
    if as_json:
        click.echo(msgspec.json.encode(counts).decode())
        return
    facts = {"requests": counts.requests, "calls": counts.payments, "most": counts.most_in_flight}
    click.echo(render("seodang_naver_kin:mock-served", facts))
