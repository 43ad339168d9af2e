"""Several runs beside each other: what came out, what it took, which figures differ, and in what the recipes do."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from itertools import islice, pairwise

from seodang.reports import page
from seodang.reports.scored import OPEN_ROWS, Scored, interval_of, student_label, value_of
from seodang.reports.spent import duration, times_of
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import OpenedRun
from seodang.runs.summary import Summary
from seodang.wording import render

DIFFERING_LINES = 200


def compared(runs: Sequence[OpenedRun], summaries: Sequence[Summary]) -> str:
    if len(runs) < 2:
        return ""
    names = [run.path.name for run in runs]
    return page.section(
        render("report.compared", {}), _facts(names, runs, summaries), _scores(names, runs), _recipes(names, runs)
    )


def _facts(names: Sequence[str], runs: Sequence[OpenedRun], summaries: Sequence[Summary]) -> str:
    rows = [[render("report.recipe", {}), *(summary.recipe for summary in summaries)]]
    rows.append([render("report.rows-out", {}), *(f"{summary.rows:,}" for summary in summaries)])
    for fate in ("dropped", "quarantined"):
        left = [sum(step.rows.get(fate, 0) for step in summary.steps) for summary in summaries]
        rows.append([render(f"show.{fate}", {}), *(f"{number:,}" for number in left)])
    money = [
        " + ".join(f"{value} {currency}" for currency, value in sorted(summary.spent.items())) or "0" for summary in summaries
    ]
    rows.append([render("show.spent", {}), *money])
    rows.append([render("report.time", {}), *(duration(sum(times_of(run.path).values())) for run in runs)])
    return page.table(["", *names], rows, right=range(1, 1 + len(runs)))


def _scores(names: Sequence[str], runs: Sequence[OpenedRun]) -> str:
    """Figures that at least two runs have. A difference is marked where the intervals lie apart: then chance hardly made it."""
    found: dict[tuple[str, str, str], dict[int, Scored]] = {}
    for place, run in enumerate(runs):
        for step in run.steps:
            for score in run.scores(step):
                key = (score.name, score.student, score.protocol)
                found.setdefault(key, {})[place] = Scored(score, student_label(score, None))
    rows = []
    for (name, _, _), by_run in found.items():
        if len(by_run) > 1:
            cells = [f"{value_of(one)} ({interval_of(one)})" if (one := by_run.get(place)) else "–" for place in range(len(runs))]
            rows.append([name, next(iter(by_run.values())).label, *cells, render("report.apart", {}) if _apart(by_run) else ""])
    head = [render("report.score", {}), render("report.student", {}), *names, ""]
    table = page.table(head, rows)
    return page.folded(render("report.all-figures", {"number": len(rows)}), table) if len(rows) > OPEN_ROWS else table


def _apart(by_run: dict[int, Scored]) -> bool:
    bounds = [(one.score.low, one.score.high) for one in by_run.values()]
    known = sorted((low, high) for low, high in bounds if low is not None and high is not None)
    return len(known) == len(bounds) and any(before[1] < after[0] for before, after in pairwise(known))


def _recipes(names: Sequence[str], runs: Sequence[OpenedRun]) -> str:
    """Each against the first: the lines of the recipe that differ, and what was set on the command line."""
    told = [_recipe(run) for run in runs]
    parts = []
    for name, other in zip(names[1:], told[1:], strict=True):
        lines = list(islice(difflib.unified_diff(told[0], other, names[0], name, lineterm="", n=1), DIFFERING_LINES))
        said = (
            "<pre>" + page.escape("\n".join(lines)) + "</pre>"
            if lines
            else page.paragraph(render("report.same-recipe", {}), quiet=True)
        )
        parts.append(f"<h3>{page.escape(render('report.recipes-differ', {'first': names[0], 'second': name}))}</h3>{said}")
    return "".join(parts)


def _recipe(run: OpenedRun) -> list[str]:
    settings = RunDirectory.open(run.path).lock.get("settings", ())
    text = (run.path / "recipe.toml").read_text(encoding="utf-8")
    return [*text.splitlines(), *(f"--set {setting}" for setting in settings)]
