"""The search leaves out nothing: whatever it looks through or asks its index for, it finds what comparing with everything finds."""

import random
from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seodang_filters import likeness
from seodang_filters.likeness import Likeness
from seodang_filters.rouge import Places, Rule, fmeasure


def table_common(first, second):
    """The textbook's table."""
    row = [0] * (len(second) + 1)
    for mine in first:
        above, row = row, [0]
        for place, other in enumerate(second):
            row.append(above[place] + 1 if mine == other else max(above[place + 1], row[place]))
    return row[-1]


def varied(chance, earlier, vocabulary):
    """A text, often one that was there with some tokens changed, and of any length."""
    if earlier and chance.random() < 0.5:
        text = list(chance.choice(earlier))
        for _ in range(chance.randrange(1, 5)):
            text[chance.randrange(len(text))] = chance.randrange(vocabulary)
        return text[chance.randrange(2) :] or text
    return [chance.randrange(vocabulary) for _ in range(chance.choice((1, 2, 3, 5, 8, 20, 33, 63, 64, 65, 140)))]


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 0.95, 1.0])
@pytest.mark.parametrize("indexed", [8, 100_000])
@pytest.mark.parametrize("vocabulary", [4, 40, 4000])
def test_the_nearest_is_what_comparing_with_all_finds(monkeypatch, threshold, indexed, vocabulary):
    monkeypatch.setattr(likeness, "INDEXED", indexed)
    chance = random.Random(f"{threshold} {indexed} {vocabulary}")
    found, texts, hits = Likeness(Rule(threshold)), [], 0
    for _ in range(80):
        text = varied(chance, texts, vocabulary)
        scores = [fmeasure(table_common(text, other), len(text), len(other)) for other in texts]
        assert found.scores(text).tolist() == scores
        most = max(scores, default=0.0)
        near = found.nearest(text)
        if most > threshold:
            assert (near.number, near.score) == (scores.index(most), most)
            hits += 1
        else:
            assert near is None
        if near is None or chance.random() < 0.3:
            texts.append(text)
            found.add(text)
    assert len(texts) > 20 and (hits > 2 or threshold == 1.0)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("indexed", [8, 100_000])
@pytest.mark.parametrize(("vocabulary", "places"), [(4, 1 << 18), (40, 1 << 18), (4000, 4), (4000, 1 << 18)])
def test_looking_ahead_changes_no_answer(monkeypatch, threshold, indexed, vocabulary, places):
    """Batches of texts of all shelves, some of them not asked about, some added in spite of a near one, while the index is remade."""
    monkeypatch.setattr(likeness, "INDEXED", indexed)
    monkeypatch.setattr(likeness, "AHEAD_PLACES", places)
    monkeypatch.setattr(likeness, "AHEAD_WORDS", 4)  # so that the longest texts are looked for one by one
    chance = random.Random(f"{threshold} {indexed} {vocabulary} ahead")
    alone, together, texts, hits = Likeness(Rule(threshold)), Likeness(Rule(threshold)), [[]], 0
    for size in (1, 7, 30, 30, 60):
        batch = [varied(chance, list(filter(None, texts)), vocabulary) if chance.random() < 0.95 else [] for _ in range(size)]
        texts += batch
        ahead = together.look_ahead(batch)
        for text in batch:
            if chance.random() < 0.1:
                continue
            near = alone.nearest(text)
            assert together.nearest(text, ahead) == near
            hits += near is not None
            if near is None or chance.random() < 0.3:
                ahead.added(text, len(together))
                alone.add(text)
                together.add(text)
    assert len(together) > 20 and (hits > 2 or threshold == 1.0)


@given(st.lists(st.integers(0, 5), max_size=90), st.lists(st.integers(0, 5), max_size=90))
@settings(deadline=None, max_examples=150)
def test_a_row_of_the_table_is_one_number(first, second):
    assert Places(first).common(second) == table_common(first, second)


def test_ties_are_decided_as_rouge_score_decides_them_or_by_integers():
    """Of 337 pairs of lengths at which F1 is 0.7 exactly, rounding puts 162 above it."""
    at = [(one, other) for one in range(1, 120) for other in range(1, 120) if 7 * (one + other) % 20 == 0]
    ties = [(one, other, 7 * (one + other) // 20) for one, other in at if 7 * (one + other) // 20 <= min(one, other)]
    assert len(ties) == 337
    assert sum(Rule(0.7).too_similar(common, one, other) for one, other, common in ties) == 162
    assert not any(Rule(0.7, "integer").too_similar(common, one, other) for one, other, common in ties)
    assert all(Rule(0.7, "integer").too_similar(common + 1, one, other) for one, other, common in ties)
    assert all(Fraction(2 * common, one + other) == Fraction(7, 10) for one, other, common in ties)


def test_the_rule_is_that_of_rouge_score():
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rougeL"], use_stemmer=False)
    chance = random.Random(7)
    for _ in range(300):
        first, second = varied(chance, [], 6), varied(chance, [], 6)
        theirs = scorer.score(" ".join(map(str, second)), " ".join(map(str, first)))["rougeL"].fmeasure
        assert fmeasure(Places(first).common(second), len(first), len(second)) == theirs


def test_texts_of_one_template_are_looked_through_and_not_asked_for(monkeypatch):
    """Where rare tokens are shared by all, the index would name everything: the verdicts are the same."""
    monkeypatch.setattr(likeness, "INDEXED", 16)
    found = Likeness(Rule(0.7))
    for number in range(200):
        found.add([1, 2, 3, 100 + number, 400 + number, 700 + number])
    assert found.nearest([1, 2, 3, 150, 450, 751]).number == 50
    assert found.nearest([1, 2, 3, 150, 451, 752]) is None


def test_a_text_of_a_hundred_thousand_tokens_is_compared_too():
    chance = random.Random(3)
    long = [chance.randrange(5_000) for _ in range(100_000)]
    changed = [9_999 if place % 10 == 0 else token for place, token in enumerate(long)]
    found = Likeness(Rule(0.7))
    found.add([1])
    found.add(long)
    assert found.nearest(changed).score == pytest.approx(0.9, abs=0.01)
    assert found.nearest(long[:50_000]) is None
    assert found.nearest([1]).number == 0


def test_the_most_that_is_remembered_of_a_text_is_small():
    """Bitmap, room, number and tokens: what half a million texts take is a hundred megabytes."""
    found = Likeness(Rule(0.7))
    for number in range(1_000):
        found.add([number, number + 1, number + 2])
    (shelf,) = found._shelves.values()
    assert shelf._bitmaps.nbytes + shelf._rooms.nbytes <= 2 * 1_000 * (16 + 1)
    assert shelf._bitmaps.dtype == numpy.uint64
