"""What each step left out: how many rows for which reason, and some of each beside what they collided with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, zip_longest
from typing import Any

import msgspec

from seodang.files.flaws import reason
from seodang.reports import page
from seodang.runs.left_out import KINDS, Kind, LeftOut, Shown, conversation
from seodang.runs.opened import OpenedRun
from seodang.runs.summary import StepSummary, Summary
from seodang.wording import printable, render

EXAMPLES = 3
REASONS = 20
"""So many reasons of a step have examples; each is in the table."""
LONGEST = 600
"""So many characters of a row are shown, over all its turns; a report of fifty thousand rows stays small."""


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
    left = {(kind, code): list(left_out.rows(code)) for kind, left_out in found for code in islice(left_out.counts, REASONS)}
    kept = [_card(render("show.kept", {}), _turns(record), style="kept") for record in islice(run.records(step.folder), EXAMPLES)]
    beside = _drawn_in_turn(left)
    sides = [*kept, *beside] if not kept or not beside else [f"<div>{''.join(kept)}</div>", f"<div>{''.join(beside)}</div>"]
    counts = {(kind, code): count for kind, left_out in found for code, count in left_out.counts.items()}
    reasons = [
        page.folded(
            render("report.more-examples", {"code": code, "count": counts[kind, code]}),
            _pairs(rows_of),
        )
        for (kind, code), rows_of in left.items()
    ]
    title = f'<h3>{page.escape(step.name)} <span class="quiet">{page.escape(step.plugin)}</span></h3>'
    return title + page.table(head, rows, right=(2, 3)) + _beside(sides) + "".join(reasons)


def _drawn_in_turn(left: dict[tuple[Kind, str], list[Shown]]) -> list[str]:
    """What stands beside what was kept: one of each reason, then a second of each, and is then taken out of `left`.

    A reason whose rows collided with others has its pairs below.
    """
    alone = [rows for rows in left.values() if not any(shown.collided for shown in rows)]
    drawn = [(rows, shown) for turn in zip_longest(*alone) for rows, shown in zip(alone, turn, strict=True) if shown][:EXAMPLES]
    for rows, shown in drawn:
        rows.remove(shown)
    return [_left_card(shown) for _, shown in drawn]


def _turns(record: Any) -> list[tuple[str, str]]:
    return conversation(msgspec.to_builtins(record))


def _left_card(shown: Shown) -> str:
    row = shown.row
    why = reason(row["code"], row.get("detail", "")) or row["code"]
    return _card(why, conversation(row.get("record")) or [("", str(row.get("text", "")))], shown.where, style="left")


def _pairs(rows: Sequence[Shown]) -> str:
    """Each row with what it collided with at its right, and those that collided with nothing beside each other."""
    pairs, alone = list[str](), list[str]()
    for shown in rows:
        if shown.collided is None:
            alone.append(_left_card(shown))
        else:
            other = _card(shown.collided.title, conversation(shown.collided.record) or [("", shown.collided.text)])
            pairs.append(_beside([_left_card(shown), other]))
    return "".join(pairs) + _beside(alone)


def _beside(cards: Sequence[str]) -> str:
    return f'<div class="pair">{"".join(cards)}</div>' if cards else ""


def _card(title: str, turns: Sequence[tuple[str, str]], where: str = "", *, style: str = "") -> str:
    body, room = "", LONGEST
    for role, said in turns:
        if room <= 0:
            body += "<p>…</p>"
            break
        body += f'<p><span class="role">{page.escape(_short(role))}</span> {page.escape(_short(said, room))}</p>'
        room -= len(said)
    place = f'<p class="role">{page.escape(_short(where))}</p>' if where else ""
    return f'<div class="card {style}"><h3>{page.escape(_short(title))}</h3>{body}{place}</div>'


def _short(text: str, most: int = LONGEST) -> str:
    return printable(text if len(text) <= most else text[:most] + " …")
