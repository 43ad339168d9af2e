"""Style against substance as a picture: each student a point, so that one sees which of the two its training has moved."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from seodang.reports.drawing import shortened, svg, text, tint

WIDTH, LEFT, BOTTOM, RIGHT = 420, 58, 250, 400


class Axis(msgspec.Struct, frozen=True):
    value: float
    low: float | None = None
    high: float | None = None


class Point(msgspec.Struct, frozen=True):
    """`moved` is where the student was before its training: an arrow leads from there."""

    label: str
    across: Axis
    up: Axis
    colour: int = 1
    moved: bool = False


def plane(points: Sequence[Point], across: str, up: str) -> str:
    """`across` and `up` name the axes. Points that were moved have an arrow from the first point."""
    if not points:
        return ""
    # One scale for both: what moves a student twice as far upwards as to the right must look so.
    x_least, x_most = y_least, y_most = _room([axis for point in points for axis in (point.across, point.up)])

    def x(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * (value - x_least) / (x_most - x_least)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - 24) * (value - y_least) / (y_most - y_least)

    parts = [
        f'<path class="axis" d="M{LEFT} 24 V{BOTTOM} H{RIGHT}"/>',
        text(LEFT, 14, f"↑ {up}", "start", "small"),
        text(RIGHT, BOTTOM + 36, f"{across} →", "end", "small"),
    ]
    for least, most, place, horizontal in ((x_least, x_most, x, True), (y_least, y_most, y, False)):
        for value in (least, (least + most) / 2, most):
            spot = (place(value), BOTTOM + 17, "middle") if horizontal else (LEFT - 8, place(value) + 4, "end")
            parts.append(text(spot[0], spot[1], f"{value * 100:.0f} %", spot[2], "small"))
    first = points[0]
    for number, point in enumerate(points):
        middle, centre = x(point.across.value), y(point.up.value)
        if point.moved:
            parts.append(
                f'<path class="moved" d="M{x(first.across.value):.1f} {y(first.up.value):.1f} L{middle:.1f} {centre:.1f}"/>'
            )
        if point.across.low is not None and point.across.high is not None:
            parts.append(f'<path class="interval" d="M{x(point.across.low):.1f} {centre:.1f} H{x(point.across.high):.1f}"/>')
        if point.up.low is not None and point.up.high is not None:
            parts.append(f'<path class="interval" d="M{middle:.1f} {y(point.up.low):.1f} V{y(point.up.high):.1f}"/>')
        style = f"bar{tint(point.colour)}"
        parts.append(f'<circle class="{style}" cx="{middle:.1f}" cy="{centre:.1f}" r="6"/>')
        # The names stand in a list below: points that lie close together would write over each other.
        parts.append(f'<circle class="{style}" cx="{LEFT + 6}" cy="{BOTTOM + 56 + 22 * number}" r="6"/>')
        parts.append(text(LEFT + 20, BOTTOM + 60 + 22 * number, shortened(point.label, 46), "start", "small"))
    return svg(WIDTH, BOTTOM + 56 + 22 * len(points), "".join(parts))


def _room(axes: Sequence[Axis]) -> tuple[float, float]:
    values = [value for axis in axes for value in (axis.value, axis.low, axis.high) if value is not None]
    return min(0.0, *values), max(1.0, *values)
