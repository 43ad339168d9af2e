"""`report.html`: what became of the rows, what it cost, what the student can do, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.files.durable import write_durably
from seodang.reports import drawing, left_out, page
from seodang.reports.compared import compared
from seodang.reports.data_path import Leaving, Stop, data_path
from seodang.reports.distributions import distributions
from seodang.reports.repeating import repeating
from seodang.reports.scored import scores
from seodang.reports.spent import spent
from seodang.reports.terms_chain import chain_of
from seodang.runs.opened import HAS_RECORDS, OpenedRun, open_run
from seodang.runs.summary import Summary, summary_of
from seodang.wording import language, render

LONGEST_FIGURE = 300
"""A figure may be a table of its own, as of every task that a filter looked at; a report is no place for it."""


def write_report(runs: Sequence[Path], output: Path | None = None, *, introduction: Sequence[str] = ()) -> Path:
    """One page for one run, or for several that are compared; it is written into the first unless `output` says otherwise."""
    opened = [open_run(run) for run in runs]
    summaries = [summary_of(run) for run in runs]
    title = " · ".join(dict.fromkeys(summary.recipe for summary in summaries))
    sections = [
        f'<header><p class="quiet">서당 seodang</p><h1>{page.escape(title)}</h1></header>',
        *(page.paragraph(text) for text in introduction),
        compared(opened, summaries),
        scores(opened, summaries),
        *(_one_run(run, summary, several=len(runs) > 1) for run, summary in zip(opened, summaries, strict=True)),
        page.section(render("report.repeat", {}), *(repeating(run) for run in opened)),
    ]
    place = output or runs[0] / "report.html"
    write_durably(place, page.page(language(), f"{title} – seodang", sections).encode())
    return place


def _one_run(run: OpenedRun, summary: Summary, *, several: bool) -> str:
    name = f" – {run.path.name}" if several else ""
    fates = {fate: render(f"show.{fate}", {}) for fate in ("dropped", "quarantined", "used")}
    picture = data_path(_stops(summary), fates=fates, more=render("report.more", {}))
    return "\n".join(
        [
            page.section(render("report.path", {}) + name, page.picture(picture), _rows(summary)),
            page.section(render("report.money", {}) + name, spent(run, summary)),
            page.section(render("report.distributions", {}) + name, distributions(run) if _has_records(summary) else ""),
            page.section(render("report.examples", {}) + name, left_out.examples(run, summary)),
            page.section(render("report.training", {}) + name, *_training(run)),
            page.section(render("report.terms", {}) + name, *_terms(run, summary)),
        ]
    )


def _has_records(summary: Summary) -> bool:
    return any(step.verb in HAS_RECORDS for step in summary.steps)


def _stops(summary: Summary) -> list[Stop]:
    """The steps that change what flows. Seeds add up; the rest stands for itself."""
    stops: list[Stop] = []
    flowing = 0
    for step in summary.steps:
        rows = step.rows
        if step.verb not in HAS_RECORDS:
            continue
        out = rows.get("kept", 0) + rows.get("made", 0)
        came = flowing + rows.get("in", 0) if step.verb == "seeds" else rows.get("in", 0)
        flowing = flowing + out if step.verb == "seeds" else out
        leaving = [
            Leaving(code, count, fate) for fate in ("dropped", "quarantined") for code, count in getattr(step, fate).items()
        ]
        if rows.get("used"):
            leaving.append(Leaving(render("show.used", {}), rows["used"], "used"))
        stops.append(Stop(step.name, step.plugin, came, flowing, tuple(leaving)))
    return stops


def _rows(summary: Summary) -> str:
    columns = ("in", "kept", "made", "used", "dropped", "quarantined")
    head = [render(f"show.{name}", {}) for name in ("step", "plugin", *columns)]
    rows = [
        [f"{step.number} {step.verb} {step.name}", step.plugin, *(f"{step.rows.get(name, 0):,}" for name in columns)]
        for step in summary.steps
    ]
    return page.table(head, rows, right=range(2, 8))


def _training(run: OpenedRun) -> Iterable[str]:
    for name in run.steps:
        manifest = run.manifest(name)
        if manifest.trained is None:
            continue
        yield f"<h3>{page.escape(name)}</h3>"
        log = run.folder(name) / "log.jsonl"
        names = (render("report.loss", {}), render("report.validation", {}))
        picture = drawing.curve(_losses(log), beside=_losses(log, "validation"), names=names, label=render("report.steps", {}))
        yield page.picture(picture)
        figures = [[key, _figure(value)] for key, value in manifest.figures.items()]
        yield page.table([render("report.figure", {}), render("report.value", {})], figures, right=(1,))


def _figure(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}"
    told = f"{value:,}" if type(value) is int else str(value)
    return told if len(told) <= LONGEST_FIGURE else told[:LONGEST_FIGURE] + "…"


def _losses(log: Path, name: str = "loss") -> list[tuple[float, float]]:
    if not log.is_file():
        return []
    rows = [msgspec.json.decode(line) for line in log.read_bytes().splitlines()]
    return [(float(row["step"]), float(row[name])) for row in rows if "step" in row and name in row]


def _terms(run: OpenedRun, summary: Summary) -> Iterable[str]:
    """Of everything that took part, students and judges included; the cards tell of the rows and of the students alone."""
    chain = chain_of(run.path, sorted({term for step in summary.steps for term in step.terms}))
    if not chain.links:
        yield page.paragraph(render("report.no-terms", {}))
        return
    head = [render(f"card.{name}", {}) for name in ("terms-step", "terms-name", "terms-ask")]
    yield page.table(head, chain.rows())
    yield from (page.paragraph(text) for text in chain.said())
