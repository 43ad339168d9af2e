"""Win rates at equal lengths, as AlpacaEval defines them: a logistic regression that knows how much longer an answer is.

Their model has a term for the difference in length, one for how hard a prompt is, and one for the student. How hard a prompt is was
fitted for AlpacaEval's own 805 prompts and means nothing for others, so it is used for those alone; everywhere else the model is
length and student, which AlpacaEval calls "minimal".
"""

from __future__ import annotations

import csv
import functools
import hashlib
import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import seodang

STRENGTHS = np.logspace(-4, 4, 10)
FOLDS = 5
GAMED_WEIGHT = 0.2
PROMPTS = 805
PROMPTS_SHA256 = "80812b0556445b687866e773d710c204bfba95387db0af79d373912c3c667af9"
"""Of AlpacaEval's prompts, one under another: how hard each is goes by its row, so that other prompts, or theirs in another order, would
get the difficulties of strangers."""
_STEPS = 200
_CLOSE = 1e-10
_DRAWS = 200
_SEED = 20260101


class Compared(NamedTuple):
    """One item: how far the student won (0 to 1), and the lengths of both answers in characters."""

    preference: float | None
    """None where nobody knows. AlpacaEval counts such a row's lengths and its prompt all the same."""
    baseline_length: int
    student_length: int


class Controlled(NamedTuple):
    value: float
    low: float
    high: float


class Gamed(NamedTuple):
    """AlpacaEval's `df_gamed.csv`: the baseline made wordy and made terse, with the difficulty of each prompt."""

    rows: np.ndarray
    """Columns: preference, difference of lengths in standard deviations, difficulty."""
    difficulty: np.ndarray


def controlled(
    items: Sequence[Compared], *, gamed: Gamed | None = None, again: Callable[[random.Random], Sequence[float]] | None = None
) -> Controlled | None:
    """The mean chance to win at equal lengths. None where all answers differ by the same length: nothing can be told apart then.

    The interval is of items drawn anew; with `again`, which gives all preferences as they might have been another time, also of these.
    """
    preference = np.array([np.nan if item.preference is None else item.preference for item in items], dtype=float)
    delta = np.array([item.baseline_length - item.student_length for item in items], dtype=float)
    spread = delta.std(ddof=1) if len(items) > 1 else 0.0
    if not spread:
        return None
    difficulty = gamed.difficulty if gamed is not None else None
    features = _features(np.tanh(delta / spread), difficulty)
    at_equal = _features(np.zeros(len(items)), difficulty)
    known = ~np.isnan(preference)
    if not known.any():
        return None
    features, preference, weights = features[known], preference[known], np.ones(int(known.sum()))
    if gamed is not None:
        # The two gamed baselines keep the weight of length where it was; each row counts for a tenth of one of ours.
        extra = _features(np.tanh(gamed.rows[:, 1]), gamed.rows[:, 2], student=False)
        features, preference = np.vstack([extra, features]), np.concatenate([gamed.rows[:, 0], preference])
        weights = np.concatenate([np.full(len(extra), GAMED_WEIGHT / 2), weights])
    strength = _best_strength(features, preference, weights)
    value = _mean_chance(at_equal, fit(features, preference, weights, strength))
    chance, turn = np.random.default_rng(_SEED), random.Random(_SEED)
    drawn = []
    own = int(known.sum())
    first = len(preference) - own
    for _ in range(_DRAWS):
        if again is not None:
            preference[first:] = np.array(again(turn), dtype=float)
        some = chance.integers(0, own, own)
        which = np.concatenate([np.arange(first), first + some])
        fitted = fit(features[which], preference[which], weights[which], strength)
        drawn.append(_mean_chance(at_equal[known][some], fitted))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Controlled(value, min(value, float(low)), max(value, float(high)))


def fit(features: np.ndarray, preference: np.ndarray, weights: np.ndarray, strength: float) -> np.ndarray:
    """Logistic regression with an L1 penalty and no constant: minimises |w|₁ + strength · Σ weight · log loss. `preference` lies in [0, 1],
    which is the same as every row twice, as a win and as a loss, with its share as weight.

    Newton steps whose quadratic model is minimised exactly: the features are two or three.
    """
    fitted = np.zeros(features.shape[1])
    scaled = strength * weights

    def loss(at: np.ndarray) -> float:
        reach = features @ at
        return float(np.abs(at).sum() + (scaled * (np.logaddexp(0, reach) - preference * reach)).sum())

    now = loss(fitted)
    for _ in range(_STEPS):
        chance = _logistic(features @ fitted)
        slope = features.T @ (scaled * (chance - preference))
        bend = (features * (scaled * chance * (1 - chance))[:, None]).T @ features + 1e-12 * np.eye(len(fitted))
        wanted = _minimised(fitted, slope, bend)
        step = 1.0
        while step > _CLOSE and loss(fitted + step * (wanted - fitted)) > now:
            step /= 2
        moved = fitted + step * (wanted - fitted)
        before, now = now, min(now, loss(moved))
        fitted = moved if step > _CLOSE else fitted
        if before - now <= _CLOSE * max(1.0, abs(now)):
            break
    return fitted


def _minimised(start: np.ndarray, slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """The minimum of the quadratic model with the penalty, exactly: where each weight is negative, zero or positive decides all else, and with
    two or three of them every case can be tried. The signs of the last step are tried first, and are nearly always right."""
    for signs in (np.sign(start), *_signs(len(start))):
        used = signs != 0
        found = np.zeros(len(start))
        if used.any():
            wanted = bend[used] @ start - slope[used] - signs[used]
            found[used] = np.linalg.solve(bend[np.ix_(used, used)], wanted)
        pull = slope + bend @ (found - start)
        if (np.sign(found) == signs).all() and (np.abs(pull[~used]) <= 1 + _CLOSE).all():
            return found
    # Rounding on the border of two cases: staying is no worse.
    return start


@functools.cache
def _signs(count: int) -> tuple[np.ndarray, ...]:
    return tuple(np.array(signs, dtype=float) for signs in itertools.product((0, 1, -1), repeat=count))


def _best_strength(features: np.ndarray, preference: np.ndarray, weights: np.ndarray) -> float:
    """By the mean log loss over five folds, as scikit-learn's LogisticRegressionCV takes the first of the best."""
    folds = np.arange(len(preference)) % FOLDS
    losses = np.zeros(len(STRENGTHS))
    for fold in range(FOLDS):
        held = folds == fold
        if not held.any() or held.all():
            continue
        for number, strength in enumerate(STRENGTHS):
            fitted = fit(features[~held], preference[~held], weights[~held], strength)
            chance = np.clip(_logistic(features[held] @ fitted), 1e-15, 1 - 1e-15)
            each = preference[held] * np.log(chance) + (1 - preference[held]) * np.log(1 - chance)
            losses[number] -= (weights[held] * each).mean()
    return float(STRENGTHS[int(losses.argmin())])


def _features(length: np.ndarray, difficulty: np.ndarray | None, *, student: bool = True) -> np.ndarray:
    """As AlpacaEval's formula orders them: length, difficulty where it is known, student."""
    own = np.full(len(length), 1.0 if student else 0.0)
    return np.column_stack([length, own] if difficulty is None else [length, difficulty, own])


def _mean_chance(features: np.ndarray, fitted: np.ndarray) -> float:
    return float(_logistic(features @ fitted).mean())


def _logistic(at: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.exp(-np.logaddexp(0, -at))
    return result


def is_alpaca_eval(prompts: Sequence[str]) -> bool:
    """Whether these are AlpacaEval's 805 prompts, in their order."""
    return hashlib.sha256("\n".join(prompts).encode("utf-8", "surrogatepass")).hexdigest() == PROMPTS_SHA256


def read_gamed(path: Path) -> Gamed:
    """AlpacaEval's own file, which is on their hub page and under terms of their own, so that nothing ships it."""
    needed = ("index", "preference", "std_delta_len", "instruction_difficulty")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or any(column not in rows[0] for column in needed):
        raise seodang.DataError("seodang_alpaca_eval:not-gamed", path=str(path), columns=list(needed))
    by_prompt = {int(float(row["index"])): float(row["instruction_difficulty"]) for row in rows}
    if sorted(by_prompt) != list(range(PROMPTS)):
        raise seodang.DataError("seodang_alpaca_eval:not-gamed", path=str(path), columns=list(needed))
    return Gamed(
        np.array([[float(row[name]) for name in needed[1:]] for row in rows]),
        np.array([by_prompt[number] for number in sorted(by_prompt)]),
    )
