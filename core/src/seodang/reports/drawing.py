"""Pictures as SVG, drawn from numbers. Text is escaped, colours come from the page, so that light and dark both work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import msgspec


class Stop(msgspec.Struct, frozen=True):
    """A station on the path of the data: what is written under it, how many rows go on, and how many leave and where to."""

    title: str
    rows: int
    leaving: tuple[tuple[str, int], ...] = ()


class Bar(msgspec.Struct, frozen=True):
    label: str
    value: float
    low: float | None = None
    high: float | None = None


def data_path(stops: Sequence[Stop], *, width: int = 860) -> str:
    """The rows as a stream whose breadth is their number; what is left out runs off below, with its reason."""
    if not stops:
        return ""
    most = max(max(stop.rows for stop in stops), 1)
    step = width / len(stops)
    middle, tallest = 90, 90
    parts: list[str] = []
    for place, stop in enumerate(stops):
        left, right = place * step + 4, (place + 1) * step - 4
        height = max(3.0, tallest * stop.rows / most)
        parts.append(
            f'<rect class="flow" x="{left:.1f}" y="{middle - height / 2:.1f}" width="{right - left:.1f}" height="{height:.1f}" rx="3"/>'
        )
        centre = (left + right) / 2
        parts.append(_text(centre, 22, stop.title, "middle", "strong"))
        parts.append(_text(centre, middle + 5, f"{stop.rows:,}", "middle", "number"))
        for line, (reason, rows) in enumerate(stop.leaving[:6]):
            y = 168 + line * 18
            if line == 0:
                parts.append(f'<path class="leave" d="M{centre:.1f} {middle + height / 2:.1f} V152"/>')
            parts.append(_text(centre, y, f"{reason} {rows:,}", "middle", "small"))
    lines = max((min(len(stop.leaving), 6) for stop in stops), default=0)
    return _svg(width, 160 + 18 * lines, "".join(parts))


def bars(groups: Sequence[tuple[str, Sequence[Bar]]], *, width: int = 860) -> str:
    """Shares between 0 and 1 as bars, one group under another; the interval is a line where there is one."""
    label, value_space = 250, 70
    scale = width - label - value_space
    y = 8.0
    parts: list[str] = []
    for title, group in groups:
        parts.append(_text(0, y + 13, title, "start", "strong"))
        y += 20  # a line of its own: long names of students would run into it
        for place, bar in enumerate(group):
            parts.append(_text(label - 10, y + 13, bar.label, "end", "small"))
            parts.append(f'<rect class="track" x="{label}" y="{y + 2:.1f}" width="{scale}" height="14" rx="2"/>')
            length = scale * min(max(bar.value, 0.0), 1.0)
            parts.append(
                f'<rect class="bar bar{place % 4}" x="{label}" y="{y + 2:.1f}" width="{length:.1f}" height="14" rx="2"/>'
            )
            if bar.low is not None and bar.high is not None:
                low, high = label + scale * bar.low, label + scale * bar.high
                parts.append(
                    f'<path class="interval" d="M{low:.1f} {y + 9:.1f} H{high:.1f} M{low:.1f} {y + 5:.1f} v8 M{high:.1f} {y + 5:.1f} v8"/>'
                )
            parts.append(_text(width - value_space + 8, y + 13, f"{bar.value * 100:.1f} %", "start", "small"))
            y += 20
        y += 10
    return _svg(width, int(y), "".join(parts))


def curve(values: Sequence[tuple[float, float]], *, width: int = 860, height: int = 220, label: str = "") -> str:
    """A line through points, as a loss over steps."""
    points = [(x, y) for x, y in values if math.isfinite(x) and math.isfinite(y)]
    if len(points) < 2:
        return ""
    left, bottom = 56, height - 26
    x_least, x_most = points[0][0], points[-1][0]
    y_least, y_most = min(y for _, y in points), max(y for _, y in points)
    across, up = max(x_most - x_least, 1e-9), max(y_most - y_least, 1e-9)
    thin = points[:: max(1, len(points) // 400)]
    path = " ".join(
        f"{left + (width - left - 10) * (x - x_least) / across:.1f},{bottom - (bottom - 14) * (y - y_least) / up:.1f}"
        for x, y in thin
    )
    parts = [
        f'<path class="axis" d="M{left} 10 V{bottom} H{width - 10}"/>',
        f'<polyline class="curve" points="{path}"/>',
        _text(left - 6, 18, f"{y_most:.2f}", "end", "small"),
        _text(left - 6, bottom, f"{y_least:.2f}", "end", "small"),
        _text(left, height - 8, f"{x_least:,.0f}", "start", "small"),
        _text(width - 10, height - 8, f"{x_most:,.0f}", "end", "small"),
        _text((left + width) / 2, height - 8, label, "middle", "small"),
    ]
    return _svg(width, height, "".join(parts))


def _text(x: float, y: float, text: str, anchor: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: int, height: int, content: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">{content}</svg>'
