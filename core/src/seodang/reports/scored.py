"""What students can do: figures as bars with intervals, over shots where there are several, and style against substance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from seodang.reports import page
from seodang.reports.drawing import Bar, Line, bars, lines
from seodang.reports.plane import Axis, Point, plane
from seodang.runs.opened import OpenedRun
from seodang.runs.summary import Summary
from seodang.verdicts import Score
from seodang.wording import render

PICTURED = 24
"""So many figures of an evaluation are drawn as bars; all are in its table."""
OPEN_ROWS = 24
"""A longer table is folded."""
BEYOND_SHARE = 2.0
"""Differences of closures reach this far; what lies beyond is no share and is written as it is."""


class Scored(msgspec.Struct, frozen=True):
    """A score, with how its student is called for people."""

    score: Score
    label: str
    colour: int = 1

    @property
    def unit(self) -> str:
        """What the evaluation says that it counts, as `characters`; a share where it says nothing."""
        return str(self.score.facts.get("unit", ""))


def scores_of(runs: Sequence[OpenedRun], summaries: Sequence[Summary]) -> dict[str, list[Scored]]:
    """By evaluation, in the order of the steps; of all runs, so that they stand beside each other."""
    found: dict[str, list[Scored]] = {}
    for run, summary in zip(runs, summaries, strict=True):
        for step in summary.steps:
            for score in run.scores(step.name):
                label = student_label(score, run if len(runs) > 1 else None)
                found.setdefault(f"{step.name} ({step.plugin})", []).append(Scored(score, label))
    colours = _colours([one for group in found.values() for one in group])
    return {name: [msgspec.structs.replace(one, colour=colours[one.label]) for one in group] for name, group in found.items()}


def _colours(found: Sequence[Scored]) -> dict[str, int]:
    """A student has one colour in all pictures of a page, and what was there before the training has the first."""
    ordered = sorted(found, key=lambda one: one.score.student != "base")
    return {label: place for place, label in enumerate(dict.fromkeys(one.label for one in ordered))}


def student_label(score: Score, run: OpenedRun | None) -> str:
    """How a student is called for people: before and after training, or by its name; with its run where several are compared."""
    names = {"base": render("report.base", {}), "newest": render("report.newest", {}), "teacher": render("report.teacher", {})}
    name = names.get(score.student, score.student)
    return " · ".join(part for part in (name, run.path.name) if part) if run is not None else name


def scores(runs: Sequence[OpenedRun], summaries: Sequence[Summary]) -> str:
    return page.section(render("report.scores", {}), *(_one(name, found) for name, found in scores_of(runs, summaries).items()))


def value_of(scored: Scored, value: float | None = None) -> str:
    """A share in percent; what counts something else with its unit."""
    value = scored.score.value if value is None else value
    if scored.unit:
        return f"{value:,.4g} {scored.unit}" if abs(value) < 10_000 else f"{value:,.0f} {scored.unit}"
    return f"{value * 100:.1f} %" if abs(value) <= BEYOND_SHARE else f"{value:,.4g}"


def interval_of(scored: Scored) -> str:
    low, high = scored.score.low, scored.score.high
    if low is None or high is None:
        return "–"
    first, last = value_of(scored, low), value_of(scored, high)
    unit = last[last.rfind(" ") :] if " " in last and first.endswith(last[last.rfind(" ") :]) else ""
    return f"{first.removesuffix(unit)} – {last}"


def _one(name: str, found: Sequence[Scored]) -> str:
    over_shots = _over_shots(found)
    shown = {id(scored) for group in over_shots.values() for scored in group}
    groups: dict[str, list[Scored]] = {}
    for scored in found:
        if id(scored) not in shown and "against" not in scored.score.facts:
            groups.setdefault(scored.score.name, []).append(scored)
    pictured = [(figure, [_bar(scored) for scored in group]) for figure, group in list(groups.items())[:PICTURED]]
    left = len(groups) - len(pictured)
    return "\n".join(
        [
            f"<h3>{page.escape(name)}</h3>",
            _planes([_against(style, substance, found) for style, substance in _pairs(groups)]),
            _lines(over_shots),
            page.picture(bars(pictured)),
            page.paragraph(render("report.more-figures", {"number": left}), quiet=True) if left > 0 else "",
            _table(found),
        ]
    )


def _bar(scored: Scored) -> Bar:
    score = scored.score
    return Bar(scored.label, score.value, score.low, score.high, text=value_of(scored), colour=scored.colour)


def _table(found: Sequence[Scored]) -> str:
    protocols = {one.score.protocol for one in found}
    columns = ("score", "student", "value", "interval", "items", *(("protocol",) if len(protocols) > 1 else ()))
    head = [render(f"report.{column}", {}) for column in columns]
    rows = [
        [one.score.name, one.label, value_of(one), interval_of(one), f"{one.score.count:,}", one.score.protocol][: len(head)]
        for one in found
    ]
    table = page.table(head, rows, right=(2, 3, 4))
    if len(protocols) == 1 and (protocol := next(iter(protocols))):
        table = page.paragraph(f"{render('report.protocol', {})}: {protocol}", quiet=True) + table
    return page.folded(render("report.all-figures", {"number": len(rows)}), table) if len(rows) > OPEN_ROWS else table


def _over_shots(found: Iterable[Scored]) -> dict[str, list[Scored]]:
    """The figures that were measured with several numbers of examples: an evaluation tells it by the fact `shots`."""
    groups: dict[str, list[Scored]] = {}
    for scored in found:
        shots = scored.score.facts.get("shots")
        if isinstance(shots, int) and "against" not in scored.score.facts:
            groups.setdefault(scored.score.name.replace(f"{shots}-shot ", ""), []).append(scored)
    return {name: group for name, group in groups.items() if len({one.score.facts["shots"] for one in group}) > 1}


def _lines(groups: Mapping[str, Sequence[Scored]]) -> str:
    if not groups:
        return ""
    shots = sorted({int(one.score.facts["shots"]) for group in groups.values() for one in group})
    drawn = []
    for name, group in list(groups.items())[:PICTURED]:
        students: dict[tuple[str, int], dict[int, Score]] = {}
        for one in group:
            students.setdefault((one.label, one.colour), {})[int(one.score.facts["shots"])] = one.score
        drawn.append((name, [_line(*student, by_shots, shots) for student, by_shots in students.items()]))
    return page.picture(lines(drawn, [render("report.shots", {"number": number}) for number in shots]))


def _line(label: str, colour: int, by_shots: Mapping[int, Score], shots: Sequence[int]) -> Line:
    found = [by_shots.get(number) for number in shots]
    return Line(
        label,
        tuple(score.value if score else None for score in found),
        tuple(score.low if score else None for score in found),
        tuple(score.high if score else None for score in found),
        colour=colour,
    )


def _pairs(groups: Mapping[str, Sequence[Scored]]) -> list[tuple[str, str]]:
    """Any evaluation that gives `style` and `capability`, or a figure X and another one `X style`, tells both sides of a student."""
    pairs = [("style", "capability")] if {"style", "capability"} <= groups.keys() else []
    return pairs + [(f"{name} style", name) for name in groups if f"{name} style" in groups]


def _planes(drawn: Sequence[str]) -> str:
    pictures = "".join(f"<div>{picture}</div>" for picture in drawn if picture)
    if not pictures:
        return ""
    title = f"<h4>{page.escape(render('report.style-against', {}))}</h4>"
    return f'{title}<div class="planes">{pictures}</div>{page.paragraph(render("report.style-reading", {}), quiet=True)}'


def _against(style: str, substance: str, found: Sequence[Scored]) -> str:
    """Nothing is drawn of students of which only one side is known."""
    by_label: dict[tuple[str, int], dict[str, Score]] = {}
    for one in found:
        if one.score.name in (style, substance):
            by_label.setdefault((one.label, one.colour), {})[one.score.name] = one.score
    both = {student: sides for student, sides in by_label.items() if len(sides) == 2}
    # Who was trained came from the base, which is therefore the first point.
    ordered = sorted(both.items(), key=lambda pair: pair[1][style].student != "base")
    has_base = bool(ordered) and ordered[0][1][style].student == "base"
    points = [
        Point(
            label,
            _axis(sides[substance]),
            _axis(sides[style]),
            colour=colour,
            moved=has_base and sides[style].student not in ("base", "teacher"),
        )
        for (label, colour), sides in ordered
    ]
    return plane(points, substance, style) if len(points) > 1 else ""


def _axis(score: Score) -> Axis:
    return Axis(score.value, score.low, score.high)
