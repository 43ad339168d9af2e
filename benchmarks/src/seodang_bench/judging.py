"""Files of answers as students of a recipe that judges them: the recipe is written into the run's directory and run like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import seodang
from seodang.files.durable import write_durably
from seodang.wording import render

STEP = "judged"


def run_judge(place: Path, caps: Sequence[str], quiet: bool, wishes: Mapping[str, Any]) -> list[seodang.Score]:
    """Runs it, or goes on with it: what the judge has said lies in the run's ledger and is not paid again."""
    from seodang.ledger.money import parse_cap
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    if wishes["questions"] is None and wishes["baseline"] is None:
        raise click.UsageError(render("seodang_bench:judge-questions", {}))
    place.mkdir(parents=True, exist_ok=True)
    recipe = place / "judge.toml"
    write_durably(recipe, recipe_of(wishes).encode())
    clock = SystemClock()
    run_recipe(
        recipe,
        place / "run",
        wishes=Wishes(caps=tuple(parse_cap(cap) for cap in caps)),
        progress=Progress(clock, quiet=quiet),
        clock=clock,
    )
    return list(seodang.open_run(place / "run").scores(STEP))


def recipe_of(wishes: Mapping[str, Any]) -> str:
    """The recipe as text. Strings of JSON are strings of TOML."""
    students = _names(wishes["outputs"])
    lines = ["[recipe]", 'name = "judge"', f"language = {json.dumps(wishes['language'])}", ""]
    for name, path in students.items():
        lines += [f"[students.{json.dumps(name)}]", 'use = "answers"', f"path = {_path(path)}", ""]
    evaluation = "alpaca-eval" if wishes["baseline"] else "mt-bench"
    lines += ["[[step]]", f'evaluate = "{evaluation}"', f'name = "{STEP}"']
    lines += [
        f"students = {json.dumps(list(students), ensure_ascii=False)}",
        f"questions = {_path(wishes['questions'] or wishes['baseline'])}",
    ]
    for name in ("baseline", "references", "prompts", "people"):
        if wishes[name]:
            lines.append(f"{name} = {_path(wishes[name])}")
    for name in ("judge_language", "samples", "controls", "limit"):
        if wishes[name] is not None and wishes[name] != "":
            lines.append(f"{name} = {json.dumps(wishes[name])}")
    lines += [f"judge = {json.dumps(wishes['teacher'])}", f"model = {json.dumps(wishes['model'])}"]
    for name in ("base_url", "input_price", "output_price"):
        if wishes[name]:
            lines.append(f"{name} = {json.dumps(wishes[name])}")
    return "\n".join(lines) + "\n"


def write_annotations(run: Path, step: str, target: Path, student: str, baseline: str) -> int:
    from seodang_alpaca_eval.published import to_annotations

    items = [item for item in seodang.open_run(run).items(step) if not student or item["student"] == student]
    names = sorted({item["student"] for item in items})
    if len(names) != 1:
        raise click.UsageError(render("seodang_bench:annotations-which", {"students": names}))
    rows = to_annotations((item["values"] for item in items), names[0], baseline)
    write_durably(target, msgspec.json.format(msgspec.json.encode(rows), indent=2))
    return len(rows)


def _names(outputs: Sequence[Path]) -> dict[str, Path]:
    """By the file's name; two of the same name in different folders with the folder's before it."""
    stems = [path.stem for path in outputs]
    return {path.stem if stems.count(path.stem) == 1 else f"{path.parent.name}-{path.stem}": path for path in outputs}


def _path(path: Path) -> str:
    return json.dumps(str(path.absolute()), ensure_ascii=False)
