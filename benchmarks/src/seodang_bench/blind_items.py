"""What is shown side by side: the answers of two runs' students, or of two files, to the same questions."""

from __future__ import annotations

import json
from pathlib import Path

import click
import seodang
from seodang.files.durable import write_durably
from seodang.wording import render

from seodang_bench.blind import Item

STEP = "answers"


def items_of(
    a: Path, b: Path, *, work: Path, questions: Path | None, limit: int | None, max_tokens: int, language: str
) -> list[Item]:
    """Answers are made once and kept in `work`: who goes on rating another day sees the same ones."""
    if questions is None and not (a.is_file() and b.is_file()):
        raise click.UsageError(render("seodang_bench:blind-questions", {}))
    asked = questions or a
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    work.mkdir(parents=True, exist_ok=True)
    lines = ["[recipe]", 'name = "blind"', f"language = {_text(language)}", ""]
    for name, place in (("a", a), ("b", b)):
        lines += [f"[students.{name}]", *_student(place), ""]
    lines += ["[[step]]", 'evaluate = "bench-answers"', f'name = "{STEP}"', 'students = ["a", "b"]']
    lines += [f"questions = {_text(str(asked.absolute()))}", f"max_tokens = {max_tokens}"]
    write_durably(work / "blind.toml", ("\n".join(lines) + "\n").encode())
    clock = SystemClock()
    run_recipe(work / "blind.toml", work / "run", wishes=Wishes(), progress=Progress(clock), clock=clock)
    said: dict[str, dict[str, str]] = {"a": {}, "b": {}}
    words: dict[str, str] = {}
    for item in seodang.open_run(work / "run").items(STEP):
        said[item["student"]][item["values"]["id"]] = item["values"]["answer"]
        words[item["values"]["id"]] = item["values"]["question"]
    items = [Item(name, text, said["a"][name], said["b"][name]) for name, text in words.items()]
    return items[:limit] if limit else items


def _student(place: Path) -> list[str]:
    """A file of answers, or the student that a run trained last, opened as the run itself would."""
    if place.is_file():
        return ['use = "answers"', f"path = {_text(str(place.absolute()))}"]
    run = seodang.open_run(place)
    trained = [(name, found) for name in run.steps() if (found := run.manifest(name).trained) is not None]
    if not trained:
        raise seodang.DataError("seodang_bench:blind-no-student", run=str(place))
    step, student = trained[-1]
    options = dict(student.options)
    if "path" in options:
        options["path"] = str((run.folder(step) / str(options["path"])).absolute())
    return [f"use = {_text(student.student)}", *(f"{name} = {_text(value)}" for name, value in options.items())]


def _text(value: object) -> str:
    """Strings, numbers, truth values and lists of these are written the same in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
