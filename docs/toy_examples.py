"""The cards and the report of a toy run, as they are kept under docs/examples. `python docs/generate.py --examples` makes them anew.

What changes from machine to machine is set: the seconds that a step took to 1, Python's version to its first two numbers. The rest is
what `seodang run`, `seodang card` and `seodang report` write.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import tempfile
from pathlib import Path

EXAMPLE = "koalpaca-v1.1"
STUDENT = "sft"
PLACE = Path(__file__).parent / "examples" / EXAMPLE
PORT = 8011
"""Where the recipe expects `seodang mock openai`, so that the command in the report is the one that a reader types."""


def make_examples() -> None:
    """Runs the toy form as its head says, in a folder that is thrown away."""
    from seodang_openai.mock import mock_openai

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        try:
            _said("init", f"{folder}/{EXAMPLE}", "--recipe", EXAMPLE)
            os.chdir(f"{folder}/{EXAMPLE}")
            with mock_openai(answers=EXAMPLE, port=PORT):
                _said("run", "recipe.toml", "--scale", "toy", "--quiet", "--workers", "1")
            files = example_files(Path("runs") / f"{EXAMPLE}-toy")
        finally:
            os.chdir(before)
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (PLACE / name).write_text(text, encoding="utf-8")


def example_files(run: Path) -> dict[str, str]:
    """The files of the example, made of a finished run."""
    from seodang.reports.card import write_card
    from seodang.reports.report import write_report
    from seodang.reports.student_card import write_student_card

    _set_times(run / "log.jsonl")
    found = {}
    spoken = os.environ.get("SEODANG_LANGUAGE")
    try:
        for language in ("en", "ko"):
            os.environ["SEODANG_LANGUAGE"] = language
            end = "" if language == "en" else f".{language}"
            found[f"report{end}.html"] = write_report([run], None).read_text(encoding="utf-8")
            found[f"dataset-card{end}.md"] = write_card(run).read_text(encoding="utf-8")
            found[f"model-card{end}.md"] = write_student_card(run, STUDENT).read_text(encoding="utf-8")
    finally:
        os.environ.pop("SEODANG_LANGUAGE")
        if spoken is not None:
            os.environ["SEODANG_LANGUAGE"] = spoken
    version = platform.python_version()
    return {name: text.replace(version, ".".join(version.split(".")[:2])) for name, text in found.items()}


def _set_times(log: Path) -> None:
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps(event | {"seconds": 1.0} if event["event"] == "step_time" else event) + "\n" for event in events]
    log.write_text("".join(lines), encoding="utf-8")


def _said(*arguments: str) -> None:
    """A command of seodang in this process. What it shows is for people and not for this one."""
    from seodang.commandline import main

    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main(list(arguments))
        except SystemExit as ended:
            if ended.code:
                raise
