"""Every hook, command, option and public name has its page; the generated pages are those that the code would write now."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """In a process of its own: the help of a command is in the language in which it was first imported."""
    out = subprocess.run([sys.executable, str(DOCS / "generate.py"), "--json"], check=True, capture_output=True, text=True)
    pages: dict[str, str] = json.loads(out.stdout)
    return pages


@pytest.mark.parametrize("name", ["catalogue.md", "commands.md", "hooks.md", "options.md", "names.md", "recipes.md"])
def test_a_generated_page_is_fresh(generated: dict[str, str], name: str):
    assert (DOCS / name).read_text(encoding="utf-8") == generated[name], "run: python docs/generate.py"


def test_every_option_and_every_name_says_what_it_is(generated: dict[str, str]):
    for name in ("options.md", "names.md"):
        for line in generated[name].splitlines():
            assert not line.rstrip().endswith("—"), line
