"""The cards and the report under docs/examples say nothing of the machine that made them, and are files that anybody can open.

That they look like what a run makes today is looked at where that run is made: `test_toy_recipes.py`.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

PLACE = Path(__file__).parents[2] / "docs" / "examples" / "koalpaca-v1.1"
FILES = ("dataset-card.ko.md", "dataset-card.md", "model-card.ko.md", "model-card.md", "report.html", "report.ko.html")


@pytest.mark.parametrize("name", FILES)
def test_an_example_says_nothing_of_the_machine_it_was_made_on(name):
    text = (PLACE / name).read_text(encoding="utf-8")
    assert len(text.encode()) <= 2**20
    assert not re.search(r"/tmp/|/home/|/Users/|/root/|/var/folders", text)
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) <= {"8011"}, "the port at which the recipe expects its stand-in"
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:", text), "no hour at which it was made"
    host = socket.gethostname()
    assert len(host) < 5 or host == "localhost" or host not in text
    if name.startswith("report"):
        assert "seodang run recipe.toml --scale toy --run-dir runs/koalpaca-v1.1-toy" in text
        assert not re.search(r'src="|href="(?!data:,|#)', text), "one file, which asks nobody for anything"


def test_there_are_no_other_examples():
    assert sorted(path.name for path in PLACE.iterdir()) == list(FILES)
    assert [path.name for path in PLACE.parent.iterdir()] == [PLACE.name]
