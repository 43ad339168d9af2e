"""Loads the plugins in a process of their own and tells what became of each: what hangs or kills that process is seen as well.

The child says on its pipe what it is about to load. When it dies or is silent for too long, the plugin that it named last is
the culprit; the rest is loaded again by a new child without it.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from seodang.errors import PluginError
from seodang.plugins.describing import Listed, listed_broken, listed_plugin
from seodang.plugins.guarding import told
from seodang.plugins.installed import Installed, installed_plugins
from seodang.plugins.loading import broken, limit_of, load, plugin_of
from seodang.plugins.offers import Broken, kind_phrase
from seodang.wording import Phrase

START_SECONDS = 60.0
"""How long the interpreter itself may take, before it names a plugin and after it has named the last."""

_CHILD = (
    "import json, sys; given = json.loads(sys.argv[1]); sys.path[:] = given['path'];"
    "from seodang.plugins.probing import answer; answer(given['skip'])"
)


class Probe(msgspec.Struct, frozen=True):
    """Every installed plugin, sorted, and what `SEODANG_PLUGINS` names in vain."""

    plugins: tuple[Listed, ...]
    unknown: tuple[str, ...] = ()


class _Found(msgspec.Struct, frozen=True):
    listed: list[Listed]
    blocked: list[str]
    unknown: list[str]


class _Died(Exception):
    """The child ended, or was ended, while it was at a plugin (or at none, when `plugin` is empty)."""

    def __init__(self, plugin: str, reason: Phrase) -> None:
        super().__init__(plugin)
        self.plugin = plugin
        self.reason = reason


def probe(environ: Mapping[str, str] = os.environ, *, limit_seconds: float | None = None) -> Probe:
    """What every installed plugin offers, or why it does not."""
    limit = limit_seconds or limit_of(environ)
    installed = {one.id: one for one in installed_plugins()}
    culprits: dict[str, Broken] = {}
    while True:
        try:
            found = _ask(environ, sorted(culprits), limit)
        except _Died as died:
            if died.plugin not in installed or died.plugin in culprits:
                raise PluginError("plugins.probe-failed", reason=died.reason) from died
            culprits[died.plugin] = broken(plugin_of(installed[died.plugin]), died.reason.code, died.reason)
        else:
            return Probe(_all_listed(found, culprits, installed), tuple(found.unknown))


def _all_listed(found: _Found, culprits: Mapping[str, Broken], installed: Mapping[str, Installed]) -> tuple[Listed, ...]:
    blocked = [_listed_blocked(one) for one in installed.values() if one.distribution in found.blocked]
    culprits_listed = [listed_broken(culprit) for culprit in culprits.values()]
    together = sorted([*found.listed, *culprits_listed, *blocked], key=lambda listed: listed.id)
    return tuple(_with_conflicts(together))


def _listed_blocked(one: Installed) -> Listed:
    plugin = plugin_of(one)
    return Listed(
        name=one.entry_point,
        distribution=one.distribution,
        version=one.version,
        entry_point=one.target,
        file=plugin.file,
        state="blocked",
        reason=str(Phrase("plugins.blocked")),
        code="plugins.blocked",
    )


def _with_conflicts(listed: Sequence[Listed]) -> list[Listed]:
    """Marks those that offer a name which another distribution offers as well. They work: `distribution:name` chooses."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for one in listed:
        for capability in one.capabilities:
            by_name.setdefault((capability.kind, capability.name), []).append(one.distribution)
    marked = []
    for one in listed:
        reasons = []
        for capability in one.capabilities:
            others = [other for other in by_name[capability.kind, capability.name] if other != one.distribution]
            if others:
                facts = {"kind": kind_phrase(capability.kind), "name": capability.name, "others": others, "id": capability.id}
                reasons.append(str(Phrase("plugins.conflict", facts)))
        changes = {"state": "conflict", "reason": " ".join(reasons), "code": "plugins.conflict"} if reasons else {}
        marked.append(msgspec.structs.replace(one, **changes))
    return marked


def _ask(environ: Mapping[str, str], skip: Sequence[str], limit_seconds: float) -> _Found:
    """One child's answer. Raises `_Died` with the plugin that it was at."""
    command = [sys.executable, "-P", "-c", _CHILD, json.dumps({"path": sys.path, "skip": skip})]
    child = subprocess.Popen(
        command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        return _listen(child, limit_seconds)
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def _listen(child: subprocess.Popen[bytes], limit_seconds: float) -> _Found:
    assert child.stdout is not None
    pipe = child.stdout.fileno()
    waiting = b""
    plugin = ""
    end = time.monotonic() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, end - time.monotonic())):
                seconds = limit_seconds if plugin else START_SECONDS
                raise _Died(plugin, Phrase("plugins.slow", {"seconds": f"{seconds:g}"}))
            received = os.read(pipe, 1 << 16)
            if not received:
                raise _Died(plugin, Phrase("plugins.died", {"how": _how(child.wait())}))
            *lines, waiting = (waiting + received).split(b"\n")
            for line in lines:
                said = _read(line)
                if "found" in said:
                    return msgspec.convert(said["found"], _Found)
                if "failed" in said:
                    raise _Died(plugin, Phrase("plugins.raised", {"error": said["failed"], "where": ""}))
                if "at" in said:
                    plugin = said["at"]
                    end = time.monotonic() + (limit_seconds if plugin else START_SECONDS)


def _read(line: bytes) -> dict[str, Any]:
    """What the child said; nothing where it was somebody else in that process, as a `.pth` file that prints at the start."""
    try:
        said = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _how(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def answer(skip: Sequence[str]) -> None:
    """The child: loads, describes, answers on what was its standard output, and is gone without waiting for anybody's threads."""
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    try:
        _say(pipe, {"found": _look(pipe, skip)})
    except BaseException as error:  # a KeyboardInterrupt that a plugin raises, or the description of a strange class
        _say(pipe, {"failed": told(error)})
    os._exit(0)


def _look(pipe: Any, skip: Sequence[str]) -> _Found:
    from seodang.plugins.declarations import HEAVY

    heavy: dict[str, list[str]] = {}
    current = ""

    def at(plugin: str) -> None:
        nonlocal current
        if not plugin:
            seen = {name for names in heavy.values() for name in names}
            heavy[current] = [name for name in HEAVY if name in sys.modules and name not in seen]
        current = plugin
        _say(pipe, {"at": plugin})

    offers = load(installed_plugins(), os.environ, limit_seconds=None, skip=skip, watch=at)
    listed = [listed_broken(one) for one in offers.broken]
    for plugin in offers.plugins:
        at(plugin.id)
        listed.append(listed_plugin(plugin, offers, heavy[plugin.id]))
        _say(pipe, {"at": ""})
    return _Found(listed, list(offers.blocked), list(offers.unknown))


def _say(pipe: Any, what: dict[str, Any]) -> None:
    rest = msgspec.json.encode(what) + b"\n"
    while rest:
        rest = rest[pipe.write(rest) :]
