"""A run in numbers: rows by step and money by teacher, for `seodang show`, `seodang run` and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from seodang.ledger.batching import BatchEntry
from seodang.ledger.book import Book
from seodang.ledger.money import amount, format_amounts
from seodang.runs.costs import StepCost, costs_of, per_row, summed
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
    costs: tuple[StepCost, ...] = ()
    wasted: dict[str, str] = {}
    """What was paid for answers that were cut, refused, unreadable or of no use to their step."""
    rows: int = 0
    """How many records flow out of the last step; `per_row` is what each of them cost."""
    per_row: dict[str, str] = {}
    open_batches: tuple[BatchEntry, ...] = ()
    """What was handed in and is still being worked on, or waits to be collected."""


def converted(spent: dict[str, str], rates: Mapping[str, float]) -> dict[str, str]:
    """`EUR-USD = 1.08` says that a euro is 1.08 dollars."""
    found: dict[str, Decimal] = {}
    for pair, rate in rates.items():
        have, want = pair.split("-")
        if have in spent:
            found[want] = found.get(want, Decimal()) + Decimal(spent[have].replace(",", "")) * Decimal(str(rate))
    return {currency: f"{value.quantize(Decimal('0.01')):,}" for currency, value in sorted(found.items())}


def summary_of(path: Path) -> Summary:
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
    open_batches: tuple[BatchEntry, ...] = ()
    if run.ledger.is_file():
        with Book.open(run.ledger) as book:
            totals = book.totals(run=run.id)
            open_batches = tuple(batch for batch in book.batches(run.id) if batch.state == "open")
        requests, answers = totals.requests, totals.answers
        spent = _amounts(totals.settled_micro)
        in_doubt = _amounts({currency: micro for currency, micro in totals.in_doubt_micro.items() if micro})
    costs = costs_of(run) if requests else ()
    rows = _rows_in_the_end(steps)
    whole = summed(cost.spent_micro for cost in costs)
    return Summary(
        open_batches=open_batches,
        costs=costs,
        wasted=_amounts(summed(cost.wasted_micro for cost in costs)),
        rows=rows,
        per_row=_amounts(per_row(whole, rows)),
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


def _amounts(micro: Mapping[str, int]) -> dict[str, str]:
    return {currency: amount(value) for currency, value in micro.items()}


def _rows_in_the_end(steps: Sequence[StepSummary]) -> int:
    """Seeds add to what flows, other steps with records replace it."""
    flowing = 0
    for step in steps:
        if step.verb in ("seeds", "translate", "teach", "filter"):
            left = step.rows.get("kept", 0) + step.rows.get("made", 0)
            flowing = flowing + left if step.verb == "seeds" else left
    return flowing


def cost_table(summary: Summary) -> tuple[list[str], list[list[str]]]:
    """The steps that cost money: what they bought for it, what of it was wasted, and what a row came to. Empty where all was free."""
    from seodang.wording import render

    head = [render(f"show.{name}", {}) for name in ("step", "answers", "rows", "spent", "wasted", "per-row")]
    rows = [
        [
            cost.step,
            f"{cost.answers:,}",
            f"{cost.rows:,}",
            format_amounts(cost.spent_micro),
            format_amounts(cost.wasted_micro),
            format_amounts(cost.per_row_micro) if cost.rows else "–",
        ]
        for cost in summary.costs
        if cost.spent_micro
    ]
    return head, rows


def wasted_lines(summary: Summary) -> list[str]:
    """For what it was wasted, a line a step."""
    from seodang.wording import render

    return [
        render(
            "show.wasted-for",
            {"step": cost.step, "reasons": " · ".join(f"{reason} {format_amounts(micro)}" for reason, micro in parts)},
        )
        for cost in summary.costs
        if (parts := list(cost.wasted_for.items()))
    ]


def whole_cost(summary: Summary) -> str:
    """What a row came to that is there in the end, all steps together."""
    from seodang.wording import render

    money = " + ".join(f"{value} {currency}" for currency, value in sorted(summary.per_row.items()))
    return render("show.each-row", {"rows": summary.rows, "money": money}) if money else ""


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
        if step.rows.get("rejected"):
            click.echo(f"  {step.name}: {render('show.rejected', {})} {step.rows['rejected']:,}")
        for kind, counts in (("dropped", step.dropped), ("quarantined", step.quarantined)):
            for code, count in sorted(counts.items(), key=lambda pair: -pair[1]):
                click.echo(f"  {step.name}: {render(f'show.{kind}', {})} {code} {count:,}")
    if summary.requests:
        money = ", ".join(f"{value} {currency}" for currency, value in sorted(summary.spent.items())) or "0"
        click.echo(render("show.money", {"requests": summary.requests, "answers": summary.answers, "money": money}))
        for currency, value in summary.converted.items():
            click.echo(render("show.converted", {"money": f"{value} {currency}"}))
        head, rows = cost_table(summary)
        if rows:
            print_table(head, rows, right=range(1, 6))
            for line in (*wasted_lines(summary), whole_cost(summary)):
                click.echo("  " + line if line else "", nl=bool(line))
        for currency, value in sorted(summary.in_doubt.items()):
            click.echo(render("show.in-doubt", {"money": f"{value} {currency}"}))
    for batch in summary.open_batches:
        planned = datetime.fromtimestamp(batch.planned / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        facts = {"identifier": batch.identifier, "answered": batch.answered, "requests": batch.requests, "time": planned}
        click.echo(render("show.batch", {**facts, "step": batch.step, "name": batch.host or batch.teacher}))
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
