"""The figures of the study against the same ones computed in another way: by hand, by the standard library, by resampled lists."""

from __future__ import annotations

import math
import random
import statistics
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from seodang_study.closures import DRAWS, closure, drawn, figure
from seodang_study.features import Features
from seodang_study.measures import averaged, over_draws
from seodang_study.panels import TEACHER, capability_panel

NOTHING = {"lists": False, "headings": False, "summaries": False, "boilerplate": False, "opening": "", "levels": {}}


def of_length(length: int) -> Features:
    return Features(length=length, tokens={"가": 1}, scripts={"hangul": length}, **NOTHING)


def resampled(values: list[tuple[float, ...]], statistic, draws: int = 4_000) -> list[float]:
    """What a statistic comes to over lists drawn with replacement, sorted: the bootstrap as its definition has it."""
    chance = random.Random(5)
    return sorted(statistic([chance.choice(values) for _ in values]) for _ in range(draws))


def bounds(sorted_values: list[float]) -> tuple[float, float]:
    return sorted_values[int(0.025 * len(sorted_values))], sorted_values[int(0.975 * len(sorted_values))]


def test_every_draw_has_as_many_items_as_there_are_and_the_first_is_all_of_them():
    draws = drawn(30)
    assert draws.shape == (DRAWS + 1, 30) and (draws.sum(axis=1) == 30).all() and (draws[0] == 1).all()
    assert draws[1:].mean() == pytest.approx(1) and draws[1:].var() == pytest.approx(1 - 1 / 30, rel=0.05), "multinomial"
    assert (drawn(30) == draws).all(), "and the same ones whenever it is asked"


@pytest.mark.parametrize(("right", "count"), [(60, 100), (180, 200), (25, 50)])
def test_the_interval_of_a_share_has_the_width_that_theory_gives_it(right, count):
    one = figure(averaged(np.array([1.0] * right + [0.0] * (count - right)), drawn(count)))
    share = right / count
    spread = 1.96 * math.sqrt(share * (1 - share) / count)
    low, high = one.interval
    assert one.value == share
    assert low == pytest.approx(share - spread, abs=0.15 * spread + 0.5 / count)
    assert high == pytest.approx(share + spread, abs=0.15 * spread + 0.5 / count)


def test_closure_and_its_interval_are_those_of_items_drawn_together():
    chance = random.Random(3)
    items = [(float(chance.random() < 0.5), float(chance.random() < 0.2), float(chance.random() < 0.9)) for _ in range(120)]

    def by_definition(rows):
        student, base, teacher = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        return (student - base) / (teacher - base)

    draws = drawn(len(items))
    one = closure(*(averaged(np.array(column), draws) for column in zip(*items, strict=True)))
    assert one.value == pytest.approx(by_definition(items))
    for own, other in zip(one.interval, bounds(resampled(items, by_definition)), strict=True):
        assert own == pytest.approx(other, abs=0.03)


def test_pairs_that_differ_little_have_a_narrower_interval_than_two_samples_would():
    base = [number % 2 == 0 for number in range(100)]
    student = [*base[:-4], True, True, True, True]
    told = capability_panel({"base": base, "newest": student}, None, ["closed"] * 100, "base", "")
    gain = next(score for score in told["newest"].scores if score.name == "capability gain")
    assert gain.value == pytest.approx(0.02) and gain.high - gain.low < 0.08, "unpaired it would be 0.28"
    assert TEACHER not in told


@pytest.mark.parametrize(("more", "less"), [(0, 0), (1, 0), (5, 1), (9, 3), (4, 4), (12, 2)])
def test_mcnemar_is_exact(more, less):
    """Against a count of all ways in which so many coins can fall."""
    base = [False] * more + [True] * less + [True] * 5
    student = [True] * more + [False] * less + [True] * 5
    told = capability_panel({"base": base, "newest": student}, None, ["closed"] * len(base), "base", "")
    facts = next(score.facts for score in told["newest"].scores if score.name == "capability gain")
    assert (facts["only student"], facts["only base"]) == (more, less)
    total = more + less
    falls = [sum(coins) for coins in product((0, 1), repeat=total)]
    as_far = [abs(heads - total / 2) >= abs(more - total / 2) for heads in falls]
    assert facts["p"] == pytest.approx(float(Fraction(sum(as_far), len(as_far))))


def test_lengths_correlate_as_pearson_has_it_in_every_draw():
    chance = random.Random(9)
    teacher = [chance.randint(5, 900) for _ in range(40)]
    own = [length // 2 + chance.randint(0, 300) for length in teacher]
    draws = drawn(40)
    found = over_draws([of_length(one) for one in own], [of_length(one) for one in teacher], draws, has_levels=False)
    correlations = found["length correlation"]
    assert correlations[0] == pytest.approx(statistics.correlation(own, teacher))
    for row in (1, 2, 500):
        times = draws[row].astype(int)
        assert correlations[row] == pytest.approx(
            statistics.correlation([float(x) for x in np.repeat(own, times)], [float(x) for x in np.repeat(teacher, times)])
        )
    same = over_draws([of_length(7)] * 40, [of_length(one) for one in teacher], draws, has_levels=False)
    assert not same["length correlation"].any(), "lengths that are all the same correlate with nothing"
