"""The verb `evaluate`: opens students and measures them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from seodang.context import Context
from seodang.errors import StepError
from seodang.files.durable import write_durably
from seodang.files.shards import LineWriter
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
    async with session.asking(step, context, lambda *_: None):
        return await _evaluate(session, step, directory, context)


async def _evaluate(session: Session, step: Step, directory: Path, context: Context) -> Made:
    scores: list[Score] = []
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
        except Exception as error:
            raise blamed(error, step, f"evaluate(), student {role}") from error
        finally:
            await student.close()
    write_durably(directory / "scores.json", msgspec.json.format(msgspec.json.encode(scores), indent=2))
    shard = items.close()
    return Made(shards=(), sides=(shard,) if shard else (), figures={"scores": msgspec.to_builtins(scores)})
