"""`seodang plan`: what a recipe would do and cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from seodang.commandline.options import RECIPE, RUN, json_option, print_json, print_table, settings_option
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.runs.estimating import Estimate
    from seodang.runs.forecast import Forecast, StepForecast
    from seodang.verdicts import Stage


@click.command("plan", help=render("commandline.plan", {}))
@click.argument("recipe", type=RECIPE)
@click.option("--run-dir", type=RUN, help="Where the run is or will be kept. Default: runs/NAME.")
@settings_option
@click.option("--allow-unknown-price", is_flag=True, help="Do not count an unknown price as a problem.")
@click.option("--commercial", is_flag=True, help=render("commandline.commercial", {}))
@json_option
def command(
    recipe: Path, run_dir: Path | None, settings: tuple[str, ...], allow_unknown_price: bool, commercial: bool, as_json: bool
) -> int:
    from seodang.plugins.loading import load_plugins
    from seodang.recipes.reading import read_recipe, wanted
    from seodang.recipes.resolving import resolve
    from seodang.runs.forecast import forecast

    offers = load_plugins()
    read = wanted(read_recipe(recipe, settings), commercial=commercial)
    steps = resolve(read, offers)
    found = forecast(read, steps, offers, run_dir or Path("runs") / read.name, allow_unknown_price=allow_unknown_price)
    if as_json:
        print_json(found)
    else:
        _print(found)
    return 3 if found.problems else 0


def _print(found: Forecast) -> None:
    head = [render(f"plan.{name}", {}) for name in ("step", "plugin", "state", "network", "secrets", "terms")]
    rows = [
        [
            f"{step.number} {step.verb} {step.name}",
            step.plugin,
            render(f"plan.{step.state}", {}),
            ", ".join(stage.network) or "–",
            ", ".join(stage.secrets) or "–",
            ", ".join(stage.terms) or "–",
        ]
        for step, stage in zip(found.steps, found.plan.stages, strict=True)
    ]
    print_table(head, rows)
    for step, stage in zip(found.steps, found.plan.stages, strict=True):
        _print_rows(stage)
        print_changes(step)
        for note in step.notes:
            click.echo(f"{step.name}: {note}")
    _print_money(found)
    for line in (*found.warnings, *found.problems):
        click.echo(line, err=True)


def _print_money(found: Forecast) -> None:
    """All steps together, each currency for itself, and converted only at a rate of the recipe."""
    from seodang.ledger.money import amount, format_amounts
    from seodang.runs.summary import converted

    if found.most_micro:
        facts = {"likely": format_amounts(found.likely_micro), "most": format_amounts(found.most_micro)}
        click.echo(render("plan.all", {**facts, "spent": format_amounts(found.spent_micro)}))
        whole = {currency: amount(micro) for currency, micro in found.most_micro.items()}
        for currency, value in converted(whole, found.rates).items():
            click.echo(render("plan.converted", {"money": f"{value} {currency}"}))


def _print_rows(stage: Stage) -> None:
    """What becomes of rows and their terms in a step, beyond what its verb says."""
    if stage.hold_out:
        click.echo(render("plan.hold-out", {"step": stage.name, "rows": stage.hold_out}))
    if stage.clears:
        click.echo(render("plan.clears", {"step": stage.name, "terms": stage.clears}))
    if stage.personal:
        click.echo(render("plan.personal", {"step": stage.name, "seeds": stage.personal}))


def print_changes(step: StepForecast) -> None:
    """What changed since the last time, and what the step will ask."""
    for change in step.changes:
        facts = {"step": step.name, "what": change.ingredient, "before": change.before, "now": change.now}
        click.echo(render("plan.change", facts))
    for estimate in (step.estimate, step.judge_estimate):
        if estimate is not None:
            _print_estimate(estimate)


def _print_estimate(estimate: Estimate) -> None:
    from seodang.ledger.money import amount

    facts: dict[str, str | int] = {
        "step": estimate.step,
        "rows": f"{estimate.rows:,}",
        "requests": f"{estimate.requests:,}",
        "stored": f"{estimate.stored:,}",
        "input": f"{estimate.input_tokens:,}",
        "output": f"{estimate.output_tokens:,}",
    }
    if estimate.students:
        facts["students"] = estimate.students
        code = "plan.exam"
    elif estimate.unit == "characters":
        code = "plan.texts" if estimate.exact else "plan.texts-at-most"
    else:
        code = "plan.estimate" if estimate.exact else "plan.estimate-at-most"
    click.echo(render(code, facts))
    if estimate.students and not estimate.exact:
        click.echo(render("plan.made-up", {"step": estimate.step}))
    if estimate.lying:
        click.echo(render("plan.lying", {"step": estimate.step, "questions": estimate.lying}))
    if estimate.batches:
        click.echo(render("plan.batches", {"step": estimate.step, "batches": estimate.batches}))
    if estimate.most_micro:
        likely, most = amount(estimate.likely_micro), amount(estimate.most_micro)
        click.echo(render("plan.money", {"step": estimate.step, "likely": likely, "most": most, "currency": estimate.currency}))
    if estimate.declared:
        click.echo(render("plan.declared", {"step": estimate.step}))
    elif not estimate.complete:
        click.echo(render("plan.incomplete", {"step": estimate.step}))
