"""What an interrupted training of other rows or options left in the run: it is kept, nothing goes on from it, and that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from seodang.files.durable import write_durably
from seodang.files.manifests import content_hash, read_manifest
from seodang.recipes.resolving import Step
from seodang.runs.fingerprints import differences
from seodang.runs.ingredients import ingredients_of
from seodang.runs.session import Session
from seodang.wording import render

NOTE = "ingredients.json"
"""In the folder of a training that is under way; a finished one has them in its manifest."""
LONG = 40


def tell_what_stays(session: Session, step: Step, directory: Path) -> None:
    """Hours may lie in such a folder, and whoever changed something without meaning to wants to know before new ones are spent."""
    manifests = [read_manifest(folder) for folder in session.flow]
    known = {name: manifest for name, (_, manifest) in session.manifests.items()}
    mine = ingredients_of(session, step, [content_hash(each) for each in manifests if each is not None], known)
    write_durably(directory / NOTE, msgspec.json.encode(mine))
    name = directory.name.partition(".partial-")[0].partition("-")[2]
    for other in sorted(directory.parent.glob(f"*-{name}.partial-*")):
        if other == directory or not (other / NOTE).is_file():
            continue
        before: dict[str, Any] = msgspec.json.decode((other / NOTE).read_bytes())
        changed = [_said(*each) for each in differences(before, mine)]
        session.warn(render("runs.training-stays", {"step": step.entry.name, "folder": str(other), "facts": changed}))


def forget_note(directory: Path) -> None:
    (directory / NOTE).unlink(missing_ok=True)


def _said(name: str, before: Any, now: Any) -> str:
    return name if max(len(str(before)), len(str(now))) > LONG else f"{name} ({before} → {now})"
