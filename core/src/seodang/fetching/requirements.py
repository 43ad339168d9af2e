"""Exactly what is installed here for the plugins of a recipe, as pip reads it."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

import msgspec

from seodang.plugins.installed import canonical

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_EXTRAS = re.compile(r"^[^\[;]*\[([^\]]*)\]")


class Pinned(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A distribution as it is installed. `source` is the folder that it was installed from, where no index may have it."""

    name: str
    version: str
    source: str = ""

    @property
    def line(self) -> str:
        return f"{self.name}=={self.version}"


def pinned(distributions: Iterable[str]) -> list[Pinned]:
    """These distributions and all that they need, as far as it is installed, sorted.

    Of a plugin's own extras those count whose needs are all here. A marker other than an extra's is not evaluated: what is
    installed was installed for this machine.
    """
    wanted: list[tuple[str, frozenset[str]]] = []
    for name in distributions:
        wanted.append((canonical(name), _extras_that_are_here(name)))
    found: dict[str, Pinned] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        name, extras = one = wanted.pop()
        distribution = _installed(name)
        if one in seen or distribution is None:
            continue
        seen.add(one)
        found[name] = Pinned(name=name, version=distribution.version, source=_source(distribution))
        wanted += _needs(distribution, extras)
    return sorted(found.values())


def _installed(name: str) -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def _needs(distribution: importlib.metadata.Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for text in distribution.requires or ():
        asked = set(map(canonical, _EXTRA.findall(text.partition(";")[2])))
        if asked and not asked & extras:
            continue
        name = _NAME.match(text)
        if name is None:
            continue
        own = _EXTRAS.match(text)
        more = frozenset(canonical(one) for one in own.group(1).split(",") if one.strip()) if own else frozenset()
        yield canonical(name.group()), more


def _extras_that_are_here(name: str) -> frozenset[str]:
    distribution = _installed(canonical(name))
    if distribution is None:
        return frozenset()
    offered = [canonical(extra) for extra in distribution.metadata.get_all("Provides-Extra") or ()]
    plain = set(_needs(distribution, frozenset()))
    return frozenset(
        extra
        for extra in offered
        if all(_installed(needed) for needed, _ in set(_needs(distribution, frozenset({extra}))) - plain)
    )


def _source(distribution: importlib.metadata.Distribution) -> str:
    """The folder or file of this machine that it came from, as the installer wrote it down; nothing for an index."""
    text = distribution.read_text("direct_url.json")
    try:
        url = str(msgspec.json.decode(text).get("url", "")) if text else ""
    except (msgspec.DecodeError, AttributeError):
        return ""
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == "file" else ""
