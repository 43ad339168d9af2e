"""Money and time of a run, by step."""

from __future__ import annotations

from pathlib import Path

import msgspec

from seodang.ledger.money import format_amounts
from seodang.reports import page
from seodang.reports.drawing import Bar, bars
from seodang.runs.opened import OpenedRun
from seodang.runs.summary import Summary, wasted_lines, whole_cost
from seodang.wording import render

MINUTE, HOUR = 60, 3_600


class _Event(msgspec.Struct):
    event: str = ""
    step: str = ""
    seconds: float = 0.0


def times_of(run: Path) -> dict[str, float]:
    """The seconds in which each step was finished: those of its last making, and of the last attempt where it was interrupted."""
    log, found = run / "log.jsonl", dict[str, float]()
    if not log.is_file():
        return found
    decode = msgspec.json.Decoder(_Event).decode
    with open(log, "rb") as file:
        for line in file:
            if b'"step_time"' not in line:
                continue
            try:
                event = decode(line)
            except msgspec.MsgspecError:
                continue  # the torn line of a process that was killed; nothing but a time is lost with it
            if event.event == "step_time":
                found[event.step] = event.seconds
    return found


def duration(seconds: float) -> str:
    """`0.4 s`, `3 min 20 s`, `2 h 05 min`; the units are the same in every language."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    if seconds < HOUR:
        return f"{int(seconds) // MINUTE} min {int(seconds) % MINUTE:02d} s"
    return f"{int(seconds) // HOUR} h {int(seconds) % HOUR // MINUTE:02d} min"


def spent(run: OpenedRun, summary: Summary) -> str:
    times = times_of(run.path)
    costs = {cost.step: cost for cost in summary.costs}
    names = [step.name for step in summary.steps] + [name for name in costs if name not in {step.name for step in summary.steps}]
    rows = []
    for name in names:
        cost = costs.get(name)
        time = duration(times[name]) if name in times else "–"
        money = (
            ("–", "–", "–", "–")
            if cost is None
            else (
                f"{cost.answers:,}",
                format_amounts(cost.spent_micro),
                format_amounts(cost.wasted_micro),
                format_amounts(cost.per_row_micro) if cost.rows and cost.spent_micro else "–",
            )
        )
        rows.append([name, time, *money])
    head = [render(f"show.{name}", {}) for name in ("step",)] + [render("report.time", {})]
    head += [render(f"show.{name}", {}) for name in ("answers", "spent", "wasted", "per-row")]
    slow = [Bar(name, times[name] / max(times.values()), text=duration(times[name])) for name in names if times.get(name)]
    picture = page.picture(bars([(render("report.time", {}), slow)])) if len(slow) > 1 else ""
    return "\n".join([*(page.paragraph(line) for line in _lines(summary)), page.table(head, rows, right=range(1, 6)), picture])


def _lines(summary: Summary) -> list[str]:
    if not summary.requests:
        return [render("report.no-money", {})]
    money = ", ".join(f"{value} {currency}" for currency, value in sorted(summary.spent.items())) or "0"
    lines = [render("show.money", {"requests": summary.requests, "answers": summary.answers, "money": money})]
    lines += [render("show.converted", {"money": f"{value} {currency}"}) for currency, value in summary.converted.items()]
    lines += [*wasted_lines(summary), whole_cost(summary)]
    lines += [render("show.in-doubt", {"money": f"{value} {currency}"}) for currency, value in sorted(summary.in_doubt.items())]
    return lines
