"""The verb `train`: hands the records to a trainer and takes a student from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from seodang.errors import StepError
from seodang.files.shards import RecordStream, Shard
from seodang.recipes.resolving import Step
from seodang.runs.made import Made
from seodang.runs.session import Session
from seodang.runs.verbs import blamed, perform
from seodang.verdicts import Trained


async def run_train(session: Session, step: Step, directory: Path, base: Path | None) -> Made:
    stream = RecordStream(session.flow)
    if len(stream) == 0:
        raise StepError("runs.nothing-to-train-on", number=step.entry.number, step=step.entry.name)
    context = session.context(step, on_quarantine=lambda *_: None)
    try:
        trained = await perform(step.capability.train, stream, base, directory, context)
    except Exception as error:
        raise blamed(error, step, "train()") from error
    if not isinstance(trained, Trained):
        raise StepError("runs.not-trained", plugin=step.offer.id, got=type(trained).__name__)
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
    """The files of the student by content. Checkpoints and logs are not part of what later steps depend on."""
    found = []
    for folder in ("student", "base"):
        for path in sorted((directory / folder).rglob("*")):
            if path.is_file():
                with open(path, "rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                found.append(Shard(name=str(path.relative_to(directory)), rows=0, bytes=path.stat().st_size, sha256=digest))
    return tuple(found)
