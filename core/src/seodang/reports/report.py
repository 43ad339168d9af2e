"""`report.html`: what became of the rows, what it cost, what the student can do, and how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from seodang.files.durable import write_durably
from seodang.reports import drawing, left_out, page
from seodang.runs.opened import OpenedRun, open_run
from seodang.runs.summary import Summary, cost_table, summary_of, wasted_lines, whole_cost
from seodang.verdicts import Score
from seodang.wording import language, render


def write_report(runs: Sequence[Path], output: Path | None = None, *, introduction: Sequence[str] = ()) -> Path:
    """One page for one run, or for several that are compared; it is written into the first unless `output` says otherwise."""
    opened = [open_run(run) for run in runs]
    summaries = [summary_of(run) for run in runs]
    title = " · ".join(dict.fromkeys(summary.recipe for summary in summaries))
    sections = [
        f'<header><p class="quiet">서당 seodang</p><h1>{page.escape(title)}</h1></header>',
        *(page.paragraph(text) for text in introduction),
        _scores(opened, summaries),
        *(_one_run(run, summary, several=len(runs) > 1) for run, summary in zip(opened, summaries, strict=True)),
        page.section(render("report.repeat", {}), *(_command(run) for run in opened)),
    ]
    place = output or runs[0] / "report.html"
    write_durably(place, page.page(language(), f"{title} – seodang", sections).encode())
    return place


def _one_run(run: OpenedRun, summary: Summary, *, several: bool) -> str:
    name = f" – {run.path.name}" if several else ""
    terms = sorted({term for step in summary.steps for term in step.terms})
    return "\n".join(
        [
            page.section(render("report.path", {}) + name, drawing.data_path(_stops(summary)), _rows(summary)),
            page.section(render("report.money", {}) + name, _money(summary)),
            page.section(render("report.examples", {}) + name, left_out.examples(run, summary)),
            page.section(render("report.training", {}) + name, *_training(run)),
            page.section(
                render("report.terms", {}) + name, page.paragraph(", ".join(terms) if terms else render("report.no-terms", {}))
            ),
        ]
    )


def _stops(summary: Summary) -> list[drawing.Stop]:
    """The steps that change what flows. Seeds add up; the rest stands for itself."""
    stops: list[drawing.Stop] = []
    flowing = 0
    for step in summary.steps:
        rows = step.rows
        if step.verb in ("train", "evaluate"):
            continue
        out = rows.get("kept", 0) + rows.get("made", 0)
        flowing = flowing + out if step.verb == "seeds" else out
        leaving = [*step.dropped.items(), *step.quarantined.items()]
        stops.append(drawing.Stop(step.name, flowing, tuple(sorted(leaving, key=lambda pair: -pair[1]))))
    return stops


def _rows(summary: Summary) -> str:
    columns = ("in", "kept", "made", "used", "dropped", "quarantined")
    head = [render(f"show.{name}", {}) for name in ("step", "plugin", *columns)]
    rows = [
        [f"{step.number} {step.verb} {step.name}", step.plugin, *(f"{step.rows.get(name, 0):,}" for name in columns)]
        for step in summary.steps
    ]
    return page.table(head, rows, right=range(2, 8))


def _money(summary: Summary) -> str:
    if not summary.requests:
        return page.paragraph(render("report.no-money", {}), quiet=True)
    money = ", ".join(f"{value} {currency}" for currency, value in sorted(summary.spent.items())) or "0"
    lines = [render("show.money", {"requests": summary.requests, "answers": summary.answers, "money": money})]
    lines += [render("show.converted", {"money": f"{value} {currency}"}) for currency, value in summary.converted.items()]
    lines += [*wasted_lines(summary), whole_cost(summary)]
    lines += [render("show.in-doubt", {"money": f"{value} {currency}"}) for currency, value in sorted(summary.in_doubt.items())]
    head, rows = cost_table(summary)
    return "\n".join([*(page.paragraph(line) for line in lines), page.table(head, rows, right=range(1, 6))])


def _training(run: OpenedRun) -> Iterable[str]:
    for name in run.steps:
        manifest = run.manifest(name)
        if manifest.trained is None:
            continue
        yield f"<h3>{page.escape(name)}</h3>"
        yield drawing.curve(_losses(run.folder(name) / "log.jsonl"), label=render("report.steps", {}))
        figures = [[key, f"{value:,.4g}" if isinstance(value, float) else str(value)] for key, value in manifest.figures.items()]
        yield page.table([render("report.figure", {}), render("report.value", {})], figures)


def _losses(log: Path) -> list[tuple[float, float]]:
    if not log.is_file():
        return []
    rows = [msgspec.json.decode(line) for line in log.read_bytes().splitlines()]
    return [(float(row["step"]), float(row["loss"])) for row in rows if "step" in row and "loss" in row]


def _scores(runs: Sequence[OpenedRun], summaries: Sequence[Summary]) -> str:
    """Every figure with a bar for each student, before and after, of each run."""
    groups: dict[tuple[str, str], list[drawing.Bar]] = {}
    rows = []
    for run, summary in zip(runs, summaries, strict=True):
        for step in summary.steps:
            for score in run.scores(step.name):
                label = student_label(score, run if len(runs) > 1 else None)
                groups.setdefault((score.name, score.protocol), []).append(drawing.Bar(label, score.value, score.low, score.high))
                rows.append([score.name, label, f"{score.value * 100:.1f} %", f"{score.count:,}", score.protocol])
    head = [render(f"report.{name}", {}) for name in ("score", "student", "value", "items", "protocol")]
    picture = drawing.bars([(name, found) for (name, _), found in groups.items()])
    return page.section(render("report.scores", {}), picture, page.table(head, rows, right=(2, 3))) if rows else ""


def student_label(score: Score, run: OpenedRun | None) -> str:
    """How a student is called for people: before and after training, or by its name; with its run where several are compared."""
    names = {"base": render("report.base", {}), "newest": render("report.newest", {})}
    name = names.get(score.student, score.student)
    return f"{name} · {run.path.name}" if run is not None else name


def _command(run: OpenedRun) -> str:
    """The command as the run remembers it; from elsewhere it is the recipe inside the run."""
    from seodang.runs.directory import RunDirectory

    lock = RunDirectory.open(run.path).lock
    settings = "".join(f" --set '{setting}'" for setting in lock.get("settings", ()))
    return f"<pre>seodang run {page.escape(str(run.path / 'recipe.toml'))}{page.escape(settings)} --run-dir {page.escape(str(run.path))}</pre>"
