"""What a cell's items come to: accuracy and macro-F1 with intervals, the histogram, and what a constant answer would earn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

if TYPE_CHECKING:
    import numpy

RESAMPLES_SEED = 20230405
LEVEL = (2.5, 97.5)
NEAR_CONSTANT = 0.01
"""An F1 this near to a constant answer's, with nearly all answers the same, is that answer and no measure of the model."""
NEARLY_ALL = 0.95
NORMALISED = "_norm"
"""Ends the names of figures that count what is likeliest for its length."""


class Scored(msgspec.Struct, frozen=True):
    """An item with its log-likelihoods; `lengths` are those of the choices in characters."""

    index: int
    gold: int
    loglikelihoods: tuple[float, ...]
    lengths: tuple[int, ...]

    @property
    def prediction(self) -> int:
        """The likeliest choice, the first of equal ones."""
        return max(range(len(self.loglikelihoods)), key=self.loglikelihoods.__getitem__)

    @property
    def prediction_norm(self) -> int:
        """The likeliest for its length."""
        by_length = [value / length for value, length in zip(self.loglikelihoods, self.lengths, strict=True)]
        return max(range(len(by_length)), key=by_length.__getitem__)


class Figure(msgspec.Struct, frozen=True):
    name: str
    value: float
    low: float
    high: float


class Constant(msgspec.Struct, frozen=True):
    """What a model earns that always gives one answer."""

    answer: int
    acc: float
    f1: float


class Difference(msgspec.Struct, frozen=True):
    """The first less the second over the same items, with the interval of paired resamples.

    `only_first` and `only_second` are the items that one of them alone gets right, and `p` how likely a difference so large or larger
    is between equals (McNemar's test, exact).
    """

    name: str
    value: float
    low: float
    high: float
    count: int
    only_first: int
    only_second: int
    p: float


def macro_f1(golds: Sequence[int], predictions: Sequence[int]) -> float:
    """The mean F1 of the labels that occur, among the gold ones or the predicted ones, as scikit-learn's `f1_score` takes it."""
    found = []
    for label in sorted({*golds, *predictions}):
        hits = sum(1 for gold, said in zip(golds, predictions, strict=True) if gold == said == label)
        found.append(2 * hits / (golds.count(label) + predictions.count(label)))
    return sum(found) / len(found)


def figures_of(items: Sequence[Scored], *, normalised: bool, size: int, resamples: int) -> list[Figure]:
    """`acc` and `f1`, and where the task has them `acc_norm` and `f1_norm`, of the choices that are likeliest for their length."""
    golds = [item.gold for item in items]
    return [
        figure
        for suffix in suffixes(normalised)
        for figure in _of_predictions(suffix, golds, predictions(items, suffix), size, resamples)
    ]


def suffixes(normalised: bool) -> tuple[str, ...]:
    return ("", NORMALISED) if normalised else ("",)


def _of_predictions(suffix: str, golds: list[int], said: list[int], size: int, resamples: int) -> list[Figure]:
    import numpy

    acc = sum(map(int.__eq__, golds, said)) / len(golds)
    drawn = _resampled([gold * size + one for gold, one in zip(golds, said, strict=True)], size * size, resamples)
    tables = drawn.reshape(resamples, size, size)
    accs, f1s = _accs(tables), _f1s(tables)
    (acc_low, acc_high), (f1_low, f1_high) = numpy.percentile(accs, LEVEL), numpy.percentile(f1s, LEVEL)
    f1 = macro_f1(golds, said)
    return [
        Figure(f"acc{suffix}", acc, min(acc, float(acc_low)), max(acc, float(acc_high))),
        Figure(f"f1{suffix}", f1, min(f1, float(f1_low)), max(f1, float(f1_high))),
    ]


def constants(items: Sequence[Scored], size: int) -> list[Constant]:
    golds = [item.gold for item in items]
    return [Constant(label, golds.count(label) / len(golds), macro_f1(golds, [label] * len(golds))) for label in range(size)]


def predictions(items: Sequence[Scored], suffix: str) -> list[int]:
    """The answers that the figures of this suffix count: the likeliest choices, or with `_norm` the likeliest for their length."""
    return [item.prediction_norm if suffix == NORMALISED else item.prediction for item in items]


def histogram(said: Sequence[int], size: int) -> list[int]:
    """How often each choice was the answer."""
    return [said.count(label) for label in range(size)]


def constant_answer(items: Sequence[Scored], size: int, suffix: str = "") -> int | None:
    """The answer that the model gives whatever is asked, or None."""
    said = predictions(items, suffix)
    counts = histogram(said, size)
    most = max(range(size), key=counts.__getitem__)
    if counts[most] == len(items):
        return most
    f1 = macro_f1([item.gold for item in items], said)
    near = abs(f1 - constants(items, size)[most].f1) <= NEAR_CONSTANT
    return most if near and counts[most] >= NEARLY_ALL * len(items) else None


def differences(
    first: Sequence[Scored], second: Sequence[Scored], *, normalised: bool, size: int, resamples: int
) -> list[Difference]:
    """Over the items that both have, by their index. See `unpaired` for those that one lacks."""
    others = {item.index: item for item in second}
    both = [item for item in first if item.index in others]
    found: list[Difference] = []
    for suffix in suffixes(normalised) if both else ():
        ones, twos = predictions(both, suffix), predictions([others[item.index] for item in both], suffix)
        triples = list(zip((item.gold for item in both), ones, twos, strict=True))
        found += _differences(suffix, triples, size, resamples)
    return found


def _differences(suffix: str, triples: list[tuple[int, int, int]], size: int, resamples: int) -> list[Difference]:
    import numpy

    codes = [(gold * size + one) * size + two for gold, one, two in triples]
    drawn = _resampled(codes, size**3, resamples).reshape(resamples, size, size, size)
    ones, twos = drawn.sum(axis=3), drawn.sum(axis=2)
    golds = [gold for gold, _, _ in triples]
    only_first = sum(1 for gold, one, two in triples if one == gold != two)
    only_second = sum(1 for gold, one, two in triples if two == gold != one)
    measures: dict[str, tuple[float, Any]] = {
        "acc": ((only_first - only_second) / len(triples), _accs(ones) - _accs(twos)),
        "f1": (
            macro_f1(golds, [one for _, one, _ in triples]) - macro_f1(golds, [two for _, _, two in triples]),
            _f1s(ones) - _f1s(twos),
        ),
    }
    p = seodang.mcnemar(only_first, only_second)
    found = []
    for name, (value, resampled) in measures.items():
        low, high = (float(bound) for bound in numpy.percentile(resampled, LEVEL))
        found.append(
            Difference(f"{name}{suffix}", value, min(low, value), max(high, value), len(triples), only_first, only_second, p)
        )
    return found


def unpaired(first: Sequence[Scored], second: Sequence[Scored]) -> tuple[int, int]:
    """How many items each lacks that the other has."""
    one, two = {item.index for item in first}, {item.index for item in second}
    return len(two - one), len(one - two)


def _resampled(codes: Sequence[int], kinds: int, resamples: int) -> numpy.ndarray[Any, Any]:
    """Resamples of the items, as how many of each kind are drawn: the same as drawing items, for items of one kind are alike."""
    import numpy

    counts = numpy.bincount(codes, minlength=kinds)
    return numpy.random.default_rng(RESAMPLES_SEED).multinomial(len(codes), counts / len(codes), size=resamples)


def _accs(tables: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any]:
    import numpy

    return numpy.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))


def _f1s(tables: numpy.ndarray[Any, Any]) -> numpy.ndarray[Any, Any]:
    import numpy

    hits = numpy.diagonal(tables, axis1=1, axis2=2)
    room = tables.sum(axis=1) + tables.sum(axis=2)
    each = numpy.divide(2 * hits, room, out=numpy.zeros(room.shape), where=room > 0)
    return each.sum(axis=1) / (room > 0).sum(axis=1)
