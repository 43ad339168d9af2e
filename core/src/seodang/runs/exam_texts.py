"""What a recipe's evaluations say must not be in the training data, and whether anything sees to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seodang.capabilities import Evaluation, Filter
from seodang.recipes.resolving import Step
from seodang.runs.session import Session
from seodang.runs.verbs import blamed
from seodang.wording import render


def evaluations_of(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.entry.verb == "evaluate")


def texts_of(session: Session, evaluations: Sequence[Step]) -> Iterator[tuple[str, str]]:
    """The name of each evaluate step with each of its texts, in their order."""
    for step in evaluations:
        assert isinstance(step.capability, Evaluation)
        try:
            for text in step.capability.texts(session.context(step, on_quarantine=lambda *_: None)):
                yield step.entry.name, text
        except Exception as error:
            raise blamed(error, step, "texts()") from error


def warnings(session: Session) -> list[str]:
    """One for each evaluation of what is trained here that no filter before the training has looked at.

    None for an evaluation that has a `texts()` of its own which gives nothing: it says that nothing of it can be in the data.
    """
    found = []
    guarded = trained = unguarded = False
    for step in session.steps:
        if isinstance(step.capability, Filter) and step.capability.sees_evaluations:
            guarded = True
        elif step.entry.verb == "train":
            trained, unguarded = True, unguarded or not guarded
        elif step.entry.verb == "evaluate" and trained and unguarded and _can_leak(session, step):
            found.append(render("plan.not-decontaminated", {"number": step.entry.number, "step": step.entry.name}))
    return found


def _can_leak(session: Session, step: Step) -> bool:
    declared = type(step.capability).texts is not Evaluation.texts
    return not declared or next(texts_of(session, (step,)), None) is not None
