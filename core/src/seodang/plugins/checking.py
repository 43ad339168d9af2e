"""Checks a plugin's package where it lies, before it is published. Builds nothing and installs nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import PluginError
from seodang.plugins.examining import Examination, examine_apart
from seodang.plugins.scaffolding import PREFIX
from seodang.wording import render


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at. `details` say what was found, or what is wrong and what to do."""

    name: str
    ok: bool
    details: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """A package and everything that was looked at."""

    distribution: str
    directory: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


def check_package(directory: Path, *, timeout_seconds: float = 600) -> Checked:
    """Everything that can be known about a package without publishing it, in the order in which it is best repaired."""
    project = _project(directory)
    distribution = str(project.get("name", ""))
    modules = {str(name): str(module) for name, module in project.get("entry-points", {}).get("seodang", {}).items()}
    checks = [_check("names", _name_problems(project, modules))]
    places = [directory / "src", directory]
    examined = {module: examine_apart(module, places) for module in modules.values()}
    checks += _examined(examined)
    if all(not found.error for found in examined.values()):
        checks.append(_tests(directory, timeout_seconds))
    return Checked(distribution, str(directory), tuple(checks))


def _project(directory: Path) -> Mapping[str, Any]:
    path = directory / "pyproject.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PluginError("scaffolding.no-pyproject", path=str(path), detail=str(error)) from error
    project: Mapping[str, Any] = found.get("project", {})
    return project


def _check(name: str, problems: Sequence[object], found: str = "") -> Check:
    return Check(name, not problems, tuple(dict.fromkeys(map(str, problems))) or ((found,) if found else ()))


def _name_problems(project: Mapping[str, Any], modules: Mapping[str, str]) -> list[PluginError]:
    """Whether people and programs find the package: what it is called, what it is imported as, what it depends on."""
    distribution = str(project.get("name", ""))
    problems = []
    if not distribution.startswith(PREFIX):
        problems.append(PluginError("scaffolding.name-without-prefix", distribution=distribution))
    if not modules:
        problems.append(PluginError("scaffolding.no-entry-point", distribution=distribution))
    own = re.sub(r"[-_.]+", "_", distribution).lower()
    for name, module in modules.items():
        if module.partition(".")[0] != own:
            problems.append(PluginError("scaffolding.foreign-module", name=name, module=module, wanted=own))
    if not any(_bounded(str(dependency)) for dependency in project.get("dependencies", ())):
        problems.append(PluginError("scaffolding.no-dependency", distribution=distribution))
    return problems


def _bounded(dependency: str) -> bool:
    """Whether it is seodang, from a version on and below the next in which something may have gone."""
    name = re.match(r"\s*([A-Za-z0-9._-]+)\s*(.*)", dependency)
    return bool(name and name.group(1) == "seodang" and ("<" in name.group(2) or "~=" in name.group(2) or "==" in name.group(2)))


def _examined(examined: Mapping[str, Examination]) -> Iterator[Check]:
    errors = {module: found.error for module, found in examined.items() if found.error}
    broken = [PluginError("scaffolding.broken", module=module, error=error) for module, error in errors.items()]
    offers = [offer for found in examined.values() for offer in found.offers]
    refused = [reason for found in examined.values() for reason in found.refused]
    yield _check("loads", [*broken, *refused], ", ".join(f"{kind} {name}" for kind, name in offers))
    if broken:
        return
    yield _check("declarations", [problem for found in examined.values() for problem in found.class_problems])
    yield _check("hooks", [problem for found in examined.values() for problem in found.hook_problems])
    busy = [
        PluginError(f"scaffolding.import-{fault}", module=module, what=what)
        for module, found in examined.items()
        for fault, everything in (("heavy", found.heavy), ("acts", found.acted))
        for what in everything
    ]
    yield _check("imports", busy)


def _tests(directory: Path, timeout_seconds: float) -> Check:
    """Runs the package's own tests, against its sources and with nothing written into it."""
    path = os.pathsep.join(map(str, [(directory / "src").resolve(), directory.resolve()]))
    inherited = os.environ.get("PYTHONPATH")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": path + os.pathsep + inherited if inherited else path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"]
    if not any((directory / name).exists() for name in ("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")):
        command += ["-c", "pyproject.toml"]  # and not the settings of a project that this folder may lie in
    try:
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return _check("tests", [PluginError("scaffolding.tests-slow", seconds=round(timeout_seconds))])
    said = (done.stdout + done.stderr).strip().splitlines() or [""]
    if done.returncode == 0:
        return Check("tests", True, (said[-1].strip("= "),))
    if done.returncode == 5:  # pytest's own: nothing was collected
        return _check("tests", [PluginError("scaffolding.no-tests", directory=str(directory))])
    short = [line for line in said if line.startswith(("FAILED", "ERROR"))][:10]
    return Check("tests", False, (render("scaffolding.tests-failed", {"directory": str(directory)}), *(short or said[-3:])))
