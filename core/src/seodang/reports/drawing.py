"""Pictures as SVG, drawn from numbers. Text is escaped, colours come from the page, so that light and dark both work."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from html import escape

import msgspec

from seodang.wording import printable

COLOURS = 8
"""So many a page has for students."""
BETWEEN = 17
"""From one name to the next below it."""


class Bar(msgspec.Struct, frozen=True):
    """A figure of one student. `text` is what stands behind the bar; a share in percent without it."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    text: str = ""
    colour: int = 1

    @property
    def reaches(self) -> list[float]:
        return [value for value in (self.value, self.low, self.high) if value is not None and math.isfinite(value)]


def bars(groups: Sequence[tuple[str, Sequence[Bar]]], *, width: int = 860) -> str:
    """Figures as bars, one group under another; the interval is a line where there is one.

    A bar's room is from 0 to 1, and wider where the figures of its group need it: to the left where one is negative.
    """
    label, value_space = 250, 110
    scale = width - label - value_space
    y = 8.0
    parts: list[str] = []
    for title, group in groups:
        parts.append(text(0, y + 13, shortened(title, 100), "start", "strong"))
        y += 20  # a line of its own: long names of students would run into it
        reached = [value for bar in group for value in bar.reaches]
        # Shares have the whole of them for their room; a grade of 7.3 has the highest grade.
        least, most = min([0.0, *reached]), max([*reached, 1.0])

        def across(value: float, least: float = least, most: float = most) -> float:
            return label + scale * (min(max(value, least), most) - least) / max(most - least, 1e-9)

        for bar in group:
            parts.append(text(label - 10, y + 13, shortened(bar.label, 31), "end", "small"))
            parts.append(f'<rect class="track" x="{label}" y="{y + 2:.1f}" width="{scale}" height="14" rx="2"/>')
            if math.isfinite(bar.value):
                start, end = sorted((across(0.0), across(bar.value)))
                parts.append(
                    f'<rect class="bar{tint(bar.colour)}" x="{start:.1f}" y="{y + 2:.1f}" '
                    f'width="{end - start:.1f}" height="14" rx="2"/>'
                )
            if bar.low is not None and bar.high is not None and math.isfinite(bar.low + bar.high):
                low, high = across(bar.low), across(bar.high)
                parts.append(
                    f'<path class="interval" d="M{low:.1f} {y + 9:.1f} H{high:.1f} M{low:.1f} {y + 5:.1f} v8 M{high:.1f} {y + 5:.1f} v8"/>'
                )
            if least < 0:
                parts.append(f'<path class="axis" d="M{across(0.0):.1f} {y:.1f} v18"/>')
            parts.append(
                text(width - value_space + 8, y + 13, shortened(bar.text or f"{bar.value * 100:.1f} %", 18), "start", "small")
            )
            y += 20
        y += 10
    return svg(width, int(y), "".join(parts)) if parts else ""


def curve(
    values: Sequence[tuple[float, float]],
    *,
    beside: Sequence[tuple[float, float]] = (),
    names: tuple[str, str] = ("", ""),
    width: int = 860,
    height: int = 220,
    label: str = "",
) -> str:
    """A line through points, as a loss over steps, and a second one `beside` it, as that of rows set apart. `names` call them."""
    points, others = ([(x, y) for x, y in line if math.isfinite(x) and math.isfinite(y)] for line in (values, beside))
    if len(points) < 2:
        return ""
    left, bottom = 56, height - 26
    x_least, x_most = points[0][0], points[-1][0]
    y_least, y_most = (bound(y for _, y in (*points, *others)) for bound in (min, max))
    across, up = max(x_most - x_least, 1e-9), max(y_most - y_least, 1e-9)

    def place(x: float, y: float) -> str:
        return f"{left + (width - left - 10) * (x - x_least) / across:.1f},{bottom - (bottom - 14) * (y - y_least) / up:.1f}"

    thin = [*points[: -1 : max(1, len(points) // 400)], points[-1]]
    parts = [
        f'<path class="axis" d="M{left} 10 V{bottom} H{width - 10}"/>',
        f'<polyline class="curve" points="{" ".join(place(x, y) for x, y in thin)}"/>',
        text(left - 6, 18, f"{y_most:.2f}", "end", "small"),
        text(left - 6, bottom, f"{y_least:.2f}", "end", "small"),
        text(left, height - 8, f"{x_least:,.0f}", "start", "small"),
        text(width - 10, height - 8, f"{x_most:,.0f}", "end", "small"),
        text((left + width) / 2, height - 8, label, "middle", "small"),
    ]
    if others:
        parts.append(f'<polyline class="curve beside" points="{" ".join(place(x, y) for x, y in others)}"/>')
        for x, y in others:
            across_at, up_at = place(x, y).split(",")
            parts.append(f'<circle class="bar2" cx="{across_at}" cy="{up_at}" r="2.6"/>')
        for line, (name, style) in enumerate(zip(names, ("bar1", "bar2"), strict=True)):
            parts.append(f'<rect class="{style}" x="{width - 180}" y="{14 + 18 * line}" width="10" height="10" rx="2"/>')
            parts.append(text(width - 164, 23 + 18 * line, name, "start", "small"))
    return svg(width, height, "".join(parts))


class Line(msgspec.Struct, frozen=True):
    """Values over the places of an axis; None where there is none. A faint one is there to be compared with."""

    label: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    faint: bool = False
    colour: int | None = None

    def style(self, place: int) -> str:
        number = place if self.colour is None else self.colour
        return "faint" if self.faint else f"line{tint(number)}" + (" again" if number >= COLOURS else "")


def lines(groups: Sequence[tuple[str, Sequence[Line]]], ticks: Sequence[str], *, width: int = 860, height: int = 200) -> str:
    """Shares between 0 and 1 over a few places, as a score over shots: one picture a group under another, intervals as strokes."""
    top, parts = 28.0, list[str]()
    for title, group in groups:
        parts.append(text(0, top - 12, shortened(title, 100), "start", "strong"))
        bottom = top + max(height - 28, BETWEEN * len(group))  # so that all names fit beside it
        parts += _over(group, ticks, top, bottom, width - 250)
        parts += _names(group, top, bottom, width - 250)
        top = bottom + 68
    return svg(width, int(top - 28), "".join(parts))


def _over(group: Sequence[Line], ticks: Sequence[str], top: float, bottom: float, right: float) -> list[str]:
    left = 44
    y = _scale(group, top, bottom)
    least, most = y.bounds
    room = (right - left - 60) / max(1, len(ticks) - 1)
    parts = [f'<path class="axis" d="M{left} {top:.1f} V{bottom:.1f} H{right}"/>']
    parts += [text(left - 6, y(value) + 4, f"{value:.2f}", "end", "small") for value in (least, most)]
    parts += [text(left + 30 + room * place, bottom + 16, tick, "middle", "small") for place, tick in enumerate(ticks)]
    # Each a little to the right of the one before, or one interval would hide the others.
    loud = [place for place, line in enumerate(group) if not line.faint]
    apart = min(5.0, 30.0 / max(1, len(loud)))
    for place, line in enumerate(group):
        shift = 0.0 if line.faint else apart * (loud.index(place) - (len(loud) - 1) / 2)
        style, first = line.style(place), left + 30 + shift
        points = [(first + room * tick, value) for tick, value in enumerate(line.values) if value is not None]
        parts.append(f'<polyline class="line {style}" points="{" ".join(f"{x:.1f},{y(value):.1f}" for x, value in points)}"/>')
        parts += [f'<circle class="{style}" cx="{x:.1f}" cy="{y(value):.1f}" r="2.6"/>' for x, value in points]
        for tick, (low, high) in enumerate(zip(line.low, line.high, strict=False)):
            if low is not None and high is not None:
                x = first + room * tick
                parts.append(f'<path class="spread {style}" d="M{x:.1f} {y(low):.1f} V{y(high):.1f}"/>')
    return parts


def _names(group: Sequence[Line], top: float, bottom: float, right: float) -> list[str]:
    """Beside the end of each line, one under another, and none below the picture."""
    y, parts = _scale(group, top, bottom), list[str]()
    known = [(place, line, [value for value in line.values if value is not None]) for place, line in enumerate(group)]
    ends = [(y(values[-1]), place, line) for place, line, values in known if values]
    ends.sort(key=lambda one: one[:2])
    heights: list[float] = []
    for end, _, _ in ends:
        heights.append(max(end, heights[-1] + BETWEEN) if heights else max(end, top + 4))
    lowest = bottom
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], lowest)
        lowest = heights[place] - BETWEEN
    for height, (_, place, line) in zip(heights, ends, strict=True):
        parts.append(f'<path class="line {line.style(place)}" d="M{right + 10} {height:.1f} h16"/>')
        parts.append(text(right + 32, height + 4, shortened(line.label, 28), "start", "small" if line.faint else "small strong"))
    return parts


class _Scale(msgspec.Struct, frozen=True):
    """From shares to heights."""

    bounds: tuple[float, float]
    top: float
    bottom: float

    def __call__(self, value: float) -> float:
        least, most = self.bounds
        return self.bottom - (self.bottom - self.top) * (value - least) / max(most - least, 1e-9)


def _scale(group: Sequence[Line], top: float, bottom: float) -> _Scale:
    known = [value for line in group for value in (*line.values, *line.low, *line.high) if value is not None]
    return _Scale((max(0.0, min(known, default=0.0) - 0.03), min(1.0, max(known, default=1.0) + 0.03)), top, bottom)


ALONE = (
    "<style>svg{font:14px sans-serif;background:#fff}text{fill:#222}.strong{font-weight:600}.small{font-size:12px}"
    ".axis,.interval{stroke:#888;fill:none;stroke-width:1.2}.line{fill:none;stroke-width:2}.faint{stroke:#bbb;fill:#bbb}"
    ".line0{stroke:#1f5fa8;fill:#1f5fa8}.line1{stroke:#b5502a;fill:#b5502a}.line2{stroke:#3b7d3b;fill:#3b7d3b}.line3{stroke:#7a4b9d;fill:#7a4b9d}"
    ".line4{stroke:#8a6d00;fill:#8a6d00}.line5{stroke:#5f6b7a;fill:#5f6b7a}.line6{stroke:#13807c;fill:#13807c}"
    ".line7{stroke:#b8396a;fill:#b8396a}.again{stroke-dasharray:6 4}.spread{opacity:.5;stroke-width:1.6}"
    "polyline{fill:none!important}</style>"
)
"""What a picture brings along that stands in a file of its own, outside of a page with colours."""


def alone(picture: str) -> str:
    """A picture as a file."""
    head, bracket, rest = picture.partition(">")
    # White paper of its own: not every viewer heeds the background of a style, and dark words on a dark page are lost.
    return f'{head}{bracket}{ALONE}<rect width="100%" height="100%" fill="#fff"/>{rest}'


def tint(number: int) -> int:
    """The colour of the student with this number; when there are no more, all but the first, which is the base's, come again."""
    return number if number < COLOURS else 1 + (number - COLOURS) % (COLOURS - 1)


def shortened(name: str, most: int) -> str:
    """A name that would leave the picture or run into its neighbour, cut by the columns it takes: a Hangul syllable takes two."""
    columns = 0
    for place, character in enumerate(name):
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > most:
            return name[: max(place - 1, 1)] + "…"
    return name


def text(x: float, y: float, words: str, anchor: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(printable(words))}</text>'


def svg(width: int, height: int, content: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">{content}</svg>'
