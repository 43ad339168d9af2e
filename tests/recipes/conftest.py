"""The toy form of a published recipe, begun and run with the real command line against vendors on loopback, and what an example looks like."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
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


DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def examples() -> Callable[[Path], None]:
    """Compares the kept cards and reports with those of this run: the same sections, tables and columns."""
    spec = importlib.util.spec_from_file_location("toy_examples", DOCS / "toy_examples.py")
    assert spec is not None and spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)

    def compared(run: Path) -> None:
        for name, text in maker.example_files(run).items():
            shape = shape_of(name, text)
            assert len(shape) > 15, "a page without sections would look like any other"
            kept = (maker.PLACE / name).read_text(encoding="utf-8")
            assert shape_of(name, kept) == shape, f"{name} looks otherwise now; run: python docs/generate.py --examples"

    return compared


class Headings(HTMLParser):
    """The text of every heading and of every head of a table, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attributes: object) -> None:
        if tag in ("h1", "h2", "h3", "h4", "th", "summary"):
            self.found.append(f"{tag}: ")
            self._inside = True
        elif tag in ("table", "svg", "details"):
            self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("h1", "h2", "h3", "h4", "th", "summary")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def shape_of(name: str, text: str) -> list[str]:
    """What makes a page that page: not its numbers, and not how many rows a table has."""
    if name.endswith(".html"):
        reader = Headings()
        reader.feed(text)
        return reader.found
    _, front, body = text.split("---\n", 2)
    head = [line.partition(":")[0] for line in front.splitlines() if not line.startswith("-")]
    body = re.sub(r"^```.*?^```$", "```", body, flags=re.MULTILINE | re.DOTALL)
    lines = body.splitlines()
    # A table's first line says its columns; the next one draws the line below.
    tables = [line for line, below in pairwise(lines) if below.startswith("|---")]
    return head + [line for line in lines if line.startswith("#") or line == "```"] + tables
