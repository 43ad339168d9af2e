"""Looks at a plugin's module in a process of its own: what importing it does, what it offers, what is wrong with it."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from seodang.capability import Capability
from seodang.errors import PluginError, SeodangError
from seodang.plugins.admission import Inadmissible, admit
from seodang.plugins.declarations import HEAVY, class_problems, hook_problems, instance_problems, offered_classes
from seodang.plugins.offers import Plugin, new_manager


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, in sentences of the reader's language. `error` is why it could not be imported, `refused` why seodang would
    not let it in; `offers` are pairs of kind and name."""

    error: str = ""
    refused: tuple[str, ...] = ()
    offers: tuple[tuple[str, str], ...] = ()
    class_problems: tuple[str, ...] = ()
    hook_problems: tuple[str, ...] = ()
    heavy: tuple[str, ...] = ()
    acted: tuple[str, ...] = ()


def examine_apart(module: str, places: Sequence[Path] = (), *, timeout_seconds: float = 60) -> Examination:
    """Examines a module in a fresh interpreter, which finds it in `places` first."""
    path = os.pathsep.join([*map(str, places), *(place for place in sys.path if place)])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "seodang.plugins.examining", module],
            env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Examination(error=str(PluginError("scaffolding.import-slow", module=module, seconds=round(timeout_seconds))))
    last = done.stdout.rstrip().rpartition(b"\n")[2]
    if done.returncode != 0 or not last.startswith(b"{"):
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"exit status {done.returncode}"
        return Examination(error=said)
    return msgspec.json.decode(last, type=Examination)


def examine(module: str) -> Examination:
    """Examines a module in this process. Only a fresh one can tell what the import brought with it."""
    acted: list[str] = []
    _watch(acted)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            imported = importlib.import_module(module)
            heavy = tuple(name for name in HEAVY if name in sys.modules)
            refused = _refused(imported, module)
            classes = [] if refused else offered_classes(imported)
    except (Exception, SystemExit) as error:
        return Examination(error="".join(traceback.format_exception_only(error)).strip().rpartition("\n")[2])
    finally:
        watched = tuple(dict.fromkeys(acted))
        acted.append(_OVER)
    if printed.getvalue():
        watched += ("print",)
    problems = [problem for cls in classes for problem in class_problems(cls)]
    if not problems:
        ready = [made for cls in classes if (made := _with_defaults(cls)) is not None]
        problems = [problem for made in ready for problem in instance_problems(made)]
    return Examination(
        refused=tuple(map(str, refused)),
        offers=tuple((str(getattr(cls, "kind", "?")), str(getattr(cls, "name", "?"))) for cls in classes),
        class_problems=tuple(map(str, problems)),
        hook_problems=tuple(map(str, hook_problems(imported))),
        heavy=heavy,
        acted=watched,
    )


def _with_defaults(cls: type[Capability]) -> Capability | None:
    """An instance as a recipe makes it that says nothing; None where something has to be said: an option, or one of several."""
    if any(field.required for field in msgspec.structs.fields(cls.Options)):
        return None
    try:
        options = cls.Options()
    except ValueError:
        return None
    return cls(options)


def _refused(imported: ModuleType, module: str) -> list[SeodangError]:
    """Why the plugin would not be let in; what is wrong with single classes and hooks is told elsewhere."""
    try:
        admit(new_manager(), imported, Plugin(distribution=module, version="0", entry_point=module, target=module))
    except Inadmissible as inadmissible:
        return [problem for problem in inadmissible.problems if not problem.code.startswith("scaffolding.")]
    return []


_OVER = "over"


def _watch(acted: list[str]) -> None:
    """Notes what goes out of the process while the module is imported. An audit hook cannot be taken away, only told to stop."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if acted and acted[-1] == _OVER:
            return
        if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            acted.append("network")
        elif event in ("subprocess.Popen", "os.system", "os.posix_spawn"):
            acted.append("process")
        elif event == "open" and _writes(arguments):
            acted.append(f"writes {arguments[0]}")

    sys.addaudithook(hear)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and arguments[0] != os.devnull


if __name__ == "__main__":
    sys.stdout.write("\n" + msgspec.json.encode(examine(sys.argv[1])).decode() + "\n")
