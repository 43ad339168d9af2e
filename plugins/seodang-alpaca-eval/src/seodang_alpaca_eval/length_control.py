"""Win rates at equal lengths, as AlpacaEval defines them: a logistic regression that knows how much longer an answer is.

Their model has a term for the difference in length, one for how hard a prompt is, and one for the student. How hard a prompt is was
fitted for AlpacaEval's own 805 prompts and means nothing for others, so it is used for those alone; everywhere else the model is
length and student, which AlpacaEval calls "minimal".
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import seodang

STRENGTHS = np.logspace(-4, 4, 10)
FOLDS = 5
GAMED_WEIGHT = 0.2
SETS = {"selfinstruct": 252, "oasst": 188, "koala": 156, "helpful_base": 129, "vicuna": 80}
"""What AlpacaEval's 805 prompts are made of, by which they are known."""
_STEPS = 200
_CLOSE = 1e-10
_DRAWS = 200


class Compared(NamedTuple):
    """One item: how far the student won (0 to 1), and the lengths of both answers in characters."""

    preference: float
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


def controlled(items: Sequence[Compared], *, gamed: Gamed | None = None) -> Controlled | None:
    """The mean chance to win at equal lengths. None where all answers differ by the same length: nothing can be told apart then."""
    preference = np.array([item.preference for item in items], dtype=float)
    delta = np.array([item.baseline_length - item.student_length for item in items], dtype=float)
    spread = delta.std(ddof=1) if len(items) > 1 else 0.0
    if not spread:
        return None
    difficulty = gamed.difficulty if gamed is not None else None
    features = _features(np.tanh(delta / spread), difficulty)
    at_equal = _features(np.zeros(len(items)), difficulty)
    weights = np.ones(len(items))
    if gamed is not None:
        # The two gamed baselines keep the weight of length where it was; each row counts for a tenth of one of ours.
        own = len(gamed.difficulty)
        extra = _features(np.tanh(gamed.rows[:, 1]), gamed.rows[:, 2], student=False)
        features, preference = np.vstack([extra, features]), np.concatenate([gamed.rows[:, 0], preference])
        weights = np.concatenate([np.full(len(extra), GAMED_WEIGHT / 2), np.ones(own)])
    strength = _best_strength(features, preference, weights)
    value = _mean_chance(at_equal, fit(features, preference, weights, strength))
    chance = np.random.default_rng(20260101)
    drawn = []
    first = len(preference) - len(items)
    for _ in range(_DRAWS):
        own = chance.integers(0, len(items), len(items))
        which = np.concatenate([np.arange(first), first + own])
        fitted = fit(features[which], preference[which], weights[which], strength)
        drawn.append(_mean_chance(at_equal[own], fitted))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Controlled(value, float(low), float(high))


def fit(features: np.ndarray, preference: np.ndarray, weights: np.ndarray, strength: float) -> np.ndarray:
    """Logistic regression with an L1 penalty and no constant: minimises |w|₁ + strength · Σ weight · log loss. `preference` lies in [0, 1],
    which is the same as every row twice, as a win and as a loss, with its share as weight.

    Newton steps whose quadratic model is minimised coordinate by coordinate: the features are two or three.
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
    """The minimum of the quadratic model with the penalty."""
    found = start.copy()
    for _ in range(_STEPS):
        moved = 0.0
        for one in range(len(found)):
            gradient = slope[one] + bend[one] @ (found - start)
            free = found[one] - gradient / bend[one, one]
            new = np.sign(free) * max(abs(free) - 1 / bend[one, one], 0.0)
            moved = max(moved, abs(new - found[one]))
            found[one] = new
        if moved < _CLOSE:
            break
    return found


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


def is_alpaca_eval(datasets: Sequence[str]) -> bool:
    """Whether rows are AlpacaEval's 805 prompts, by the counts of the sets they come from."""
    return {name: datasets.count(name) for name in set(datasets)} == SETS


def read_gamed(path: Path) -> Gamed:
    """AlpacaEval's own file, which is on their hub page and under terms of their own, so that nothing ships it."""
    needed = ("index", "preference", "std_delta_len", "instruction_difficulty")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or any(column not in rows[0] for column in needed):
        raise seodang.DataError("seodang_alpaca_eval:not-gamed", path=str(path), columns=list(needed))
    by_prompt = {int(float(row["index"])): float(row["instruction_difficulty"]) for row in rows}
    if sorted(by_prompt) != list(range(sum(SETS.values()))):
        raise seodang.DataError("seodang_alpaca_eval:not-gamed", path=str(path), columns=list(needed))
    return Gamed(
        np.array([[float(row[name]) for name in needed[1:]] for row in rows]),
        np.array([by_prompt[number] for number in sorted(by_prompt)]),
    )
