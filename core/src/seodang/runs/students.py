"""Which students a step means: the newest, a step's by name, the base it was trained from, or one the recipe names."""

from __future__ import annotations

from pathlib import Path

from seodang.capabilities import Student
from seodang.errors import StepError
from seodang.files.manifests import Manifest
from seodang.recipes.resolving import Step
from seodang.runs.session import Session


def students_of(session: Session, step: Step) -> dict[str, Student]:
    """By role, in the order in which the step names them."""
    named = {name: capability for name, (_, capability) in step.students}
    found: dict[str, Student] = {}
    for wanted in wanted_students(step):
        if wanted in named:
            found[wanted] = named[wanted]
        elif wanted in ("newest", "base"):
            found[wanted] = _trained(session, step, *_newest(session, step), base=wanted == "base")
        else:
            name = wanted.removeprefix("step:")
            if name not in session.manifests or session.manifests[name][1].trained is None:
                raise StepError("runs.no-such-student", number=step.entry.number, step=step.entry.name, student=wanted)
            found[name] = _trained(session, step, *session.manifests[name], base=False)
    return found


def wanted_students(step: Step) -> tuple[str, ...]:
    """The names as the recipe gives them; the newest student where it gives none."""
    reserved = step.entry.reserved
    if "students" in reserved:
        return tuple(reserved["students"])
    return (str(reserved.get("student") or reserved.get("model") or "newest"),)


def base_of(session: Session, step: Step) -> Path | None:
    """The directory of the student that a train step goes on from (`model = "step:NAME"`), or None."""
    wanted = str(step.entry.reserved.get("model", ""))
    if not wanted.startswith("step:"):
        return None
    return session.student_at(wanted.removeprefix("step:"))


def _newest(session: Session, step: Step) -> tuple[Path, Manifest]:
    trained = [(folder, manifest) for folder, manifest in session.manifests.values() if manifest.trained is not None]
    if not trained:
        raise StepError("runs.no-student", number=step.entry.number, step=step.entry.name)
    return trained[-1]


def _trained(session: Session, step: Step, folder: Path, manifest: Manifest, *, base: bool) -> Student:
    """An instance of the student plugin that the trainer named; its paths are inside the step's folder."""
    trained = manifest.trained
    assert trained is not None
    if base and trained.base is None:
        raise StepError("runs.no-base", number=step.entry.number, step=step.entry.name, trainer=manifest.step)
    options = dict((trained.base if base else trained.options) or {})
    if "path" in options:
        # Whole: a student's path is relative to the recipe, and the run's directory may be somewhere else.
        options["path"] = str((folder / str(options["path"])).absolute())
    found = session.find("student", trained.student, options)
    assert isinstance(found, Student)
    return found
