"""Intervals and the paired test, each against a second way of computing it."""

import math
import random

import pytest
import seodang


def test_wilson_is_where_the_normal_test_just_does_not_reject():
    for hits, count in ((3, 10), (0, 20), (20, 20), (402.5, 805)):
        bounds = seodang.wilson(hits, count)
        for bound in (bounds.low, bounds.high):
            if 0 < bound < 1:
                assert abs(hits / count - bound) == pytest.approx(1.96 * math.sqrt(bound * (1 - bound) / count))
    assert seodang.wilson(0, 20).low == 0 and seodang.wilson(20, 20).high == 1


def test_a_resampled_interval_of_a_mean_is_about_the_normal_one():
    chance = random.Random(4)
    values = [chance.random() for _ in range(200)]
    bounds = seodang.resampled(values, lambda value, _: value)
    mean = sum(values) / 200
    reach = 1.96 * math.sqrt(sum((value - mean) ** 2 for value in values) / 199 / 200)
    assert (bounds.low, bounds.high) == pytest.approx((mean - reach, mean + reach), abs=0.005)
    assert seodang.resampled(values, lambda value, _: value) == bounds, "the same another time"


def test_what_is_drawn_for_an_item_widens_the_interval():
    narrow = seodang.resampled([0.5] * 50, lambda value, _: value)
    wide = seodang.resampled([0.5] * 50, lambda _, chance: chance.choice((0.0, 1.0)))
    assert narrow.low == narrow.high == 0.5 and wide.low < 0.4 and wide.high > 0.6


@pytest.mark.parametrize(("one", "two"), [(0, 0), (5, 0), (7, 3), (3, 7), (40, 20)])
def test_mcnemar_is_exact(one, two):
    """By hand: every division of so many items between equals, those at least as uneven as this one."""
    count = one + two
    far = sum(math.comb(count, k) for k in range(count + 1) if abs(2 * k - count) >= abs(one - two))
    assert seodang.mcnemar(one, two) == pytest.approx(far / 2**count)
