"""The task as SkyPilot's YAML has it (docs.skypilot.co, reference/yaml-spec). Texts are written as JSON writes them, which is YAML too."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

import seodang

PLACE = "/runs"
"""Where the bucket stands on the machine."""
RESUMABLE = 75
"""How `seodang run` ends when it was told to stop: the same command goes on."""
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_BUCKET = re.compile(r"(s3|gs|r2|cos|oci|https)://\S+")


class Task(NamedTuple):
    recipe: str
    bucket: str
    accelerators: str
    secrets: Sequence[str]
    packages: Sequence[str]
    disk: int
    settings: Sequence[str]


def task_yaml(task: Task) -> str:
    """Refuses a bucket that is none, and a secret's value where its name belongs."""
    if not all(_NAME.fullmatch(name) for name in task.secrets):
        raise seodang.DataError("seodang_skypilot:bad-secret")
    if not _BUCKET.fullmatch(task.bucket):
        raise seodang.DataError("seodang_skypilot:bad-bucket", bucket=task.bucket)
    name = re.sub(r"[^a-z0-9]+", "-", task.recipe.removesuffix(".toml").lower()).strip("-") or "seodang"
    lines = [
        "# Made by seodang skypilot. Launch it as a managed job: sky jobs launch",
        f"name: {_text(name)}",
        "workdir: .",
        "resources:",
        "  use_spot: true",
        f"  disk_size: {task.disk}",
    ]
    if task.accelerators:
        lines.append(f"  accelerators: {_text(task.accelerators)}")
    lines += [
        "  job_recovery:",
        "    strategy: EAGER_NEXT_REGION",
        "    max_restarts_on_errors: 0",
        f"    recover_on_exit_codes: [{RESUMABLE}]",
        "file_mounts:",
        f"  {PLACE}:",
        f"    source: {_text(task.bucket)}",
        "    mode: MOUNT_CACHED",
    ]
    if task.secrets:
        # Without a value SkyPilot takes it from the environment of whoever launches, and refuses to launch where there is none.
        lines += ["secrets:", *(f"  {secret}: null" for secret in task.secrets)]
    run = shlex.join(["seodang", "run", task.recipe, "--run-dir", f"{PLACE}/{name}", *_options(task.settings)])
    lines += ["setup: |", f"  pip install {shlex.join(task.packages)}", "run: |", f"  exec {run}"]
    return "\n".join(lines) + "\n"


def _options(settings: Sequence[str]) -> list[str]:
    return [part for setting in settings for part in ("--set", setting)]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
