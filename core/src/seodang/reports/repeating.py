"""The exact command that makes a run again, and with what it was made."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seodang.recipes.scales import KEY
from seodang.reports import page
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import OpenedRun
from seodang.wording import render


def repeating(run: OpenedRun) -> str:
    """As the run remembers it, to be called where the report was written."""
    lock = RunDirectory.open(run.path).lock
    own = run.path / "recipe.toml"
    recipe = _unchanged(lock) or own
    command = f"<pre>{page.escape(_command(run.path, recipe, lock))}</pre>"
    home = _from_here(Path(str(lock.get("recipe_path", own))).parent)
    moved = page.paragraph(render("report.recipe-changed", {"directory": home}), quiet=True) if recipe == own else ""
    facts = [[render("report.seed", {}), str(lock.get("seed", ""))], ["Python", str(lock.get("python", ""))]]
    facts += [[render("report.recipe-hash", {}), str(lock.get("recipe_sha256", ""))]]
    facts += [[name, str(about.get("version", ""))] for name, about in sorted(lock.get("distributions", {}).items())]
    head = [render("report.figure", {}), render("report.value", {})]
    text = f"<pre>{page.escape(own.read_text(encoding='utf-8'))}</pre>"
    return "".join(
        [
            command,
            moved,
            page.folded(render("report.made-with", {}), page.table(head, facts)),
            page.folded(render("report.recipe", {}), text),
        ]
    )


def _unchanged(lock: Mapping[str, Any]) -> Path | None:
    """Where the recipe lies, while it still is the one that was run: what it names is found from there."""
    place = Path(str(lock.get("recipe_path", "")))
    try:
        digest = hashlib.sha256(place.read_text(encoding="utf-8-sig").encode()).hexdigest()
    except (OSError, UnicodeDecodeError):
        return None
    return place if digest == lock.get("recipe_sha256") else None


def _command(run: Path, recipe: Path, lock: Mapping[str, Any]) -> str:
    words = ["seodang", "run", _from_here(recipe)]
    for setting in lock.get("settings", ()):
        words += spelt(str(setting))
    if lock.get("limit"):
        words += ["--limit", str(lock["limit"])]
    if lock.get("ledger"):
        words += ["--ledger", _from_here(Path(str(lock["ledger"])))]
    words += ["--run-dir", _from_here(run)]
    return " ".join(map(_quoted, words))


def spelt(setting: str) -> list[str]:
    """A setting as the command line takes it: a scale has an option of its own."""
    scale = setting.removeprefix(KEY)
    return ["--scale", scale] if scale != setting else ["--set", setting]


def _from_here(path: Path) -> str:
    """Without the way to the directory one is in, where it lies below."""
    whole = os.path.abspath(path)
    return os.path.relpath(whole) if Path(whole).is_relative_to(Path.cwd()) else whole


def _quoted(word: str) -> str:
    """For a shell. Settings are TOML and often hold single quotes, which shlex would take apart one by one."""
    return f'"{word}"' if "'" in word and not set(word) & {*'"$`\\!\n'} else shlex.quote(word)
