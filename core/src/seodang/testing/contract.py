"""What the contracts of all kinds have in common."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from seodang.capabilities import Capability
from seodang.errors import PluginError
from seodang.plugins.declarations import (
    class_problems,
    hook_problems,
    implementations,
    instance_problems,
    offered_classes,
)
from seodang.plugins.examining import Examination, examine_apart
from seodang.plugins.offers import Offers, offers_of
from seodang.testing.contexts import LooseContext, build, make_context


class CapabilityContract:
    """Inherited by the contract of each kind; a test class inherits that and names the class it is for.

    `options` are written as in a recipe and `files` are what they name. Where the options are known only when the test runs
    (the address of a `wire_server`), override the fixture `raw_options` instead.
    """

    __test__ = False

    kind: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Any]] = {}
    files: ClassVar[Mapping[str, str | bytes]] = {}
    language: ClassVar[str] = "en"
    """The plugin is tried in the installed locale of this language; where there is none, in one that knows nothing of it."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "__test__" not in vars(cls):  # a base of several contracts says `__test__ = False` itself
            cls.__test__ = True

    @property
    def offered(self) -> type[Capability]:
        """The class under test."""
        found = getattr(type(self), self.kind, None)
        if not isinstance(found, type):
            pytest.fail(f"{type(self).__name__} does not say which {self.kind} it is for: add `{self.kind} = …`")
        return found

    @pytest.fixture(autouse=True)
    def _offline(self, no_network: Any) -> None:
        """A contract speaks to loopback or to nobody."""

    @pytest.fixture
    def raw_options(self) -> Mapping[str, Any]:
        return self.options

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        """The directory of an imagined recipe, with `files` in it."""
        for name, content in self.files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    @pytest.fixture
    def make(self, raw_options: Mapping[str, Any], place: Path) -> Callable[[], Any]:
        """Makes the capability, fresh each time, with its options checked as a recipe's are."""

        def made() -> Capability:
            capability = build(self.offered, raw_options)
            capability.directory = place
            return capability

        return made

    @pytest.fixture
    def new_context(self, place: Path, make: Callable[[], Any]) -> Callable[..., LooseContext]:
        """Makes a context, fresh each time, so that two calls draw the same numbers from `context.random`."""

        own = own_offers(self.offered)

        def new(**changes: Any) -> LooseContext:
            return make_context(place, **{"language": self.language, "options": make().options, "offers": own, **changes})

        return new

    def test_it_says_what_it_is(self) -> None:
        """A name, a revision, a docstring, its verb; frozen options with help and valid defaults."""
        assert self.offered.kind == self.kind, f"{self.offered.__name__} is no {self.kind}"
        none_of(class_problems(self.offered))

    def test_its_declarations_can_be_read_before_anything_runs(self, make: Callable[[], Any]) -> None:
        none_of(instance_problems(make()))

    def test_its_hooks_are_plain_functions(self) -> None:
        module = plugin_module(self.offered)
        none_of(hook_problems(module))
        assert self.offered in offered_classes(module), (
            f"no hook implementation of {module.__name__} registers {self.offered.__name__}: "
            f"write `@seodang.hookimpl def register_{hook_of(self.kind)}(register): register({self.offered.__name__})`"
        )

    def test_importing_it_is_light(self, _seodang_examined: dict[str, Examination]) -> None:
        """No torch, no vendor's client, no network, no process, no file written, nothing printed."""
        module = plugin_module(self.offered).__name__
        if module not in _seodang_examined:
            _seodang_examined[module] = examine_apart(module)
        examined = _seodang_examined[module]
        assert not examined.error, f"it could not be imported in a fresh process: {examined.error}"
        assert not examined.heavy, f"importing it imports {', '.join(examined.heavy)}: import these in the method that needs them"
        assert not examined.acted, f"importing it does more than define and register: {', '.join(examined.acted)}"


def own_offers(cls: type[Capability]) -> Offers | None:
    """What the plugin itself offers to `context.get`; None where it would not be let in, of which other tests tell the reason."""
    try:
        return offers_of(plugin_module(cls))
    except PluginError:
        return None


def none_of(problems: Sequence[object]) -> None:
    assert not problems, "\n".join(map(str, problems))


def hook_of(kind: str) -> str:
    return kind if kind == "seeds" else f"{kind}s"


def plugin_module(cls: type[Capability]) -> ModuleType:
    """The module of the plugin a class belongs to: the nearest one, from its own outwards, with hook implementations in it."""
    name = cls.__module__
    while name:
        module = sys.modules.get(name) or importlib.import_module(name)
        if any(implementations(module)):
            return module
        name = name.rpartition(".")[0]
    pytest.fail(f"neither {cls.__module__} nor a package around it has a function marked @seodang.hookimpl")
