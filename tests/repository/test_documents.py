"""Every hook, command, option and public name has its page; the generated pages are those that the code would write now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize("name", ["commands.md", "hooks.md", "options.md", "names.md"])
def test_a_generated_page_is_fresh(generated: dict[str, str], name: str):
    assert (DOCS / name).read_text(encoding="utf-8") == generated[name], "run: python docs/generate.py"


def test_every_option_and_every_name_says_what_it_is(generated: dict[str, str]):
    for name in ("options.md", "names.md"):
        for line in generated[name].splitlines():
            assert not line.rstrip().endswith("—"), line
