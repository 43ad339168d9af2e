"""Loads what is installed, each plugin in its own guard: none of them can stop a command, and none fails in silence.

Ordinary commands load in their own process, because nobody but the plugins knows who offers a name. See
`docs/decisions/0002-guarded-loading.md` for what was weighed.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Collection, Mapping

import msgspec
import pluggy

from seodang.errors import PluginError, SeodangError
from seodang.plugins.admission import Inadmissible, admit
from seodang.plugins.guarding import TookTooLong, silence, time_limit, told, whence
from seodang.plugins.installed import Installed, canonical, installed_plugins, module_file
from seodang.plugins.offers import Broken, Offer, Offers, Plugin, new_manager
from seodang.wording import Phrase

LIMIT_SECONDS = 5.0
"""How long a plugin may take to load. Ours take some milliseconds; the rest is for cold disks and busy machines."""


def load_plugins(environ: Mapping[str, str] = os.environ) -> Offers:
    """Everything that the installed plugins offer, as far as `SEODANG_PLUGINS` lets them."""
    return load(installed_plugins(), environ, limit_seconds=limit_of(environ))


def limit_of(environ: Mapping[str, str]) -> float:
    """The time that one plugin may take, which `SEODANG_PLUGINS_SECONDS` changes."""
    text = environ.get("SEODANG_PLUGINS_SECONDS", "").strip()
    if not text:
        return LIMIT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise PluginError("plugins.bad-limit", given=text)
    return seconds


def load(
    installed: Collection[Installed],
    environ: Mapping[str, str],
    *,
    limit_seconds: float | None,
    skip: Collection[str] = (),
    watch: Callable[[str], None] = lambda plugin: None,
) -> Offers:
    """Loads these entry points, in their order, without those in `skip`, of which the caller knows what is wrong.

    `watch` is told the id of each that begins, and nothing when it has ended; without a limit the caller minds the time.
    """
    wanted = allowed(environ)
    blocked = sorted({one.distribution for one in installed if wanted is not None and not _named(one, wanted)})
    unknown = sorted(name for name in wanted or () if not any(_named(one, {name}) for one in installed))
    manager = new_manager()
    plugins: list[Plugin] = []
    offers: list[Offer] = []
    failed: list[Broken] = []
    with silence() as silent:
        for one in installed:
            if one.distribution in blocked or one.id in skip:
                continue
            watch(one.id)
            plugin, started, printed = plugin_of(one), time.perf_counter(), silent.written
            try:
                offers += _load_one(plugin, manager, offers, limit_seconds)
            except _NotLoaded as refused:
                failed.append(refused.broken)
            else:
                spent = {"seconds": time.perf_counter() - started, "printed": silent.written - printed}
                plugins.append(msgspec.structs.replace(plugin, **spent))
            watch("")
    return Offers(manager, plugins, offers, failed, blocked, unknown)


def allowed(environ: Mapping[str, str]) -> set[str] | None:
    """The distributions that `SEODANG_PLUGINS` names, None where it is not set. Set to nothing, it allows none."""
    text = environ.get("SEODANG_PLUGINS")
    return None if text is None else {canonical(name) for name in text.split(",") if name.strip()}


def _named(one: Installed, names: Collection[str]) -> bool:
    return one.distribution in names or one.distribution.removeprefix("seodang-") in names


def plugin_of(one: Installed) -> Plugin:
    return Plugin(
        distribution=one.distribution,
        version=one.version,
        entry_point=one.entry_point,
        target=one.target,
        file=module_file(one.module),
    )


class _NotLoaded(Exception):
    def __init__(self, broken: Broken) -> None:
        super().__init__(broken)
        self.broken = broken


def _load_one(plugin: Plugin, manager: pluggy.PluginManager, offers: list[Offer], limit_seconds: float | None) -> list[Offer]:
    try:
        with time_limit(limit_seconds):
            return admit(manager, _imported(plugin.target), plugin, offers)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a stranger's module may raise whatever it likes, SystemExit included
        if manager.has_plugin(plugin.id):
            manager.unregister(name=plugin.id)
        raise _NotLoaded(_broken_by(plugin, error, limit_seconds)) from error


def _imported(target: str) -> object:
    module, _, attributes = (part.strip() for part in target.partition(":"))
    found: object = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        found = getattr(found, attribute)
    return found


def _broken_by(plugin: Plugin, error: BaseException, limit_seconds: float | None) -> Broken:
    if isinstance(error, Inadmissible):
        return broken(plugin, error.problems[0].code, error.reasons)
    if isinstance(error, TookTooLong):
        return broken(plugin, "plugins.slow", Phrase("plugins.slow", {"seconds": f"{limit_seconds:g}"}))
    if isinstance(error, SeodangError):
        return broken(plugin, error.code, str(error))
    code = "plugins.raised"
    if isinstance(error, SystemExit):
        code = "plugins.exits"
    elif isinstance(error, ModuleNotFoundError):
        code = "plugins.lacks-module"
    reason = Phrase(code, {"error": told(error), "where": whence(error, plugin.file)})
    return broken(plugin, code, reason, needs=getattr(error, "name", None) or "")


def broken(plugin: Plugin, code: str, reason: Phrase | str, *, needs: str = "") -> Broken:
    return Broken(
        distribution=plugin.distribution,
        version=plugin.version,
        entry_point=plugin.entry_point,
        reason=str(reason),
        code=code,
        target=plugin.target,
        file=plugin.file,
        needs=needs if code == "plugins.lacks-module" else "",
    )
