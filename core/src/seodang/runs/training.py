"""The verb `train`: hands the records to a trainer and takes a student from it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from seodang.capabilities import Trainer
from seodang.errors import StepError
from seodang.files.shards import RecordStream, Shard
from seodang.recipes.resolving import Step
from seodang.reports.student_card import NAME as CARD
from seodang.runs.interrupted_training import forget_note, tell_what_stays
from seodang.runs.made import Made
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, perform
from seodang.verdicts import Rehearsal, Trained


async def rehearse_train(session: Session, step: Step, directory: Path, base: Path | None) -> Rehearsal:
    if type(step.capability).rehearse is Trainer.rehearse:
        raise StepError("runs.no-rehearsal", number=step.entry.number, step=step.entry.name, plugin=step.offer.id)
    found = await _performed(session, step, "rehearse", RecordStream(session.flow), base, directory)
    if not isinstance(found, Rehearsal):
        raise StepError("runs.not-rehearsed", plugin=step.offer.id, got=type(found).__name__)
    return found


async def _performed(session: Session, step: Step, verb: str, stream: RecordStream, base: Path | None, directory: Path) -> Any:
    if len(stream) == 0:
        raise StepError("runs.nothing-to-train-on", number=step.entry.number, step=step.entry.name)
    context = session.context(step, on_quarantine=lambda *_: None)
    try:
        return await perform(getattr(step.capability, verb), stream, base, directory, context)
    except Exception as error:
        raise blamed(error, step, f"{verb}()") from error


async def run_train(session: Session, step: Step, directory: Path, base: Path | None) -> Made:
    stream = RecordStream(session.flow)
    tell_what_stays(session, step, directory)
    trained = await _performed(session, step, "train", stream, base, directory)
    if not isinstance(trained, Trained):
        raise StepError("runs.not-trained", plugin=step.offer.id, got=type(trained).__name__)
    forget_note(directory)
    terms: set[str] = {*step.capability.terms}
    flowing = {term for folder in session.flow for term in _terms_of(session, folder)}
    cleared = {term for earlier in session.steps if earlier.entry.name in session.manifests for term in earlier.capability.clears}
    for _, manifest in session.manifests.values():
        # What was taken from the rows before is not in them any more.
        terms.update(term for term in manifest.terms if term in flowing or term not in cleared)
    return Made(
        shards=model_files(directory),
        rows={"in": len(stream)},
        terms=tuple(sorted(terms)),
        figures=trained.figures,
        trained=trained,
    )


def _terms_of(session: Session, folder: Path) -> tuple[str, ...]:
    return next((manifest.terms for place, manifest in session.manifests.values() if place == folder), ())


def model_files(directory: Path) -> tuple[Shard, ...]:
    """The files of the student by content. Checkpoints, logs and the student's card are not part of what later steps depend on."""
    found = []
    for folder in ("student", "base"):
        for path in sorted((directory / folder).rglob("*")):
            if path.is_file() and path.name != CARD:
                with open(path, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                found.append(Shard(name=str(path.relative_to(directory)), rows=0, bytes=path.stat().st_size, sha256=digest))
    return tuple(found)
