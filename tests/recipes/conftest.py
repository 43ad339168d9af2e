"""The toy form of a published recipe, begun and run with the real command line against vendors on loopback."""

from __future__ import annotations

import contextlib
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from seodang.commandline import main
from seodang_deepl.mock import mock_deepl
from seodang_openai.mock import mock_openai

OPENAI, DEEPL = "http://127.0.0.1:8011/v1", "http://127.0.0.1:8012"
"""Where the toy forms expect `seodang mock openai` and `seodang mock deepl`, as these listen by themselves."""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    def seodang(*arguments: str) -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code or 0, out=said.out, err=said.err)

    seodang.folder = tmp_path
    seodang.json = lambda *arguments: json.loads(seodang(*arguments, "--json").out)
    return seodang


@pytest.fixture
def toy(shell) -> Callable[[str], contextlib.AbstractContextManager[SimpleNamespace]]:
    """A recipe that was begun, and what runs its toy form: vendors of its own, on ports that are free."""

    @contextlib.contextmanager
    def begun(name: str) -> Iterator[SimpleNamespace]:
        assert shell("init", name, "--recipe", name).code == 0
        text = Path(name, "recipe.toml").read_text(encoding="utf-8")
        with contextlib.ExitStack() as servers:
            vendors = {}
            if OPENAI in text:
                vendors["openai"] = servers.enter_context(mock_openai(answers=name))
            if DEEPL in text:
                vendors["deepl"] = servers.enter_context(mock_deepl())[0]
            settings = [f"--set={setting}" for setting in _elsewhere(tomllib.loads(text)["scales"]["toy"], vendors)]
            command = ["run", f"{name}/recipe.toml", "--scale", "toy", "--workers", "1", "--quiet", *settings]
            yield SimpleNamespace(
                command=command,
                run=lambda *more: shell(*command, *more),
                text=text,
                paid=lambda: {vendor: server.counts().payments for vendor, server in vendors.items()},
            )

    return begun


def _elsewhere(scale: dict, vendors: dict) -> Iterator[str]:
    """The same settings as in the recipe, with the addresses of these vendors."""
    for step, options in scale.items():
        tables = {f"teachers.{one}": values for one, values in options.items()} if step == "teachers" else {step: options}
        for name, values in tables.items():
            if isinstance(values, dict) and values.get("base_url") == OPENAI:
                yield f"{name}.base_url={vendors['openai'].url}/v1"
            if isinstance(values, dict) and values.get("server_url") == DEEPL:
                yield f"{name}.server_url={vendors['deepl'].url}"
