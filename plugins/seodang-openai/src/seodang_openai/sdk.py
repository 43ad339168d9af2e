"""The openai SDK, imported without the thousand types of answers that nobody here looks at: half of its time and twenty megabytes.

`import openai` runs the packages under `openai.types`, which import each other whole, for names that only its annotations mention.
While it is imported here these packages are entered and not run. One of them runs, and is then the package that it always is, when
somebody wants a name of it: the SDK for a batch or a moderation, or whoever else in this process uses the SDK.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

_TYPES = "openai.types"
_running = RLock()


class _Package(ModuleType):
    """A package that has not run yet. Its modules can be imported one by one all the same."""

    def __getattr__(self, name: str) -> Any:
        # The import system asks for modules before it looks for their files, and for names with underscores that a package may lack.
        if name.startswith("__") or PathFinder.find_spec(f"{self.__name__}.{name}", self.__path__):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with _running:
            if not self.__dict__.get("_has_run"):
                self._has_run = True
                self._loader.exec_module(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


class _Later(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Package(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module._loader = self._loader  # type: ignore[attr-defined]  # a _Package


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _TYPES and not name.startswith(f"{_TYPES}."):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.submodule_search_locations is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


_finder = _Finder()
sys.meta_path.insert(0, _finder)
try:
    import openai
finally:
    sys.meta_path.remove(_finder)

__all__ = ["openai"]
