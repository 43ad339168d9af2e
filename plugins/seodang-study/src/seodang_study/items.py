"""The items of other evaluations as closed questions: who had which of them right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import seodang

_WORDS = ("question", "instruction", "prompt", "context", "text")


class Right(msgspec.Struct, frozen=True):
    """One item: who had it right. `place` is its number among our own closed questions, None for another step's."""

    group: str
    index: int
    by_role: Mapping[str, bool]
    place: int | None = None
    text: str = ""


def rights_of(own: Sequence[Right], steps: Sequence[str], context: seodang.Context) -> list[Right]:
    """Ours and those of the steps. An item that one of the students was not asked is in no comparison, and is told of."""
    found = list(own)
    for step in steps:
        rights: dict[tuple[str, int], dict[str, bool]] = defaultdict(dict)
        words: dict[tuple[str, int], str] = {}
        for item in context.items(step):
            place, values = (str(item["task"]), int(item["index"])), item["values"]
            rights[place][str(item["student"])] = _is_right(values, step, place)
            words[place] = next((str(values[name]) for name in _WORDS if isinstance(values.get(name), str)), "")
        common = [place for place, by_role in rights.items() if set(context.students) <= set(by_role)]
        if not common:
            raise seodang.StepError(
                "seodang_study:not-measured", step=context.step, other=step, students=sorted(context.students)
            )
        if len(common) < len(rights):
            context.warn("seodang_study:not-common", step=step, left_out=len(rights) - len(common), items=len(rights))
        found += [Right(step, number, rights[place], None, words[place]) for number, place in enumerate(common)]
    return found


def _is_right(values: Mapping[str, Any], step: str, place: tuple[str, int]) -> bool:
    """As the evaluation says, or as its gold answer and its prediction say."""
    if isinstance(values.get("right"), bool):
        return bool(values["right"])
    if "gold" in values and "prediction" in values:
        return bool(values["gold"] == values["prediction"])
    raise seodang.DataError("seodang_study:no-right", step=step, item=f"{place[0]} {place[1]}", columns=sorted(values))
