"""The index finds what comparing everything with everything finds."""

import random

import pytest
from seodang_handcrafted import likeness
from seodang_handcrafted.likeness import Likeness, subsequence


def slowly(first, second):
    """The longest common subsequence, as the textbook has it."""
    row = [0] * (len(second) + 1)
    for token in first:
        above = row[:]
        for place, other in enumerate(second, 1):
            row[place] = above[place - 1] + 1 if token == other else max(row[place - 1], above[place])
    return row[-1]


def compared_with_all(texts, percent):
    """For each text whether an earlier, different one is like it; very short ones are like none."""
    kept, verdicts = [], []
    for text in texts:
        long_enough = -(-len(text) * percent // (200 - percent)) >= 3
        alike = long_enough and any(200 * slowly(text, other) > percent * (len(text) + len(other)) for other in kept)
        verdicts.append(alike)
        if long_enough and not alike:
            kept.append(text)
    return verdicts


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("percent", [50, 70, 85])
def test_the_index_misses_nothing(seed, percent):
    rng = random.Random(seed)
    texts = [[f"{rng.randrange(30)}" for _ in range(rng.randint(0, 14))] for _ in range(60)]
    for text in texts[:40]:  # and some that differ from others in a word or two
        changed = list(text)
        for _ in range(rng.randint(1, 3)):
            if changed:
                changed[rng.randrange(len(changed))] = f"{rng.randrange(30)}"
        texts.append(changed)
    expected = compared_with_all(texts, percent)
    compared = Likeness(percent)
    assert [found is not None for found in compared.find(texts)] == expected
    assert 3 < sum(expected) < 60 and compared.partly == 0


def test_the_subsequence_is_the_textbooks():
    rng = random.Random(7)
    for _ in range(200):
        first, second = ([rng.randrange(5) for _ in range(rng.randint(0, 70))] for _ in range(2))
        assert subsequence(first, second) == slowly(first, second)


def test_a_pair_at_the_threshold_is_not_alike():
    ten = list("가나다라마바사아자차")
    seven = [*ten[:7], *"XYZ"]  # 2 · 7 of 20 tokens: exactly 70 %
    eight = [*ten[:8], *"XY"]
    assert list(Likeness(70).find([ten, seven])) == [None, None]
    (_, found) = Likeness(70).find([ten, eight])
    assert (found.number, found.other, found.percent) == (1, 0, 80)


def test_a_file_of_one_pattern_is_compared_in_part_and_says_so(monkeypatch):
    """Rows of one pattern, each unlike the others: without a bound, all would be compared with all."""
    monkeypatch.setattr(likeness, "MOST_VISITS", 300)
    pattern = [f"p{number}" for number in range(20)]
    rows = [[*pattern, *(f"w{10 * row + number}" for number in range(12))] for row in range(400)]
    rows.append([*rows[7][:-2], "x", "y"])  # its rare words lead to the one that it is like
    compared = Likeness(70)
    found = list(compared.find(rows))
    assert found[:400] == [None] * 400 and found[400].other == 7
    assert 0 < compared.partly < len(rows)
