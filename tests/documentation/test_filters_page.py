"""The page about filters has each of them, with an example that runs, and says of the default chain what the chain is."""

import re
from pathlib import Path

import pytest
from seodang.plugins.loading import load_plugins
from seodang.recipes.options import option_docs
from seodang.recipes.shipped import find_shipped, shipped_recipes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
OURS = ("seodang-filters", "seodang-korean-filters")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def offers():
    return {offer.name: offer for offer in load_plugins().all("filter") if offer.distribution in OURS}


def test_every_filter_has_its_section_and_no_other_has():
    assert sorted(SECTIONS) == sorted(offers())


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_names_every_option_and_shows_a_step(name):
    told, offer = SECTIONS[name], offers()[name]
    assert [option.name for option in option_docs(offer.cls) if f"`{option.name}`" not in told] == []
    assert f'[[step]]\nfilter = "{name}"\n' in told


def test_the_chain_of_the_page_is_the_shipped_recipe():
    recipe = find_shipped("korean-filters", shipped_recipes()).path.read_text(encoding="utf-8")
    steps = re.findall(r'^filter = "([\w-]+)"((?:\n\w+ = .*)*)', recipe, re.MULTILINE)
    rows = re.findall(r"^\| (\d+) \| \[`([\w-]+)`\]\(#([\w-]+)\)(, `fix = true`)? \|.*\| ([\d.]+) s \|$", PAGE, re.MULTILINE)
    assert [row[1] for row in rows] == [name for name, _ in steps]
    assert [row[0] for row in rows] == [str(place) for place in range(1, len(steps) + 1)]
    assert [bool(row[3]) for row in rows] == ["fix = true" in options for _, options in steps]
    assert all(row[1] == row[2] for row in rows)


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_a_link_on_the_page_leads_to_a_heading(anchor):
    headings = [
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("##")
    ]
    assert anchor in headings
