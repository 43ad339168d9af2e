"""What cards say of measurements: scores with their protocol, and whether the data were compared with what is asked there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seodang.reports.scored import Scored, interval_of, value_of
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import open_run
from seodang.verdicts import Score
from seodang.wording import render


def score_table(scores: Sequence[Score], name: Callable[[Score], str]) -> str:
    """One row a score. `name` says whose it is, in words for the reader."""
    head = [render(f"report.{column}", {}) for column in ("score", "student", "value", "items", "protocol")]
    lines = [
        f"| {score.name} | {name(score)} | {_with_interval(score)} | {score.count:,} | {score.protocol} |" for score in scores
    ]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]) if lines else ""


def _with_interval(score: Score) -> str:
    """A share in percent, and in the unit of the evaluation what is none."""
    scored = Scored(score, "")
    if score.low is None or score.high is None:
        return value_of(scored)
    return f"{value_of(scored)} ({interval_of(scored)})"


def evaluation(run: Path) -> str:
    """All scores of a run, in the order of its steps."""
    opened = open_run(run)
    found = [score for step in opened.steps for score in opened.scores(step)]
    return score_table(found, lambda score: render("report.base", {}) if score.student == "base" else score.student or "–")


def contamination(run: Path, *, before: str = "") -> str:
    """What filters that see the evaluations found, by task; a sentence where the run evaluates and no filter looked; else nothing.

    Of such a filter's figures those are shown that it calls `compared` (items by task), `contaminated` (rows dropped by task) and
    `reached` (by task, how many items are found in the rows to which share).
    """
    manifests = [manifest for _, manifest in RunDirectory.open(run).steps()]
    last = next((place for place, manifest in enumerate(manifests) if manifest.step == before), len(manifests))
    parts = [
        _compared(manifest.step, manifest.plugin, manifest.figures)
        for manifest in manifests[:last]
        if "evaluations" in manifest.ingredients
    ]
    if not parts and any(manifest.verb == "evaluate" for manifest in manifests):
        return render("card.not-compared", {})
    return "\n\n".join(parts)


def _compared(step: str, plugin: str, figures: Mapping[str, Any]) -> str:
    compared, dropped, reached = (figures.get(name, {}) for name in ("compared", "contaminated", "reached"))
    said = render("card.compared", {"step": step, "plugin": plugin})
    if not isinstance(compared, dict) or not compared:
        return said
    head = [render(f"card.compared-{column}", {}) for column in ("task", "items", "dropped", "reached")]
    rows = [
        f"| {task} | {items:,} | {dropped.get(task, 0):,} | {', '.join(f'{share}: {n:,}' for share, n in reached.get(task, {}).items())} |"
        for task, items in sorted(compared.items())
    ]
    return "\n".join([said, "", f"| {' | '.join(head)} |", "|---|---|---|---|", *rows])
