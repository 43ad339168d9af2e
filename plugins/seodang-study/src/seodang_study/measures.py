"""How near one side's texts are to the teacher's, measure by measure, over many draws of the prompts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seodang_study.features import Features, overlap, shared

if TYPE_CHECKING:
    import numpy

ALIKE = ("lists", "headings", "summaries", "boilerplate")
"""Where being like the teacher is having it when the teacher has it, and not having it when not."""
LENGTHS = "length correlation"
"""The one measure that no single prompt has."""


def each_measure(own: Features, teacher: Features, *, has_levels: bool) -> dict[str, float]:
    """What one pair of answers comes to, each between 0 and 1."""
    longer = max(own.length, teacher.length)
    found = {"length": min(own.length, teacher.length) / longer if longer else 1.0}
    for name in ALIKE:
        found[name] = float(getattr(own, name) == getattr(teacher, name))
    found["openings"] = float(own.opening == teacher.opening)
    if has_levels:
        found["endings"] = shared(own.levels, teacher.levels)
    return found | {"overlap": overlap(own.tokens, teacher.tokens), "scripts": shared(own.scripts, teacher.scripts)}


def over_draws(
    own: Sequence[Features], teacher: Sequence[Features], draws: numpy.ndarray, *, has_levels: bool
) -> dict[str, numpy.ndarray]:
    """Each measure for every row of `draws`, in which stands how often each prompt was drawn."""
    import numpy as np

    pairs = [each_measure(one, other, has_levels=has_levels) for one, other in zip(own, teacher, strict=True)]
    found = {name: averaged(np.array([pair[name] for pair in pairs]), draws) for name in pairs[0]}
    lengths = np.array([one.length for one in own], dtype=float), np.array([one.length for one in teacher], dtype=float)
    found[LENGTHS] = correlation(*lengths, draws)
    return found


def averaged(values: numpy.ndarray, draws: numpy.ndarray) -> numpy.ndarray:
    """The mean of what was drawn, for every row. Divided last, so that all right is 1 and not a little less."""
    return (draws @ values) / len(values)


def correlation(x: numpy.ndarray, y: numpy.ndarray, draws: numpy.ndarray) -> numpy.ndarray:
    """Pearson's. Lengths that are all the same correlate with nothing."""
    import numpy as np

    x, y = x - x.mean(), y - y.mean()
    mean_x, mean_y = averaged(x, draws), averaged(y, draws)
    above = averaged(x * y, draws) - mean_x * mean_y
    spread = (averaged(x * x, draws) - mean_x**2) * (averaged(y * y, draws) - mean_y**2)
    return np.where(spread > 1e-9, above / np.sqrt(np.maximum(spread, 1e-9)), 0.0)


def mean(measures: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    return sum(measures.values()) / len(measures)


def means_of(side: Sequence[Features]) -> dict[str, float]:
    """How often the texts have what is looked for: what the agreement should be read beside."""
    return {name: sum(getattr(one, name) for one in side) / len(side) for name in ALIKE}


def levels_of(side: Sequence[Features]) -> dict[str, float]:
    """The share of each speech level among the sentences that have one."""
    counts: dict[str, int] = {}
    for one in side:
        for level, count in one.levels.items():
            counts[level] = counts.get(level, 0) + count
    total = sum(counts.values())
    return {level: round(count / total, 4) for level, count in sorted(counts.items())} if total else {}
