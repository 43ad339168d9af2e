"""The verb `evaluate`: opens students and measures them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from seodang.capabilities import Evaluation
from seodang.context import Context
from seodang.errors import StepError
from seodang.files.durable import write_durably
from seodang.files.shards import LineWriter, RecordStream
from seodang.recipes.resolving import Step
from seodang.runs.held_out import held_out_of
from seodang.runs.made import Made
from seodang.runs.session import Session
from seodang.runs.students import students_of
from seodang.runs.verbs import blamed, each_of, perform
from seodang.verdicts import Item, Score


async def run_evaluate(session: Session, step: Step, directory: Path) -> Made:
    """Each student is measured in turn; `context.students` holds all of them by role, for an evaluation that compares."""
    context = session.context(step, on_quarantine=lambda *_: None)
    context._held_out = held_out_of(session.manifests)
    if isinstance(step.capability, Evaluation) and step.capability.sees_run:
        context._trained_on = RecordStream(session.flow)
        context._items = lambda name: _items(session, step, name)
    async with session.asking(step, context, lambda *_: None):
        return await _evaluate(session, step, directory, context)


def _items(session: Session, step: Step, name: str) -> Iterator[dict[str, Any]]:
    evaluated = [earlier for earlier, (_, manifest) in session.manifests.items() if manifest.verb == "evaluate"]
    if name not in evaluated:
        raise StepError("runs.no-such-evaluation", number=step.entry.number, step=step.entry.name, name=name, known=evaluated)
    place = session.manifests[name][0] / "items.jsonl"
    if place.is_file():
        with open(place, "rb") as file:
            yield from map(msgspec.json.decode, file)


async def _evaluate(session: Session, step: Step, directory: Path, context: Context) -> Made:
    scores: list[Score] = []
    told: dict[str, Any] = {}
    items = LineWriter(directory / "items.jsonl")
    context.students.update(students_of(session, step))
    for role, student in context.students.items():
        try:
            await perform(student.open, context)
            async for result in each_of(step.capability.evaluate, student, context):
                result = msgspec.structs.replace(result, student=result.student or role)
                if isinstance(result, Score):
                    scores.append(result)
                elif isinstance(result, Item):
                    items.write(result)
                else:
                    raise StepError("runs.not-a-score", plugin=step.offer.id, got=type(result).__name__)
            told[role] = dict(student.figures)
        except Exception as error:
            raise blamed(error, step, f"evaluate(), student {role}") from error
        finally:
            await student.close()
    write_durably(directory / "scores.json", msgspec.json.format(msgspec.json.encode(scores), indent=2))
    shard = items.close()
    figures = {"scores": msgspec.to_builtins(scores), "students": {role: facts for role, facts in told.items() if facts}}
    return Made(shards=(), sides=(shard,) if shard else (), figures={**figures, **context.figures})
