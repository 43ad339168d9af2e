"""KoBEST's tables as the Polyglot cards print them: a task under another, a model a row, the shots across; as text or as a file."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Literal

import msgspec
import seodang
from seodang.reports.drawing import Line, alone, lines
from seodang.wording import render

Form = Literal["text", "csv", "markdown", "latex"]
TITLES = {"copa": "COPA", "hellaswag": "HellaSwag", "boolq": "BoolQ", "sentineg": "SentiNeg", "wic": "WiC"}
METRICS = {"hellaswag": ("f1", "f1_norm")}
"""What a task's tables show; the others show f1. The cards' HellaSwag is f1_norm."""
CONSTANT = "="
"""Marks a figure of a model that gives one answer whatever is asked."""


class Value(msgspec.Struct, frozen=True):
    value: float
    low: float | None = None
    high: float | None = None
    constant: bool = False


class Row(msgspec.Struct, frozen=True):
    """`kind`: a model that was measured, one out of the published tables, or what a constant answer earns."""

    label: str
    kind: Literal["measured", "published", "constant"]
    values: tuple[Value | None, ...]


class Section(msgspec.Struct, frozen=True):
    task: str
    metric: str
    items: int
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return f"{TITLES[self.task]} ({self.metric})"


class Table(msgspec.Struct, frozen=True):
    """Of one protocol only: figures of two are not comparable and never stand in one table."""

    protocol: str
    template: str
    dtypes: tuple[str, ...]
    shots: tuple[int, ...]
    sections: tuple[Section, ...]
    differences: tuple[seodang.Score, ...]


def published() -> dict[str, Any]:
    text = files("seodang_bench").joinpath("kobest_published.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def table_of(protocol: str, scores: Sequence[seodang.Score], models: Sequence[str], shots: Sequence[int]) -> Table:
    """The models' rows; where the cards were made with this protocol, theirs; and the best constant answer's."""
    of_this = [score for score in scores if score.protocol == f"kobest {protocol}"]
    plain = [score for score in of_this if "against" not in score.facts]
    by_place = {(score.student, score.facts["task"], score.facts["shots"], _metric(score)): score for score in plain}
    cards = published()
    sections = []
    for task in TITLES:
        for metric in METRICS.get(task, ("f1",)):
            known = [score for score in plain if score.facts["task"] == task and _metric(score) == metric]
            if not known:
                continue
            rows = [
                Row(model, "measured", tuple(_value(by_place.get((model, task, some, metric))) for some in shots))
                for model in models
            ]
            if protocol == cards["protocol"] and metric == METRICS.get(task, ("f1",))[-1]:
                rows += [Row(model, "published", _at(values, cards["shots"], shots)) for model, values in cards[task].items()]
            best = max(one["f1"] for one in known[0].facts["constants"])
            rows.append(Row("", "constant", tuple(Value(best) for _ in shots)))
            sections.append(Section(task, metric, known[0].count, tuple(rows)))
    dtypes = tuple(dict.fromkeys(str(score.facts["dtype"]) for score in plain if score.facts.get("dtype")))
    templates = {str(score.facts["template"]) for score in plain} or {"none"}
    differences = tuple(score for score in of_this if "against" in score.facts)
    return Table(protocol, ", ".join(sorted(templates)), dtypes, tuple(shots), tuple(sections), differences)


def _metric(score: seodang.Score) -> str:
    return score.name.split(" ")[2]


def _value(score: seodang.Score | None) -> Value | None:
    return None if score is None else Value(score.value, score.low, score.high, constant="constant" in score.facts)


def _at(values: Sequence[float], known: Sequence[int], shots: Sequence[int]) -> tuple[Value | None, ...]:
    by_shots = dict(zip(known, values, strict=True))
    return tuple(Value(by_shots[some]) if some in by_shots else None for some in shots)


def written(table: Table, form: Form) -> str:
    return {"text": _text, "csv": _csv, "markdown": _markdown, "latex": _latex}[form](table)


def _label(row: Row) -> str:
    if row.kind == "constant":
        return render("seodang_bench:kobest-constant-row", {})
    return render("seodang_bench:kobest-published-row", {"model": row.label}) if row.kind == "published" else row.label


def _cell(value: Value | None) -> str:
    if value is None:
        return "–"
    bounds = f" [{value.low:.3f}, {value.high:.3f}]" if value.low is not None and value.high is not None else ""
    return f"{value.value:.4f}{CONSTANT if value.constant else ''}{bounds}"


def _title(table: Table) -> str:
    dtypes = ", ".join(table.dtypes) or "–"
    return render("seodang_bench:kobest-title", {"protocol": table.protocol, "template": table.template, "dtype": dtypes})


def _text(table: Table) -> str:
    out = [_title(table)]
    for section in table.sections:
        cells = [[_label(row), *map(_cell, row.values)] for row in section.rows]
        header = [f"{section.title}, n={section.items}", *(f"{some}-shot" for some in table.shots)]
        widths = [max(_wide(row[place]) for row in (header, *cells)) for place in range(len(header))]
        for line in (header, *cells):
            out.append("  ".join(cell + " " * (width - _wide(cell)) for cell, width in zip(line, widths, strict=True)).rstrip())
        out.append("")
    return "\n".join(out + _told(table)).rstrip() + "\n"


def _wide(text: str) -> int:
    """Columns on a screen: a Hangul syllable takes two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _told(table: Table) -> list[str]:
    """What stands under the figures: what the marks mean, which tables they may be compared with, and the pairs."""
    found = []
    if any(value and value.constant for section in table.sections for row in section.rows for value in row.values):
        found.append(render("seodang_bench:kobest-constant-mark", {"mark": CONSTANT}))
    cards = published()["protocol"]
    found.append(render(f"seodang_bench:kobest-{'same' if table.protocol == cards else 'other'}-protocol", {"protocol": cards}))
    for score in table.differences:
        facts = {
            "student": score.student,
            "other": score.facts["against"],
            "p": score.facts["mcnemar_p"],
            "metric": _metric(score),
        }
        facts |= {"place": f"{TITLES[score.facts['task']]} {score.facts['shots']}-shot", "value": score.value}
        facts |= {"low": score.low, "high": score.high, "one": score.facts["only_here"], "two": score.facts["only_there"]}
        found.append(render("seodang_bench:kobest-difference", facts))
    return found


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["protocol", "template", "task", "metric", "items", "model", "kind", "shots", "value", "low", "high", "constant"]
    )
    for section in table.sections:
        for row in section.rows:
            for some, value in zip(table.shots, row.values, strict=True):
                if value is not None:
                    bounds = ["" if bound is None else repr(bound) for bound in (value.low, value.high)]
                    place = [
                        table.protocol,
                        table.template,
                        section.task,
                        section.metric,
                        section.items,
                        row.label,
                        row.kind,
                        some,
                    ]
                    writer.writerow([*place, repr(value.value), *bounds, int(value.constant)])
    return out.getvalue()


def _markdown(table: Table) -> str:
    out = [f"### {_title(table)}", ""]
    for section in table.sections:
        out.append(f"| {section.title}, n={section.items} | " + " | ".join(f"{some}-shot" for some in table.shots) + " |")
        out.append("|---|" + "--:|" * len(table.shots))
        for row in section.rows:
            out.append("| " + " | ".join([_label(row).replace("|", "\\|"), *map(_cell, row.values)]) + " |")
        out.append("")
    return "\n".join([*out, *(f"- {line}" for line in _told(table))]) + "\n"


def _latex(table: Table) -> str:
    columns = "l" + "r" * len(table.shots)
    out = [f"% {_title(table)}", f"\\begin{{tabular}}{{{columns}}}", "\\toprule"]
    for number, section in enumerate(table.sections):
        heads = " & ".join(f"{some}-shot" for some in table.shots)
        out += ["\\midrule"] * bool(number) + [f"\\textbf{{{_escaped(section.title)}}} & {heads} \\\\", "\\midrule"]
        out += [" & ".join([_escaped(_label(row)), *map(_cell, row.values)]) + " \\\\" for row in section.rows]
    return "\n".join([*out, "\\bottomrule", "\\end{tabular}", *(f"% {line}" for line in _told(table))]) + "\n"


def _escaped(text: str) -> str:
    named = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    return "".join(named.get(sign, f"\\{sign}" if sign in "&%$#_{}" else sign) for sign in text)


def picture(table: Table) -> str:
    """The figures over the shots as SVG: a task under another, with the published models faint behind."""
    groups = []
    for section in table.sections:
        drawn = [
            Line(
                # Faint lines are the published ones, and the room for names is narrow.
                row.label or _label(row),
                tuple(value.value if value else None for value in row.values),
                tuple(value.low if value else None for value in row.values) if row.kind == "measured" else (),
                tuple(value.high if value else None for value in row.values) if row.kind == "measured" else (),
                faint=row.kind != "measured",
            )
            for row in section.rows
        ]
        groups.append((f"{section.title} · {table.protocol}", drawn))
    return alone(lines(groups, [f"{some}-shot" for some in table.shots]))
