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
    for _, manifest in session.manifests.values():
        terms.update(manifest.terms)
    return Made(
        shards=model_files(directory),
        rows={"in": len(stream)},
        terms=tuple(sorted(terms)),
        figures=trained.figures,
        trained=trained,
    )


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
