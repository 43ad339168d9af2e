"""Fixtures for everybody's tests. Imports nothing of seodang at import time, so that coverage sees the plugin's imports.

Whoever uses one of these fixtures or a contract is cut off from every network but loopback. A project whose tests should all
be cut off says so in its pytest settings: `seodang_no_network = true`.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from seodang.plugins.examining import Examination
    from seodang.plugins.offers import Offers
    from seodang.testing import Echo, LooseContext, RunOutcome
    from seodang.testing.contexts import PlainLocale

# The contracts are written with plain asserts; these are explained like those of a test when they are rewritten.
pytest.register_assert_rewrite("seodang.testing")


class NetworkForbidden(RuntimeError):
    """A test tried to reach something outside. No OSError, so that no client takes it for a bad day of the network."""


class NoNetwork:
    """The guard while it is up. `attempts` are the places that were tried; a test that expects one takes it out of the list."""

    def __init__(self) -> None:
        self.attempts: list[str] = []

    def forbid(self, host: object, port: object = "") -> None:
        place = f"{host}:{port}" if port not in ("", None) else str(host)
        self.attempts.append(place)
        raise NetworkForbidden(f"this test tried to reach {place}; only loopback is allowed. Fake it with wire_server.")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("seodang_no_network", "cut every test off from all networks but loopback", type="bool", default=False)


@pytest.fixture(autouse=True)
def _seodang_no_network(request: pytest.FixtureRequest) -> None:
    if request.config.getini("seodang_no_network"):
        request.getfixturevalue("no_network")


@pytest.fixture(scope="session")
def _seodang_examined() -> dict[str, Examination]:
    """What importing a plugin's module does, by module: one process tells it to all the contracts of a package."""
    return {}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[NoNetwork]:
    """Cuts this process off from everything but loopback, and fails the test if something swallowed the refusal.

    Child processes are not covered.
    """
    guard = NoNetwork()
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect(guard, socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", _guarded_connect(guard, socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded_lookup(guard, socket.getaddrinfo))
    yield guard
    if guard.attempts:
        pytest.fail(f"something tried to reach {', '.join(dict.fromkeys(guard.attempts))}; only loopback is allowed in this test")


def _guarded_connect(guard: NoNetwork, connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _loopback(address[0]):
            guard.forbid(address[0], address[1])
        return connect(self, address)

    return guarded


def _guarded_lookup(guard: NoNetwork, lookup: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host is not None and not _loopback(host):
            guard.forbid(host, port)
        return lookup(host, port, *arguments, **named)

    return guarded


def _loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture
def plugins(no_network: NoNetwork) -> Callable[..., Offers]:
    """Makes offers from modules or objects with hook implementations, and from nothing that happens to be installed."""
    from seodang.plugins.offers import offers_of

    return offers_of


@pytest.fixture
def echo(no_network: NoNetwork) -> Echo:
    """A plugin with a teacher and a translator `echo`, which remember what they were asked: `requests`, `texts`."""
    from seodang.testing.echo import Echo

    return Echo()


@pytest.fixture
def locale(no_network: NoNetwork) -> PlainLocale:
    """A locale that knows nothing of its language."""
    from seodang.testing.contexts import PlainLocale

    return PlainLocale()


@pytest.fixture
def context(no_network: NoNetwork, tmp_path: Path) -> LooseContext:
    """A context that belongs to no run, in English and a plain locale, whose files are in `tmp_path`."""
    from seodang.testing.contexts import PlainLocale, make_context

    return make_context(tmp_path, locale=PlainLocale())


@pytest.fixture
def run_recipe(no_network: NoNetwork, tmp_path: Path) -> Callable[..., RunOutcome]:
    """Writes a recipe and its files into `tmp_path` and runs it there; the same call again resumes.

    `run_recipe(text, plugins=[…], files={"rows.jsonl": "…"}, settings=["step.option=value"], **wishes)`: `plugins` are modules or
    objects with hook implementations, without them everything that is installed; wishes are those of `seodang run`.
    """
    from seodang.testing.recipes import run_in

    def run(text: str, *, plugins: Any = None, files: Mapping[str, str | bytes] | None = None, **options: Any) -> RunOutcome:
        return run_in(tmp_path, text, plugins=plugins, files=files or {}, **options)

    return run
