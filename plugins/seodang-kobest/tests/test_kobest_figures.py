"""Accuracy, macro-F1, intervals, constants and paired tests, each against a second way of computing it."""

import random

import pytest
from seodang_kobest.figures import (
    Scored,
    constant_answer,
    constants,
    differences,
    figures_of,
    histogram,
    macro_f1,
    predictions,
    unpaired,
)


def scored(golds, said, size=2):
    return [
        Scored(index, gold, tuple(-1.0 if place == one else -2.0 for place in range(size)), (1,) * size)
        for index, (gold, one) in enumerate(zip(golds, said, strict=True))
    ]


def test_macro_f1_counts_the_labels_that_occur():
    assert macro_f1([0, 1, 1, 1], [0, 0, 1, 1]) == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert macro_f1([0, 0], [0, 0]) == 1.0
    assert macro_f1([0, 1, 2, 3], [0, 0, 0, 0]) == pytest.approx(0.4 / 4)


def test_the_constant_answers_of_a_published_table():
    """BoolQ's test labels: 699 아니오, 705 예. One answer always is what the card prints for a model of seven billion parameters."""
    items = scored([0] * 699 + [1] * 705, [0] * 1404)
    no, yes = constants(items, 2)
    assert (round(no.f1, 4), round(yes.f1, 4), round(yes.acc, 3)) == (0.3324, 0.3343, 0.502)
    assert constant_answer(items, 2) == 0 and histogram(predictions(items, ""), 2) == [1404, 0]
    nearly = scored([0] * 699 + [1] * 705, [1] * 5 + [0] * 1399)
    assert constant_answer(nearly, 2) == 0, "five other answers change nothing"
    assert constant_answer(scored([0, 1] * 50, [0, 1] * 50), 2) is None


def test_a_constant_answer_is_told_for_each_way_of_answering():
    """Likeliest is now one, now the other; for its length it is always the longer."""
    items = [Scored(index, index % 2, ((-3.0, -4.0), (-4.0, -3.9))[index % 2], (1, 20)) for index in range(40)]
    assert constant_answer(items, 2) is None and constant_answer(items, 2, "_norm") == 1
    assert histogram(predictions(items, "_norm"), 2) == [0, 40]


def test_the_first_of_equal_choices_is_the_answer_and_length_may_count():
    item = Scored(0, 1, (-2.0, -2.0, -3.0), (2, 2, 6))
    assert item.prediction == 0 and item.prediction_norm == 2


def test_an_interval_is_that_of_resampled_items():
    chance = random.Random(5)
    golds = [chance.randrange(2) for _ in range(120)]
    said = [gold if chance.random() < 0.7 else 1 - gold for gold in golds]
    acc, f1 = figures_of(scored(golds, said), normalised=False, size=2, resamples=20_000)
    drawn = []
    for _ in range(3000):
        places = chance.choices(range(120), k=120)
        drawn.append(macro_f1([golds[place] for place in places], [said[place] for place in places]))
    drawn.sort()
    assert f1.low == pytest.approx(drawn[75], abs=0.012) and f1.high == pytest.approx(drawn[-75], abs=0.012)
    assert (acc.name, f1.name) == ("acc", "f1") and acc.low < acc.value < acc.high


def test_pairs_tell_more_than_two_intervals():
    chance = random.Random(8)
    golds = [chance.randrange(2) for _ in range(300)]
    base = [gold if chance.random() < 0.6 else 1 - gold for gold in golds]
    better = [gold if chance.random() < 0.12 else one for gold, one in zip(golds, base, strict=True)]
    acc, f1 = differences(scored(golds, better), scored(golds, base), normalised=False, size=2, resamples=5000)
    assert acc.low > 0 and f1.low > 0 and acc.p < 0.01, "better with certainty"
    alone = [figures_of(scored(golds, said), normalised=False, size=2, resamples=5000)[0] for said in (better, base)]
    assert alone[0].low < alone[1].high, "while the intervals of the two overlap"
    assert (acc.only_first, acc.only_second) == (round(300 * acc.value), 0)


def test_items_that_one_lacks_are_counted_and_left_out():
    first, second = scored([0, 1, 0, 1], [0, 1, 0, 1]), scored([0, 1, 0, 1], [1, 1, 0, 1])[:3]
    assert unpaired(first, second) == (0, 1)
    acc, _ = differences(first, second, normalised=False, size=2, resamples=100)
    assert acc.count == 3 and acc.value == pytest.approx(1 / 3)
    assert differences(first, [], normalised=False, size=2, resamples=100) == []
