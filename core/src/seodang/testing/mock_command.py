"""What every `seodang mock NAME` shares: the options of a fake vendor, how they are read, and how it is served and counted.

@click.command("papago", help=…)
@mock_options(port=8014, asked="texts")
@click.option("--quota", …)
def command(wire: Wire, quota: int) -> None:
    mock = MockPapago(latency=wire.latency, faults=wire.faults(FAULTS), quota=quota)
    counts = wire.serve(mock, key_of=request_key)
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import Counts, Handler, KeyOf, serve
from seodang.wording import render


@dataclass(frozen=True, kw_only=True)
class Wire:
    """What the person wants of the server, whatever it fakes."""

    port: int
    latency: Latency
    shares: Sequence[str]
    scripts: Sequence[str]
    retry_after: float
    seed: int
    payments: Path | None
    as_json: bool

    def faults(self, known: Collection[str]) -> Faults:
        """`--fault` and `--script`, of which each kind is one that the fake can do."""
        planned = {}
        for script in self.scripts:
            text, _, kinds = script.rpartition("=")
            planned[text] = kinds.split(",")
            for kind in planned[text]:
                if kind not in ("ok", "…"):
                    _refuse_unknown(kind, known, "--script")
        try:
            return Faults(seed=self.seed, rates=shares_of(self.shares, known, "--fault"), scripts=planned)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--fault") from None

    def serve(self, handler: Handler, *, key_of: KeyOf, path: str = "") -> Counts:
        """Until Ctrl-C. Says where; with `--json` the counts are printed here, and otherwise left to the command."""

        def announce(url: str) -> None:
            address = url + path
            click.echo(json.dumps({"url": address}) if self.as_json else render("commandline.mock-serves", {"url": address}))

        try:
            counts = serve(handler, key_of=key_of, port=self.port, payments_file=self.payments, announce=announce)
        except OSError as error:
            facts = {"port": self.port, "error": os.strerror(error.errno or 0)}
            raise click.ClickException(render("commandline.mock-no-port", facts)) from None
        if self.as_json:
            click.echo(msgspec.json.encode(counts).decode())
        return counts


def shares_of(given: Sequence[str], known: Collection[str], option: str) -> dict[str, float]:
    """`KIND:SHARE` of an option that may be repeated."""
    shares: dict[str, float] = {}
    for each in given:
        kind, colon, share = each.rpartition(":")
        if colon:
            _refuse_unknown(kind, known, option)
        try:
            shares[kind] = float(share if colon else "")
        except ValueError:
            raise click.BadParameter(f"'{each}': write KIND:SHARE, as in {next(iter(known))}:0.10", param_hint=option) from None
    return shares


def _refuse_unknown(kind: str, known: Collection[str], option: str) -> None:
    if kind not in known:
        raise click.BadParameter(f"nothing is called '{kind}'. There are: {', '.join(known)}", param_hint=option)


def _latency(context: click.Context, parameter: click.Parameter, text: str) -> Latency:
    try:
        return Latency.parse(text)
    except ValueError:
        raise click.BadParameter(f"'{text}': write a duration as 200ms, 1.5s or 100ms-300ms") from None


def mock_options(*, port: int, asked: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of every fake; the command gets them as one `Wire`. `asked` is what it is asked with: prompts, texts, queries."""
    options = (
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=port,
            show_default=True,
            help="Where to listen on 127.0.0.1; 0 takes a free one.",
        ),
        click.option("--latency", default="0ms", callback=_latency, help="How long an answer takes: 200ms, or 100ms-300ms."),
        click.option(
            "--fault", "shares", multiple=True, metavar="KIND:SHARE", help="Let a share of all attempts go wrong, as in 429:0.10."
        ),
        click.option(
            "--script",
            "scripts",
            multiple=True,
            metavar="TEXT=KIND,…",
            help=f"Let {asked} that contain TEXT go wrong, attempt by attempt.",
        ),
        click.option(
            "--retry-after", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds that a 429 asks for."
        ),
        click.option("--seed", type=int, default=0, show_default=True, help=f"Which {asked} meet which faults."),
        click.option(
            "--payments", type=click.Path(dir_okay=False, path_type=Path), help="Append a line for every payment to this file."
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the address and the counts as JSON."),
    )

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        names = tuple(Wire.__dataclass_fields__)

        @functools.wraps(command)
        def called(**given: Any) -> Any:
            return command(wire=Wire(**{name: given.pop(name) for name in names}), **given)

        for option in reversed(options):
            called = option(called)
        return called

    return decorated
