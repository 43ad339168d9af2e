"""`seodang mock openai`: the mock as a process."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from seodang import SeodangError
from seodang.testing.wire_faults import Faults, Latency
from seodang.testing.wire_server import serve
from seodang.wording import render

from seodang_openai.mock import DEFAULT_CHARACTERS, FAULTS, MockOpenAI, prompt_key
from seodang_openai.mock_answers import Answers
from seodang_openai.mock_batches import FATES
from seodang_openai.mock_limits import MockLimits


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


def _answers(source: str | None) -> Answers:
    try:
        return Answers.read(source) if source else Answers(())
    except SeodangError as error:
        raise click.BadParameter(str(error), param_hint="--answers") from None


def _latency(context: click.Context, parameter: click.Parameter, text: str) -> Latency:
    try:
        return Latency.parse(text)
    except ValueError:
        raise click.BadParameter(f"'{text}': write a duration as 200ms, 1.5s or 100ms-300ms") from None


@click.command("openai", help=render("seodang_openai:mock-help", {}))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8011,
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
    help="Let prompts that contain TEXT go wrong, attempt by attempt.",
)
@click.option("--retry-after", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds that a 429 asks for.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which prompts meet which faults.")
@click.option("--model", "models", multiple=True, help="A model that exists; without it, all do.")
@click.option(
    "--characters", type=click.IntRange(1), default=DEFAULT_CHARACTERS, show_default=True, help="The length of an answer."
)
@click.option(
    "--answers",
    metavar="FILE|RECIPE",
    help="Answer in the forms that lessons expect: a file of rules, or the name of a recipe that brings one.",
)
@click.option(
    "--requests-per-minute", "requests", type=click.IntRange(0), default=0, help="A limit that is kept, and told in headers."
)
@click.option("--tokens-per-minute", "tokens", type=click.IntRange(0), default=0, help="The same for tokens.")
@click.option("--batch-seconds", type=click.FloatRange(0), default=0.5, show_default=True, help="How long a batch takes.")
@click.option(
    "--batch-fate", "fates", multiple=True, type=click.Choice(FATES), help="What becomes of the first batch, the second …"
)
@click.option(
    "--enqueued-tokens", type=click.IntRange(0), default=0, help="How many tokens may wait in batches; 0 is any number."
)
@click.option("--payments", type=click.Path(dir_okay=False, path_type=Path), help="Append a line for every payment to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON, by prompt too.")
def command(
    port: int,
    latency: Latency,
    shares: Sequence[str],
    scripts: Sequence[str],
    retry_after: float,
    seed: int,
    models: Sequence[str],
    characters: int,
    answers: str | None,
    requests: int,
    tokens: int,
    batch_seconds: float,
    fates: Sequence[str],
    enqueued_tokens: int,
    payments: Path | None,
    as_json: bool,
) -> None:
    mock = MockOpenAI(
        latency=latency,
        faults=_faults(seed, shares, scripts),
        characters=characters,
        retry_after=retry_after,
        models=models,
        answers=_answers(answers),
        limits=MockLimits(requests=requests, tokens=tokens) if requests or tokens else None,
        batch_seconds=batch_seconds,
        batch_fates=fates,
        enqueued_tokens=enqueued_tokens,
    )

    def announce(url: str) -> None:
        click.echo(json.dumps({"url": f"{url}/v1"}) if as_json else render("seodang_openai:mock-serves", {"url": f"{url}/v1"}))

    try:
        counts = serve(mock, key_of=prompt_key, port=port, payments_file=payments, announce=announce)
    except OSError as error:
        raise click.ClickException(
            render("seodang_openai:mock-no-port", {"port": port, "error": os.strerror(error.errno or 0)})
        ) from None
    if as_json:
        click.echo(msgspec.json.encode(counts).decode())
        return
    click.echo(
        render(
            "seodang_openai:mock-served",
            {
                "requests": counts.requests,
                "payments": counts.payments,
                "input_tokens": counts.charged.get("input_tokens", 0) + counts.charged.get("batch_input_tokens", 0),
                "output_tokens": counts.charged.get("output_tokens", 0) + counts.charged.get("batch_output_tokens", 0),
                "most": counts.most_in_flight,
            },
        )
    )
