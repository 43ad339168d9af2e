"""The exact command that makes a run again, and with what it was made."""

from __future__ import annotations

import shlex

from seodang.reports import page
from seodang.runs.directory import RunDirectory
from seodang.runs.opened import OpenedRun
from seodang.wording import render


def repeating(run: OpenedRun) -> str:
    """As the run remembers it. The recipe inside the run is the one that was run, whatever became of the file it came from."""
    lock = RunDirectory.open(run.path).lock
    words = ["seodang", "run", str(run.path / "recipe.toml")]
    for setting in lock.get("settings", ()):
        words += ["--set", str(setting)]
    if lock.get("ledger"):
        words += ["--ledger", str(lock["ledger"])]
    words += ["--run-dir", str(run.path)]
    command = f"<pre>{page.escape(shlex.join(words))}</pre>"
    facts = [[render("report.seed", {}), str(lock.get("seed", ""))], ["Python", str(lock.get("python", ""))]]
    facts += [[render("report.recipe-hash", {}), str(lock.get("recipe_sha256", ""))]]
    facts += [[name, str(about.get("version", ""))] for name, about in sorted(lock.get("distributions", {}).items())]
    recipe = (run.path / "recipe.toml").read_text(encoding="utf-8")
    return "".join(
        [
            command,
            page.folded(
                render("report.made-with", {}), page.table([render("report.figure", {}), render("report.value", {})], facts)
            ),
            page.folded(render("report.recipe", {}), f"<pre>{page.escape(recipe)}</pre>"),
        ]
    )
