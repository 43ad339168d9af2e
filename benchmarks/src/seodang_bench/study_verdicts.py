"""What limits a student, its data or its base: how right answers and style rise with tenfold rows and with tenfold parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
from seodang.reports.drawing import Line, alone, lines
from seodang_study.measures import averaged, correlation

from seodang_bench.studying import Cell, Side

if TYPE_CHECKING:
    import numpy

DRAWS = 1_000
SEED = 20230526
ROOM = 0.05
"""As in the evaluation: between a floor and a ceiling that lie nearer there is no way to go."""
Verdict = Literal["data-limited", "base-limited", "undecided"]


class Slope(msgspec.Struct, frozen=True):
    """Closure for each tenfold, with 95 % over the items."""

    value: float
    low: float
    high: float


class Limits(msgspec.Struct, frozen=True):
    """The slopes in closure of right answers and of style, over rows and over parameters; None where the grid has no two of them.

    Closure here has one floor for all, the weakest base: measured each from its own, a base that can do more would seem to close less.
    """

    verdict: Verdict
    rows: Slope | None
    parameters: Slope | None
    style_rows: Slope | None
    style_parameters: Slope | None


def limits_of(cells: Sequence[Cell]) -> Limits:
    rows, parameters, apart = _slopes(cells, "capability", _right)
    style_rows, style_parameters, _ = _slopes(cells, "style", _style)
    by_rows, by_parameters = rows is not None and rows.low > 0, parameters is not None and parameters.low > 0
    verdict: Verdict = "undecided"
    if by_rows and (not by_parameters or (apart is not None and apart.low > 0)):
        verdict = "data-limited"
    elif by_parameters and (not by_rows or (apart is not None and apart.high < 0)):
        verdict = "base-limited"
    return Limits(verdict, rows, parameters, style_rows, style_parameters)


def _right(side: Side, draws: numpy.ndarray) -> numpy.ndarray:
    import numpy as np

    return averaged(np.array(side.right, dtype=float), draws)


def _style(side: Side, draws: numpy.ndarray) -> numpy.ndarray:
    """As the evaluation has it: the mean of its measures, of which the correlation of lengths is the one that no single item has."""
    import numpy as np

    own, teacher = np.array(side.lengths, dtype=float), np.array(side.teacher_lengths, dtype=float)
    return (side.measures * averaged(np.array(side.likeness), draws) + correlation(own, teacher, draws)) / (side.measures + 1)


def _slopes(
    cells: Sequence[Cell], score: str, earned: Callable[[Side, numpy.ndarray], numpy.ndarray]
) -> tuple[Slope | None, Slope | None, Slope | None]:
    """Over rows for each base, over parameters for each size, each in their mean; and the first less the second. The same items are drawn
    for all cells."""
    import numpy as np

    sides = [side for cell in cells for side in (cell.student, cell.floor)]
    counts = {len(side.likeness if score == "style" else side.right) for side in sides}
    if len(counts) > 1 or not (count := counts.pop()):
        return None, None, None
    draws = np.random.default_rng(SEED).multinomial(count, [1 / count] * count, size=DRAWS)
    draws = np.vstack([np.ones((1, count)), draws])
    ceiling = max((cell.ceiling[score].value for cell in cells if score in cell.ceiling), default=1.0)
    floor = min(float(earned(cell.floor, draws[:1])[0]) for cell in cells)
    if ceiling - floor < ROOM:
        return None, None, None
    values = {id(cell): earned(cell.student, draws) / (ceiling - floor) for cell in cells}

    def mean_slope(groups: Sequence[str], key: Callable[[Cell], str], over: Callable[[Cell], int]) -> numpy.ndarray | None:
        found = []
        for group in groups:
            chosen = [cell for cell in cells if key(cell) == group and over(cell) > 0]
            x = np.array([math.log10(over(cell)) for cell in chosen])
            if len(set(x)) > 1:
                x = x - x.mean()
                found.append(sum(one * values[id(cell)] for one, cell in zip(x, chosen, strict=True)) / (x @ x))
        return sum(found) / len(found) if found else None

    by_rows = mean_slope(_names(cells, "base"), lambda cell: cell.base, lambda cell: cell.rows)
    by_parameters = mean_slope(_names(cells, "size"), lambda cell: cell.size, lambda cell: cell.parameters)
    apart = by_rows - by_parameters if by_rows is not None and by_parameters is not None else None
    return _slope(by_rows), _slope(by_parameters), _slope(apart)


def _slope(values: numpy.ndarray | None) -> Slope | None:
    if values is None:
        return None
    import numpy as np

    value, (low, high) = float(values[0]), (float(bound) for bound in np.percentile(values[1:], (2.5, 97.5)))
    return Slope(value, min(low, value), max(high, value))


def picture(cells: Sequence[Cell], titles: dict[str, str], floor: str, teacher: str, ceiling: str) -> str:
    """Style and right answers over the sizes, a line for each base, with its floor and the teacher faint beside it, or the ceiling where
    the teacher was not asked."""
    sizes, bases = _names(cells, "size"), _names(cells, "base")
    groups = []
    for score, title in titles.items():
        drawn: list[Line] = []
        beside: list[Line] = []
        for base in bases:
            row = [next(cell for cell in cells if (cell.base, cell.size) == (base, size)) for size in sizes]
            scores = [cell.student.scores.get(score) for cell in row]
            drawn.append(
                Line(
                    base,
                    tuple(one.value if one else None for one in scores),
                    tuple(one.low if one else None for one in scores),
                    tuple(one.high if one else None for one in scores),
                )
            )
            if score in row[0].floor.scores:
                beside.append(Line(f"{floor} {base}", (row[0].floor.scores[score].value,) * len(sizes), faint=True))
        top = next((cell.ceiling[score].value for cell in cells if score in cell.ceiling), None)
        beside.append(Line(ceiling if top is None else teacher, (1.0 if top is None else top,) * len(sizes), faint=True))
        if any(value is not None for line in drawn for value in line.values):
            groups.append((title, [*drawn, *beside]))
    return alone(lines(groups, sizes))


def _names(cells: Sequence[Cell], field: str) -> list[str]:
    return list(dict.fromkeys(getattr(cell, field) for cell in cells))
