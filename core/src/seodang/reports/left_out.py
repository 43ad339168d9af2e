"""What each step left out: how many rows for which reason, and some of each beside what they collided with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from seodang.files.flaws import reason
from seodang.reports import page
from seodang.runs.left_out import KINDS, LeftOut, Shown, conversation
from seodang.runs.opened import OpenedRun
from seodang.runs.summary import StepSummary, Summary
from seodang.wording import printable, render

EXAMPLES = 3
REASONS = 20
"""So many reasons of a step have examples; each is in the table."""
LONGEST = 600
"""So many characters of a row are shown; a report of fifty thousand rows stays small."""


def examples(run: OpenedRun, summary: Summary) -> str:
    """For every step that left something out."""
    steps = [step for step in summary.steps if step.verb not in ("train", "evaluate") and (step.dropped or step.quarantined)]
    return "".join(_step(run, step) for step in steps) or page.paragraph(render("report.nothing-left-out", {}), quiet=True)


def _step(run: OpenedRun, step: StepSummary) -> str:
    found = [(kind, LeftOut(run, step.folder, kind, EXAMPLES)) for kind in KINDS]
    came = step.rows.get("in", 0)
    rows = [
        [code, render(f"show.{kind}", {}), f"{count:,}", f"{count / came * 100:.1f} %" if came else ""]
        for kind, left_out in found
        for code, count in left_out.counts.items()
    ]
    head = [render(f"report.{name}", {}) for name in ("reason", "fate", "rows", "share")]
    reasons = [
        f"<h4>{page.escape(code)} {count:,}</h4>" + "".join(_pair(shown) for shown in left_out.rows(code))
        for _, left_out in found
        for code, count in islice(left_out.counts.items(), REASONS)
    ]
    kept = [_card(render("show.kept", {}), _turns(record)) for record in islice(run.records(step.folder), EXAMPLES)]
    let_through = f'<h4>{page.escape(render("show.kept", {}))}</h4><div class="pair">{"".join(kept)}</div>' if kept else ""
    title = f'<h3>{page.escape(step.name)} <span class="quiet">{page.escape(step.plugin)}</span></h3>'
    return title + page.table(head, rows, right=(2, 3)) + "".join(reasons) + let_through


def _turns(record: Any) -> list[tuple[str, str]]:
    return conversation(msgspec.to_builtins(record))


def _pair(shown: Shown) -> str:
    """The row, and at its right what it collided with; the right side stays free where it collided with nothing."""
    row = shown.row
    why = reason(row["code"], row.get("detail", "")) or row["code"]
    left = _card(why, conversation(row.get("record")) or [("", str(row.get("text", "")))], shown.where)
    right = ""
    if shown.collided is not None:
        right = _card(shown.collided.title, conversation(shown.collided.record) or [("", shown.collided.text)])
    return f'<div class="pair">{left}{right}</div>'


def _card(title: str, turns: Sequence[tuple[str, str]], where: str = "") -> str:
    body = "".join(f'<p><span class="role">{page.escape(role)}</span> {page.escape(_short(said))}</p>' for role, said in turns)
    place = f'<p class="role">{page.escape(_short(where))}</p>' if where else ""
    return f'<div class="card"><h3>{page.escape(_short(title))}</h3>{body}{place}</div>'


def _short(text: str) -> str:
    return printable(text if len(text) <= LONGEST else text[:LONGEST] + " …")
