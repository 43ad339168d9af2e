"""`seodang mock naver`: the mock as a process."""

from __future__ import annotations

import click
from seodang.testing.mock_command import Wire, mock_options
from seodang.wording import render

from seodang_naver_kin.mock import DEFAULT_TOTAL, FAULTS, MockNaver, call_key


@click.command("naver", help=render("seodang_naver_kin:mock-help", {}))
@mock_options(port=8010, asked="queries")
@click.option("--total", type=click.IntRange(0), default=DEFAULT_TOTAL, show_default=True, help="Results of every query.")
@click.option("--quota", type=click.IntRange(0), default=25_000, show_default=True, help="Calls that are answered in all.")
def command(wire: Wire, total: int, quota: int) -> None:
    faults = wire.faults(FAULTS)
    mock = MockNaver(latency=wire.latency, faults=faults, total=total, quota=quota, retry_after=wire.retry_after)
    counts = wire.serve(mock, key_of=call_key)
    if not wire.as_json:
        facts = {"requests": counts.requests, "calls": counts.payments, "most": counts.most_in_flight}
        click.echo(render("seodang_naver_kin:mock-served", facts))
