"""The pages of figures: every comparison has its command, every speed command has its line, and nothing is told twice."""

from __future__ import annotations

import re
from pathlib import Path

from seodang_bench.commandline import command

DOCS = Path(__file__).parents[2] / "docs"


def rows(name: str) -> list[list[str]]:
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[-1] not in ("command", "명령")]


def test_every_comparison_says_what_was_seen_and_how_to_repeat_it():
    inherited = ""
    for row in rows("comparisons.md"):
        assert len(row) == 5, row
        inherited = row[4] if row[4] != "the same" else inherited
        assert inherited.startswith("`seodang bench "), row
        assert re.search(r"\d|identical|no difference|the same", row[2]), row


def test_every_speed_command_stands_on_one_of_the_pages():
    told = " ".join(row[-1] for name in ("comparisons.md", "figures.md") for row in rows(name))
    assert {name for name in command.commands["speed"].commands if f"seodang bench speed {name}" not in told} == set()


def test_nothing_is_promised_on_both_pages():
    compared = {row[-1] for row in rows("comparisons.md")}
    assert not compared & {row[-1] for row in rows("figures.md")}


def test_the_korean_page_has_no_command_of_its_own():
    english = (DOCS / "comparisons.md").read_text(encoding="utf-8")
    for row in rows("comparisons.ko.md"):
        assert row[-1].strip("`").partition(" --")[0] in english, row
