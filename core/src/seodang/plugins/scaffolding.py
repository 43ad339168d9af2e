"""Writes the package of a new plugin from the templates beside this module.

A package of one kind is one module; one of several kinds has a module for each and registers them together. What is written
installs, and passes the contract of its kind, before anybody changes a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

import msgspec

import seodang
from seodang.errors import PluginError
from seodang.files.durable import explained
from seodang.plugins.declarations import VERBS

KINDS = tuple(VERBS)
"""The kinds of plugins, in the order in which a record meets them."""

PREFIX = "seodang-"

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_A_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NO_LANGUAGE = "qaa"  # ISO 639 keeps it free for private use


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A package that was written."""

    distribution: str
    module: str
    directory: Path
    kinds: tuple[str, ...]
    files: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of the package: its class and the module that the class is in."""

    kind: str
    class_name: str
    module: str


def write_package(name: str, kinds: Sequence[str], directory: Path | None = None) -> Written:
    """Writes the package `seodang-NAME` into `directory`, by default a new one of that name here.

    A trainer comes with the student that opens what it makes.
    """
    name = name.removeprefix(PREFIX)
    if not _NAME.fullmatch(name):
        raise PluginError("scaffolding.bad-name", name=name, better=_better(name))
    kinds = _in_order(kinds)
    directory = directory or Path(PREFIX + name)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PluginError("scaffolding.directory-in-use", directory=str(directory))
    contents = _package(name, kinds)
    with explained(directory):
        for path, text in contents.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
    return Written(
        distribution=PREFIX + name, module=_module(name), directory=directory, kinds=kinds, files=tuple(sorted(contents))
    )


def _in_order(kinds: Sequence[str]) -> tuple[str, ...]:
    wanted = {*kinds, "student"} if "trainer" in kinds else {*kinds}
    return tuple(kind for kind in KINDS if kind in wanted)


def _better(name: str) -> str:
    """The nearest name that is one."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain if _NAME.fullmatch(plain) else "short-answers"


def _module(name: str) -> str:
    return (PREFIX + name).replace("-", "_")


def _package(name: str, kinds: Sequence[str]) -> dict[str, str]:
    """Every file of the package by its path."""
    module = _module(name)
    parts = [_part(name, kind, alone=len(kinds) == 1) for kind in kinds]
    language = name.removeprefix("locale-")
    facts = {
        "name": name,
        "distribution": PREFIX + name,
        "description": f"A plugin for seodang: {', '.join(kinds)}.",
        "versions": _versions(),
        "language": language if _A_LANGUAGE.fullmatch(language) else _NO_LANGUAGE,
    }
    contents = {
        "pyproject.toml": _filled("package/pyproject.toml", {**facts, "module": module}),
        ".gitignore": _filled("package/gitignore", facts),
        # Its `${{ … }}` would be GitHub's and not ours, so it is copied as it stands.
        ".github/workflows/release.yml": _text("package/release.yml"),
    }
    for part in parts:
        student = next((other for other in parts if other.kind == "student"), part)
        own = {
            **facts,
            "class_name": part.class_name,
            "module": part.module,
            "package": module,
            "student_module": student.module,
            "student_class": student.class_name,
        }
        text = _filled(f"{part.kind}/module.py", own)
        if len(parts) == 1:
            contents[f"src/{module}/__init__.py"] = f"{text}\n\n{_registration(part)}"
            contents[f"tests/test_{name.replace('-', '_')}.py"] = _filled(f"{part.kind}/test.py", own)
        else:
            contents[f"src/{module}/{part.kind}.py"] = text
            contents[f"tests/test_{part.kind}.py"] = _filled(f"{part.kind}/test.py", own)
        for name_of_data in _data_of(part.kind):
            # Regular expressions and prompts in there have dollars of their own.
            contents[f"src/{module}/{name_of_data}"] = _text(f"{part.kind}/{name_of_data}").replace(
                "$language", facts["language"]
            )
    if len(parts) > 1:
        contents[f"src/{module}/__init__.py"] = _registrations(parts)
    usages = "\n".join(_filled(f"{kind}/usage.md", facts) for kind in kinds).rstrip()
    contents["README.md"] = _filled("package/README.md", {**facts, "usages": usages})
    return contents


def _part(name: str, kind: str, *, alone: bool) -> _Part:
    camel = "".join(word.capitalize() for word in name.split("-"))
    if alone:
        return _Part(kind=kind, class_name=camel, module=_module(name))
    return _Part(kind=kind, class_name=camel + kind.capitalize(), module=f"{_module(name)}.{kind}")


def _registration(part: _Part) -> str:
    hook = "register_seeds" if part.kind == "seeds" else f"register_{part.kind}s"
    return f"@seodang.hookimpl\ndef {hook}(register):\n    register({part.class_name})\n"


def _registrations(parts: Sequence[_Part]) -> str:
    imports = "".join(f"from {part.module} import {part.class_name}\n" for part in sorted(parts, key=lambda part: part.module))
    hooks = "\n\n".join(_registration(part) for part in parts)
    return f'"""What this package offers: one module a kind, registered together."""\n\nimport seodang\n\n{imports}\n\n{hooks}'


def _versions() -> str:
    """What a plugin made today depends on: this minor release, and not the next."""
    major, minor = seodang.__version__.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def _data_of(kind: str) -> list[str]:
    """The files that stand beside the module of this kind as they are."""
    places = (files("seodang.plugins") / "templates" / kind).iterdir()
    names = (place.name.removesuffix(".template") for place in places)
    return sorted(name for name in names if name not in ("module.py", "test.py", "usage.md"))


def _filled(name: str, facts: dict[str, str]) -> str:
    return Template(_text(name)).substitute(facts)


def _text(name: str) -> str:
    place: Traversable = files("seodang.plugins") / "templates"
    for step in f"{name}.template".split("/"):
        place = place / step
    return place.read_text(encoding="utf-8")
