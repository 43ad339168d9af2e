"""A run in numbers: rows by step and money by teacher, for `seodang show`, `seodang run` and the report."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from seodang.ledger.book import Book
from seodang.runs.directory import RunDirectory
from seodang.runs.held_out import FIGURE


class StepSummary(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    name: str
    verb: str
    plugin: str
    folder: str
    rows: dict[str, int]
    dropped: dict[str, int]
    quarantined: dict[str, int]
    figures: dict[str, Any]
    terms: tuple[str, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`spent` and `in_doubt` are amounts by currency, in whole units as text, so that no cent is lost in a float."""

    run: str
    recipe: str
    language: str
    steps: tuple[StepSummary, ...]
    requests: int
    answers: int
    spent: dict[str, str]
    in_doubt: dict[str, str]
    converted: dict[str, str]
    """What was spent in other currencies, at the rates that the recipe states and at no others."""


def converted(spent: dict[str, str], rates: Mapping[str, float]) -> dict[str, str]:
    """`EUR-USD = 1.08` says that a euro is 1.08 dollars."""
    found: dict[str, Decimal] = {}
    for pair, rate in rates.items():
        have, want = pair.split("-")
        if have in spent:
            found[want] = found.get(want, Decimal()) + Decimal(spent[have].replace(",", "")) * Decimal(str(rate))
    return {currency: f"{value.quantize(Decimal('0.01')):,}" for currency, value in sorted(found.items())}


def summary_of(path: Path) -> Summary:
    from seodang.ledger.money import amount

    run = RunDirectory.open(path)
    steps = tuple(
        StepSummary(
            number=int(folder.name[:2]),
            name=manifest.step,
            verb=manifest.verb,
            plugin=manifest.plugin,
            folder=folder.name,
            rows=manifest.rows,
            dropped=manifest.dropped,
            quarantined=manifest.quarantined,
            figures=manifest.figures,
            terms=tuple(manifest.terms),
        )
        for folder, manifest in run.steps()
    )
    requests = answers = 0
    spent: dict[str, str] = {}
    in_doubt: dict[str, str] = {}
    if run.ledger.is_file():
        with Book.open(run.ledger) as book:
            totals = book.totals(run=run.id)
        requests, answers = totals.requests, totals.answers
        spent = {currency: amount(micro) for currency, micro in totals.settled_micro.items()}
        in_doubt = {currency: amount(micro) for currency, micro in totals.in_doubt_micro.items() if micro}
    return Summary(
        run=str(path),
        recipe=str(run.lock.get("recipe", "")),
        language=str(run.lock.get("language", "")),
        steps=steps,
        requests=requests,
        answers=answers,
        spent=spent,
        in_doubt=in_doubt,
        converted=converted(spent, run.lock.get("rates", {})),
    )


def print_summary(summary: Summary) -> None:
    """The table of `seodang show`."""
    import click

    from seodang.commandline.options import print_table
    from seodang.wording import render

    columns = ("in", "kept", "made", "used", "dropped", "quarantined")
    head = [render(f"show.{name}", {}) for name in ("step", "plugin", *columns)]
    rows = [
        [f"{step.number} {step.verb} {step.name}", step.plugin, *(f"{step.rows.get(name, 0):,}" for name in columns)]
        for step in summary.steps
    ]
    print_table(head, rows, right=range(2, 8))
    for step in summary.steps:
        if step.verb == "seeds":
            for line in _told(step.figures):
                click.echo(f"  {step.name}: {line}")
        if step.rows.get("changed"):
            click.echo(f"  {step.name}: {render('show.changed', {})} {step.rows['changed']:,}")
        for kind, counts in (("dropped", step.dropped), ("quarantined", step.quarantined)):
            for code, count in sorted(counts.items(), key=lambda pair: -pair[1]):
                click.echo(f"  {step.name}: {render(f'show.{kind}', {})} {code} {count:,}")
    if summary.requests:
        money = ", ".join(f"{value} {currency}" for currency, value in sorted(summary.spent.items())) or "0"
        click.echo(render("show.money", {"requests": summary.requests, "answers": summary.answers, "money": money}))
        for currency, value in summary.converted.items():
            click.echo(render("show.converted", {"money": f"{value} {currency}"}))
        for currency, value in sorted(summary.in_doubt.items()):
            click.echo(render("show.in-doubt", {"money": f"{value} {currency}"}))
    click.echo(render("show.place", {"run": summary.run}))


def _told(figures: Mapping[str, Any]) -> list[str]:
    """What a source said of itself, such as the format of each file: names and values, a line each."""
    from seodang.wording.printable import one_line

    lines = []
    for name, figure in figures.items():
        if name == FIGURE:  # the rows that are held out are counted with those that were dropped
            continue
        pairs = figure.items() if isinstance(figure, Mapping) else [("", figure)]
        lines += [one_line(" ".join(str(part) for part in (name, *pair) if part != "")) for pair in pairs]
    return lines
