"""Lets a loaded plugin in: its hooks are checked, its classes are taken and checked, or it is refused with every reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pluggy

from seodang.capabilities import Capability
from seodang.errors import PluginError, SeodangError
from seodang.plugins.declarations import VERBS, base_of, class_problems, hook_problems, implementations
from seodang.plugins.guarding import TookTooLong, told, whence
from seodang.plugins.offers import Offer, Plugin, kind_phrase

KIND_OF_HOOK = {f"register_{kind if kind.endswith('s') else kind + 's'}": kind for kind in VERBS}

_FOR_PUBLISHING_ONLY = ("scaffolding.no-docstring",)
"""What `seodang plugin check` asks for and a run can do without."""


class Inadmissible(Exception):
    """Why a plugin is not let in: every problem, not the first."""

    def __init__(self, problems: Sequence[SeodangError]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    @property
    def reasons(self) -> str:
        return " ".join(map(str, self.problems))


def admit(manager: pluggy.PluginManager, found: object, plugin: Plugin, before: Sequence[Offer] = ()) -> list[Offer]:
    """Registers the plugin's hooks and takes what it offers. Raises `Inadmissible`, and then nothing of it is registered.

    `before` is what was let in already: within one distribution a name must be offered only once.
    """
    problems: list[SeodangError] = [*hook_problems(found)]
    if not problems and not any(implementations(found)):
        problems.append(PluginError("plugins.no-hook", module=plugin.target))
    if problems:
        raise Inadmissible(problems)
    for name, other in manager.list_name_plugin():
        if other is found:
            raise Inadmissible([PluginError("plugins.same-module", module=plugin.target, other=name)])
    offers: list[Offer] = []
    for hook, function, _ in implementations(found):
        if hook in KIND_OF_HOOK:
            problems += _take(hook, function, plugin, offers)
    problems += _doubled([*(offer for offer in before if offer.distribution == plugin.distribution), *offers])
    if problems:
        raise Inadmissible(problems)
    try:
        manager.register(found, plugin.id)
    except (pluggy.PluginValidationError, ValueError) as error:
        # Ours are the better messages, and all are checked before; this is for what pluggy will refuse some day.
        if manager.has_plugin(plugin.id):
            manager.unregister(name=plugin.id)
        raise Inadmissible([PluginError("plugins.raised", error=told(error), where="")]) from error
    return offers


def _take(hook: str, function: Callable[..., Any], plugin: Plugin, offers: list[Offer]) -> list[SeodangError]:
    """Calls one `register_…`; what it offers is added, what is wrong with it is returned."""
    kind = KIND_OF_HOOK[hook]
    taken: list[Any] = []
    try:
        returned = function(taken.append)
    except (KeyboardInterrupt, TookTooLong):
        raise
    except BaseException as error:  # a stranger's code may raise whatever it likes, SystemExit included
        return [PluginError("plugins.hook-raised", hook=hook, error=told(error), where=whence(error, plugin.file))]
    if returned is not None:
        if inspect.iscoroutine(returned):
            returned.close()
        return [PluginError("plugins.hook-returned", hook=hook, returned=type(returned).__name__)]
    problems: list[SeodangError] = []
    for cls in taken:
        found = _class_problems(cls, kind)
        problems += found
        if not found:
            offers.append(Offer(kind, cls.name, cls, plugin.distribution, plugin.version, plugin.entry_point))
    return problems


def _class_problems(cls: Any, kind: str) -> list[SeodangError]:
    if not (isinstance(cls, type) and issubclass(cls, base_of(kind))):
        shown = getattr(cls, "__name__", None) or type(cls).__name__
        base = base_of(kind).__name__
        if isinstance(cls, type) and issubclass(cls, Capability):
            return [PluginError("plugins.wrong-kind", plugin=shown, kind=cls.kind, hook_kind=kind, base=base)]
        return [PluginError("plugins.no-class", plugin=shown, base=base)]
    try:
        return [problem for problem in class_problems(cls) if problem.code not in _FOR_PUBLISHING_ONLY]
    except Exception as error:  # descriptors and metaclasses of a stranger are code as well
        return [PluginError("plugins.class-raised", plugin=cls.__name__, error=told(error))]


def _doubled(offers: Sequence[Offer]) -> list[SeodangError]:
    """Within one distribution `distribution:name` has to say which one is meant."""
    seen: set[tuple[str, str]] = set()
    problems: list[SeodangError] = []
    for offer in offers:
        if (offer.kind, offer.name) in seen:
            problems.append(PluginError("plugins.offered-twice", kind=kind_phrase(offer.kind), name=offer.name))
        seen.add((offer.kind, offer.name))
    return problems
