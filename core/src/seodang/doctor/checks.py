"""What `seodang doctor` looks at, in the order in which problems are best solved."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from seodang.doctor.accelerators import Accelerators, look_for_accelerators
from seodang.doctor.storage import NETWORK, NO_LONGER, Storage, look_at_storage
from seodang.ledger.schema import OLDEST_SQLITE
from seodang.plugins.describing import Listed
from seodang.plugins.probing import Probe, probe
from seodang.plugins.provenance import edited_files, provenance
from seodang.wording import Phrase

SLOW_SYNC_SECONDS = 0.05
LITTLE_SPACE_BYTES = 5 << 30
TOO_LITTLE_SPACE_BYTES = 200 << 20

State = Literal["ok", "note", "broken"]


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at. `note`: it works, but somebody should know. `fix` says what to do."""

    name: str
    state: State
    found: str
    fix: str = ""


def examine(directory: Path, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Everything, for runs that will be written into this directory."""
    probed = probe(environ)
    return [
        _python(),
        _seodang(),
        *_plugins(probed),
        *_secrets(probed.plugins, environ),
        _sqlite(sqlite3.sqlite_version),
        *_storage(look_at_storage(directory)),
        _torch(look_for_accelerators()),
        _terminal(getattr(sys.stdout, "encoding", None) or ""),
    ]


def _check(name: str, state: State, found: str, fix: str = "", /, **facts: Any) -> Check:
    said = str(Phrase(f"doctor.{found}", facts))
    return Check(name, state, said, str(Phrase(f"doctor.{fix}", facts)) if fix else "")


def _python() -> Check:
    processors = os.cpu_count() or 0
    return _check(
        "python",
        "ok",
        "python",
        version=platform.python_version(),
        executable=sys.executable,
        system=platform.platform(terse=True),
        processors=processors,
    )


def _seodang() -> Check:
    known = provenance("seodang")
    if known is None:
        return _check("seodang", "broken", "not-installed", "install")
    return _check("seodang", "ok", "editable" if known.editable else "version", version=known.version)


def _plugins(probed: Probe) -> Iterator[Check]:
    fine = [f"{one.distribution} {one.version}" for one in probed.plugins if one.state == "ok"]
    if fine:
        yield _check("plugins", "ok", "plugins", plugins=list(dict.fromkeys(fine)))
    elif not probed.plugins:
        yield _check("plugins", "broken", "no-plugins", "install")
    for one in probed.plugins:
        yield from _plugin(one)
    if blocked := [one.distribution for one in probed.plugins if one.state == "blocked"]:
        yield _check("plugins", "note", "blocked", "blocked-fix", distributions=list(dict.fromkeys(blocked)))
    if probed.unknown:
        yield _check("plugins", "note", "unknown-plugins", "unknown-plugins-fix", names=probed.unknown)
    for distribution in dict.fromkeys(one.distribution for one in probed.plugins):
        if edited := edited_files(distribution):
            facts = {"distribution": distribution, "files": edited[:5], "count": len(edited)}
            yield _check("plugins", "note", "edited", "edited-fix", **facts)


def _plugin(one: Listed) -> Iterator[Check]:
    facts = {"distribution": one.distribution, "version": one.version, "name": one.name, "reason": one.reason, "needs": one.needs}
    if one.state == "broken":
        fix = {"plugins.lacks-module": "lacks-module-fix", "plugins.slow": "slow-fix"}.get(one.code, "broken-fix")
        yield _check("plugins", "broken", "broken-plugin", fix, **facts)
    elif one.state == "conflict":
        yield _check("plugins", "note", "conflict", "conflict-fix", **facts)
    if one.heavy:
        yield _check("plugins", "note", "heavy", "heavy-fix", modules=one.heavy, **facts)


def _secrets(plugins: Sequence[Listed], environ: Mapping[str, str]) -> Iterator[Check]:
    """Whether each key is there that a plugin names. What it is, is not looked at further than at its ends."""
    users: dict[str, list[str]] = {}
    for one in plugins:
        for capability in one.capabilities:
            for secret in capability.secrets or ():
                users.setdefault(secret, []).append(f"{capability.kind} {capability.name}")
    for secret in sorted(users):
        name = secret.removeprefix("env:")
        facts = {"name": name, "users": users[secret]}
        value = environ.get(name, "")
        if not value.strip():
            yield _check("secrets", "note", "secret-absent", "secret-absent-fix", **facts)
        elif value != value.strip() or value[0] in "\"'":
            yield _check("secrets", "note", "secret-odd", "secret-odd-fix", **facts)
        else:
            yield _check("secrets", "ok", "secret-present", **facts)


def _sqlite(version: str) -> Check:
    wanted = ".".join(map(str, OLDEST_SQLITE))
    if tuple(int(part) for part in version.split(".")[:3]) < OLDEST_SQLITE:
        return _check("sqlite", "broken", "sqlite-old", "sqlite-old-fix", version=version, wanted=wanted)
    return _check("sqlite", "ok", "sqlite", version=version)


def _storage(storage: Storage) -> Iterator[Check]:
    facts = {"directory": storage.directory, "kind": storage.kind, "free": _size(storage.free_bytes), "error": storage.error}
    if storage.free_bytes < LITTLE_SPACE_BYTES:
        too_little = storage.free_bytes < TOO_LITTLE_SPACE_BYTES
        yield _check("space", "broken" if too_little else "note", "space", "space-fix", **facts)
    else:
        yield _check("space", "ok", "space", **facts)
    if storage.kind in NETWORK:
        yield _check("file-system", "broken", "network-file-system", "network-file-system-fix", **facts)
    elif storage.kind in NO_LONGER:
        yield _check("file-system", "note", "fleeting-file-system", "fleeting-file-system-fix", **facts)
    else:
        yield _check("file-system", "ok", "file-system" if storage.kind else "unknown-file-system", **facts)
    if storage.sync_seconds is None:
        yield _check("writing", "broken", "not-writable", "not-writable-fix", **facts)
        return
    facts["milliseconds"] = f"{storage.sync_seconds * 1000:.1f}"
    slow = storage.sync_seconds > SLOW_SYNC_SECONDS
    yield _check("writing", "note" if slow else "ok", "sync", "slow-sync-fix" if slow else "", **facts)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB"


def _torch(found: Accelerators) -> Check:
    facts = {"version": found.torch, "devices": found.devices, "cards": found.cards, "error": found.error}
    if not found.torch:
        return _check("torch", "ok", "no-torch", "no-torch-fix", **facts)
    if found.error:
        return _check("torch", "broken", "torch-broken", "torch-broken-fix", **facts)
    if found.cards and not found.devices:
        return _check("torch", "note", "torch-without-card", "torch-without-card-fix", **facts)
    return _check("torch", "ok", "torch" if found.devices else "torch-on-processor", **facts)


def _terminal(encoding: str) -> Check:
    if encoding.lower().replace("-", "") != "utf8":
        return _check("terminal", "note", "not-unicode", "not-unicode-fix", encoding=encoding or "?")
    return _check("terminal", "ok", "unicode")
