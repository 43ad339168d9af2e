"""`seodang mock openai`: the mock as a process."""

from __future__ import annotations

from collections.abc import Sequence

import click
from seodang import SeodangError
from seodang.testing.mock_command import Wire, mock_options
from seodang.wording import render

from seodang_openai.mock import DEFAULT_CHARACTERS, FAULTS, MockOpenAI, prompt_key
from seodang_openai.mock_answers import Answers
from seodang_openai.mock_batches import FATES
from seodang_openai.mock_limits import MockLimits


def _answers(source: str | None) -> Answers:
    try:
        return Answers.read(source) if source else Answers(())
    except SeodangError as error:
        raise click.BadParameter(str(error), param_hint="--answers") from None


@click.command("openai", help=render("seodang_openai:mock-help", {}))
@mock_options(port=8011, asked="prompts")
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
def command(
    wire: Wire,
    models: Sequence[str],
    characters: int,
    answers: str | None,
    requests: int,
    tokens: int,
    batch_seconds: float,
    fates: Sequence[str],
    enqueued_tokens: int,
) -> None:
    mock = MockOpenAI(
        latency=wire.latency,
        faults=wire.faults(FAULTS),
        characters=characters,
        retry_after=wire.retry_after,
        models=models,
        answers=_answers(answers),
        limits=MockLimits(requests=requests, tokens=tokens) if requests or tokens else None,
        batch_seconds=batch_seconds,
        batch_fates=fates,
        enqueued_tokens=enqueued_tokens,
    )

    counts = wire.serve(mock, key_of=prompt_key, path="/v1")
    if wire.as_json:
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
