"""The chain of terms of a plan: which step brings which terms, and in which way they bind what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import seodang

Way = Literal["rows", "output", "weights"]


class Link(msgspec.Struct, frozen=True):
    """One row of the chain. `brought` says who speaks of these terms: the step, the name of its model, or nobody but the rows."""

    stage: seodang.Stage
    terms: str
    way: Way
    brought: Literal["declared", "presumed", "carried"] = "declared"


def links(plan: seodang.Plan) -> Iterator[Link]:
    """In the order of the steps. Terms that never get past the step that brings them, because a filter clears them, are no link."""
    met: set[str] = set()
    for place, stage in enumerate(plan.stages):
        if stage.verb == "evaluate":
            continue  # a judge's terms stay with its scores, and the student's were met where it was trained
        for terms in stage.input_terms:
            if terms not in met and terms != seodang.PERSONAL_DATA:
                met.add(terms)
                yield Link(stage, terms, "rows", "carried")
        later = plan.stages[place + 1 :]
        for terms in dict.fromkeys((*stage.terms, *stage.presumed)):
            presumed = terms in stage.presumed and terms not in stage.terms
            met.add(terms)
            # Personal data has its own guards: it is refused to other computers and to publishing, and a mask takes it away.
            if terms != seodang.PERSONAL_DATA and (presumed or stage.verb == "train" or _goes_on(terms, later, plan)):
                yield Link(stage, terms, _way(stage), "presumed" if presumed else "declared")

    # What no later step is given, but the result has: rows of the last step may have terms that nobody declared.
    for terms in plan.carried:
        if terms not in met and terms != seodang.PERSONAL_DATA:
            yield Link(plan.stages[-1], terms, "rows", "carried")


def _goes_on(terms: str, later: Sequence[seodang.Stage], plan: seodang.Plan) -> bool:
    """Whether rows carry the terms out of the step, into a later one or into the result."""
    return terms in plan.carried or any(terms in stage.input_terms for stage in later)


def _way(stage: seodang.Stage) -> Way:
    return "rows" if stage.verb == "seeds" else "weights" if stage.verb == "train" else "output"
