"""A student leaves for other tools: in a directory that a layout makes of its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.exchange import Layout, StudentFiles
from seodang.exports.directories import refuse_terms, whole_directory
from seodang.files.manifests import Manifest
from seodang.reports.student_card import student_card
from seodang.runs.opened import open_run

ADAPTER = "adapter"
"""Where a trainer leaves what it trained beside a base."""


class StudentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: each file, and how many bytes it has."""

    student: str
    path: str
    files: dict[str, int]


def trained_step(run: Path, step: str | None) -> tuple[Path, Manifest]:
    """The step's folder and manifest; without a name the newest training."""
    opened = open_run(run)
    names = [step] if step else opened.steps
    found = [(opened.folder(name), opened.manifest(name)) for name in names]
    trained = [(folder, manifest) for folder, manifest in found if manifest.trained is not None]
    if not trained:
        raise DataError("exports.no-student", run=str(run), step=step or "–")
    return trained[-1]


def student_files(run: Path, step: str | None, find: Callable[[str, str], Any]) -> StudentFiles:
    """`find` gives the template by its name."""
    folder, manifest = trained_step(run, step)
    trained = manifest.trained
    assert trained is not None
    path = folder / str(trained.options.get("path", "student"))
    if not any(path.glob("*.safetensors")):
        raise DataError("exports.no-weights", path=str(path))
    base = (trained.base or {}).get("path")
    return StudentFiles(
        name=f"{open_run(run).path.resolve().name}-{manifest.step}",
        path=path,
        template=find("template", str(trained.options.get("template", "chat"))),
        language=manifest.language,
        terms=manifest.terms,
        card=student_card(run, manifest.step),
        adapter=folder / ADAPTER if (folder / ADAPTER / "adapter_config.json").is_file() else None,
        base=folder / str(base) if base else None,
    )


def lay_out_student(student: StudentFiles, layout: Layout, place: Path, *, allow_terms: bool = False) -> StudentReport:
    """Writes the directory `place`, which must not exist or be empty: whole, or not at all."""
    if layout.publishes and not allow_terms:
        refuse_terms(student.terms, layout)
    with whole_directory(place) as partial:
        layout.write_student(student, partial)
    files = {str(path.relative_to(place)): path.stat().st_size for path in sorted(place.rglob("*")) if path.is_file()}
    return StudentReport(student=student.name, path=str(place), files=files)
