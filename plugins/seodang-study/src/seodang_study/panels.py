"""The four panels: style, capability, how the two go apart, and what lies near the training data. All as scores with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import seodang

from seodang_study.closures import Figure, closure, drawn, figure
from seodang_study.features import Features
from seodang_study.measures import averaged, levels_of, mean, means_of, over_draws

TEACHER = "teacher"
CAPABILITY_SEED = 20230525
"""Other draws than those of the prompts: the two sets of items have nothing to do with each other."""


class Told(msgspec.Struct, frozen=True):
    """What the panels say of one student, for the verdict on it."""

    scores: list[seodang.Score]
    style: Figure | None = None
    capability: Figure | None = None
    gain: Figure | None = None


def style_panel(
    sides: Mapping[str, Sequence[Features]],
    teacher: Sequence[Features],
    again: Sequence[Features] | None,
    base: str,
    protocol: str,
) -> dict[str, Told]:
    """Each side against the teacher's first answers. The ceiling is what the teacher's second ones come to, or 1 where there are none."""
    import numpy as np

    has_levels = any(one.levels for side in (teacher, *sides.values()) for one in side)
    draws = drawn(len(teacher))
    measured = {name: over_draws(side, teacher, draws, has_levels=has_levels) for name, side in sides.items()}
    if again is not None:
        ceiling = over_draws(again, teacher, draws, has_levels=has_levels)
    else:
        ceiling = {name: np.ones(len(draws)) for name in next(iter(measured.values()))}
    told: dict[str, Told] = {}
    features = {**sides, **({TEACHER: again} if again is not None else {})}
    for student, measures in {**measured, **({TEACHER: ceiling} if again is not None else {})}.items():
        facts = {"has": means_of(features[student]), "levels": levels_of(features[student]), "teacher has": means_of(teacher)}
        facts["teacher levels"] = levels_of(teacher)
        scores = [_score("style", figure(mean(measures)), len(teacher), student, protocol, facts)]
        scores += [_score(f"style {name}", figure(values), len(teacher), student, protocol) for name, values in measures.items()]
        whole = None
        if base in measured and student not in (base, TEACHER):
            floor = measured[base]
            for name, values in measures.items():
                if one := closure(values, floor[name], ceiling[name]):
                    scores.append(_score(f"style closure {name}", one, len(teacher), student, protocol))
            whole = closure(mean(measures), mean(floor), mean(ceiling))
            if whole:
                scores.append(_score("style closure", whole, len(teacher), student, protocol))
        told[student] = Told(scores, style=whole)
    return told


def capability_panel(
    sides: Mapping[str, Sequence[bool]], teacher: Sequence[bool] | None, groups: Sequence[str], base: str, protocol: str
) -> dict[str, Told]:
    """The share of right answers, and of the way to the teacher's (or to all right, where nobody asked the teacher)."""
    import numpy as np

    draws = drawn(len(groups), CAPABILITY_SEED)
    right = {name: np.array(side, dtype=float) for name, side in sides.items()}
    if teacher is not None:
        right[TEACHER] = np.array(teacher, dtype=float)
    ceiling = averaged(right[TEACHER], draws) if teacher is not None else np.ones(len(draws))
    told: dict[str, Told] = {}
    for student, values in right.items():
        earned = averaged(values, draws)
        scores = [_score("capability", figure(earned), len(groups), student, protocol)]
        for group in dict.fromkeys(groups) if len(set(groups)) > 1 else ():
            mask = np.array([one == group for one in groups])
            own = figure(averaged(values[mask], drawn(int(mask.sum()), CAPABILITY_SEED)))
            scores.append(_score(f"capability {group}", own, int(mask.sum()), student, protocol))
        gain = whole = None
        if base in right and student not in (base, TEACHER):
            floor = averaged(right[base], draws)
            gain = figure(earned - floor)
            more, less = int(np.sum(values > right[base])), int(np.sum(values < right[base]))
            facts = {"only student": more, "only base": less, "p": seodang.mcnemar(more, less)}
            scores.append(_score("capability gain", gain, len(groups), student, protocol, facts))
            whole = closure(earned, floor, ceiling)
            if whole:
                scores.append(_score("capability closure", whole, len(groups), student, protocol))
        told[student] = Told(scores, capability=whole, gain=gain)
    return told


def support_panel(
    near: Sequence[bool], gains: Mapping[str, Sequence[float]], what: str, protocol: str
) -> Iterator[tuple[str, seodang.Score]]:
    """How many items lie near the training data, and what each student gained over the base there and elsewhere."""
    import numpy as np

    mask = np.array(near, dtype=bool)
    yield "", _score(f"support {what}", figure(averaged(mask.astype(float), drawn(len(mask)))), len(mask), "", protocol)
    for student, values in gains.items():
        parts: dict[str, Figure] = {}
        for seed, (place, chosen) in enumerate((("near", mask), ("far", ~mask))):
            if count := int(chosen.sum()):
                draws = drawn(count, CAPABILITY_SEED + 1 + seed)
                parts[place] = figure(averaged(np.array(values, dtype=float)[chosen], draws))
                yield student, _score(f"{what} gain {place}", parts[place], count, student, protocol)
        if len(parts) == 2:
            yield student, _score(f"{what} gain near less far", parts["near"].minus(parts["far"]), len(mask), student, protocol)


def index_of(style: Told, capability: Told, count: int, student: str, protocol: str) -> tuple[seodang.Score, bool] | None:
    """The imitation index, and whether only style moved: its closure and the index lie above nought and what was gained in right answers
    does not. None where either closure is not known."""
    if style.style is None or capability.capability is None:
        return None
    index = style.style.minus(capability.capability)
    only_style = style.style.is_positive and index.is_positive and not (capability.gain and capability.gain.is_positive)
    return _score("imitation index", index, count, student, protocol), only_style


def _score(
    name: str, one: Figure, count: int, student: str, protocol: str, facts: Mapping[str, Any] | None = None
) -> seodang.Score:
    low, high = one.interval
    return seodang.Score(
        name=name, value=one.value, count=count, student=student, protocol=protocol, low=low, high=high, facts=facts or {}
    )
