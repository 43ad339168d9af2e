"""Calling a hook of every plugin so that one that fails is named and stops no other.

pluggy's own call ends at the first exception, with a traceback in which no distribution is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pluggy


class Called(msgspec.Struct, frozen=True):
    """What one plugin's hook gave, or what it raised. `plugin` is its id, `distribution:entry-point`."""

    plugin: str
    result: Any = None
    error: BaseException | None = None


def call_each(
    manager: pluggy.PluginManager,
    hook: str,
    facts: Mapping[str, Any],
    *,
    title: Callable[[str], str] = str,
    take: Callable[[Any], Any] = lambda result: result,
) -> list[Called]:
    """Calls the hook of each plugin, in the order of their ids.

    `take` is called with each result while the plugin is still guarded, because what it returns may be an iterator that only
    fails when it is read. `title` says how a note names the plugin: distribution and version.
    """
    caller: pluggy.HookCaller = getattr(manager.hook, hook)
    called = []
    for implementation in sorted(caller.get_hookimpls(), key=lambda implementation: implementation.plugin_name):
        plugin = implementation.plugin_name
        try:
            result = implementation.function(*(facts[argument] for argument in implementation.argnames))
            called.append(Called(plugin, take(result)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a stranger's code may raise whatever it likes, SystemExit included
            error.add_note(f"in {title(plugin)}, {hook}()")
            called.append(Called(plugin, error=error))
    return called
