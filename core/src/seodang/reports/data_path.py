"""The path of the data as a picture: a stream from step to step whose breadth is its rows, and what leaves it, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from seodang.reports.drawing import shortened, svg, text

REASONS = 6
"""So many reasons of a step are drawn; the rest are one line, and each stands in the table below."""
WIDTH, MIDDLE, BROADEST, BESIDE = 860, 390, 280, 590
NARROWEST = 3.0


class Leaving(msgspec.Struct, frozen=True):
    """Rows that go no further. `fate` is `dropped`, `quarantined` or `used`: each has its colour."""

    reason: str
    rows: int
    fate: str


class Stop(msgspec.Struct, frozen=True):
    """A step on the path: how many rows come to it, how many go on, and how many leave and where to."""

    title: str
    plugin: str
    came: int
    rows: int
    leaving: tuple[Leaving, ...] = ()


def data_path(stops: Sequence[Stop], *, fates: Mapping[str, str] | None = None, more: str = "+") -> str:
    """Downwards, so that a recipe of twenty steps is as legible as one of three.

    `fates` are the words of the legend, `more` stands before the rest of many reasons.
    """
    most = max((max(stop.came, stop.rows) for stop in stops), default=0) or 1
    parts: list[str] = []
    y = 6.0
    for place, stop in enumerate(stops):
        leaving = _drawn(stop.leaving, more)
        height = max(58.0, 20 * len(leaving) + 18)
        above, below = (max(NARROWEST, BROADEST * rows / most) for rows in (stop.came, stop.rows))
        parts += _branches(y + height / 2, leaving, most)
        parts.append(_stream(y, height, above, below))  # over the branch, which begins within it
        parts.append(text(0, y + height / 2 - 2, shortened(f"{place + 1}. {stop.title}", 30), "start", "strong"))
        parts.append(text(0, y + height / 2 + 16, shortened(stop.plugin, 34), "start", "small"))
        parts.append(text(MIDDLE, y + height / 2 + 5, f"{stop.rows:,}", "middle", "number"))
        first = y + height / 2 - 10 * (len(leaving) - 1) + 4
        for line, one in enumerate(leaving):
            parts.append(f'<rect class="{one.fate}" x="{BESIDE}" y="{first + 20 * line - 9:.1f}" width="10" height="10" rx="2"/>')
            parts.append(text(BESIDE + 16, first + 20 * line, f"{shortened(one.reason, 26)} {one.rows:,}", "start", "small"))
        y += height
    met = {one.fate for stop in stops for one in stop.leaving}
    for place, (fate, word) in enumerate((fate, word) for fate, word in (fates or {}).items() if fate in met):
        parts.append(f'<rect class="{fate}" x="{BESIDE + 90 * place}" y="{y + 13:.1f}" width="10" height="10" rx="2"/>')
        parts.append(text(BESIDE + 16 + 90 * place, y + 22, shortened(word, 11), "start", "small"))
    return svg(WIDTH, int(y) + (32 if met and fates else 6), "".join(parts)) if parts else ""


def _drawn(leaving: Sequence[Leaving], more: str) -> list[Leaving]:
    ordered = sorted(leaving, key=lambda one: (-one.rows, one.reason))
    if len(ordered) <= REASONS:
        return ordered
    rest = ordered[REASONS - 1 :]
    return [*ordered[: REASONS - 1], Leaving(f"{more} {len(rest)}:", sum(one.rows for one in rest), rest[0].fate)]


def _stream(y: float, height: float, above: float, below: float) -> str:
    # A little into the next, or a seam shows between the two.
    left, right, half, end = MIDDLE - above / 2, MIDDLE + above / 2, y + height / 2, y + height + 0.6
    return (
        f'<path class="flow" d="M{left:.1f} {y:.1f} H{right:.1f} C{right:.1f} {half:.1f} {MIDDLE + below / 2:.1f} {half:.1f} '
        f"{MIDDLE + below / 2:.1f} {end:.1f} H{MIDDLE - below / 2:.1f} C{MIDDLE - below / 2:.1f} {half:.1f} {left:.1f} {half:.1f} "
        f'{left:.1f} {y:.1f} Z"/>'
    )


def _branches(middle: float, leaving: Sequence[Leaving], most: int) -> list[str]:
    """As broad as what leaves, so that an eye compares it with what goes on; each fate in its colour, one under another."""
    counts = Counter[str]()
    for one in leaving:
        counts[one.fate] += one.rows
    whole = sum(counts.values())
    breadth = min(max(1.2, BROADEST * whole / most), 34.0)
    parts, y = list[str](), middle - breadth / 2
    for fate, rows in counts.items():
        thick = breadth * rows / max(whole, 1)
        parts.append(f'<rect class="leave {fate}" x="{MIDDLE}" y="{y:.1f}" width="{BESIDE - 10 - MIDDLE}" height="{thick:.1f}"/>')
        y += thick
    return parts
