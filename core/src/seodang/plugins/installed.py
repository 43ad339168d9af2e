"""Which plugins are installed: read from the metadata of the distributions, so that nothing is imported to know it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

GROUP = "seodang"


class Installed(msgspec.Struct, frozen=True, order=True):
    """An entry point of a distribution. Sorted by distribution and name, because the order of a directory is chance."""

    distribution: str
    entry_point: str
    target: str
    version: str

    @property
    def id(self) -> str:
        return f"{self.distribution}:{self.entry_point}"

    @property
    def module(self) -> str:
        return self.target.partition(":")[0].strip()


def installed_plugins() -> tuple[Installed, ...]:
    """Every entry point of the group, the distribution that is found first where a name is installed twice.

    `importlib.metadata.entry_points` does the same in three to nine times the time: it parses the metadata of everything.
    """
    found: dict[str, list[Installed]] = {}
    for distribution in importlib.metadata.distributions():
        text = _entry_points(distribution)
        if text is None or not re.search(rf"^\s*\[\s*{GROUP}\s*\]", text, re.MULTILINE):
            continue
        name, version = _name_and_version(distribution)
        found.setdefault(name, [Installed(name, entry, target, version) for entry, target in _group(text)])
    return tuple(sorted(entry for entries in found.values() for entry in entries))


def _entry_points(distribution: importlib.metadata.Distribution) -> str | None:
    try:
        return distribution.read_text("entry_points.txt")
    except (OSError, UnicodeDecodeError):  # somebody's damaged installation: no reason for ours not to start
        return None


def _group(text: str) -> Iterator[tuple[str, str]]:
    """The lines `name = target` of our group. Names are unique in it, the last one counts, as for pip."""
    entries: dict[str, str] = {}
    section = ""
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == GROUP and line:
            name, _, target = line.partition("=")
            entries[name.strip()] = target.partition("[")[0].strip()
    yield from entries.items()


def _name_and_version(distribution: importlib.metadata.Distribution) -> tuple[str, str]:
    metadata = distribution.metadata
    # Where METADATA is damaged, the name of its folder still tells whom to blame.
    folder = Path(str(getattr(distribution, "_path", ""))).name.partition("-")[0]
    return canonical(metadata["Name"] or folder or "?"), metadata["Version"] or "?"


def canonical(name: str) -> str:
    """A distribution's name as every index spells it: `Seodang_DeepL` is `seodang-deepl`."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def module_file(module: str) -> str:
    """Where a module lies, without importing it or its parents; empty where it cannot be found."""
    top, *rest = module.split(".")
    try:
        spec = importlib.util.find_spec(top) if top else None
    except (ImportError, ValueError):
        return ""
    if spec is None:
        return ""
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    for place in places:
        inside = place.joinpath(*rest)
        for candidate in (inside / "__init__.py", inside.with_suffix(".py")) if rest else (inside / "__init__.py",):
            if candidate.is_file():
                return str(candidate)
    return spec.origin or ""
