"""The pages for users name commands and options that exist, and recipes that seodang accepts."""

import re
from pathlib import Path

import click
import pytest
from seodang.commandline.tree import commands
from seodang.plugins.loading import load_plugins
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve

ROOT = Path(__file__).parents[2]

# Commands on all the pages written by hand

BY_HAND = (
    "README.md",
    "README.ko.md",
    "docs/plugins.md",
    "docs/plugins.ko.md",
    "docs/recipe.md",
    "docs/seeds.md",
    "docs/training.md",
    "docs/lessons.md",
    "docs/filters.md",
    "docs/locales.md",
    "docs/formats.md",
    "docs/export.md",
    "docs/money.md",
    "docs/report.md",
    "docs/releasing.md",
    "docs/tutorial-koalpaca.md",
    "docs/tutorial-koalpaca.ko.md",
    "docs/tutorial-benchmarks.md",
    "docs/tutorial-benchmarks.ko.md",
    "docs/comparisons.md",
    "docs/comparisons.ko.md",
    "docs/figures.md",
)


def spoken(text):
    """What a page says to type: inline code and lines of shell that call seodang."""
    inline = re.findall(r"(?<!`)`(?:[./\w-]*/)?seodang ([^`\n]+)`", text)
    shell = re.findall(r"^(?:[./\w-]*/)?seodang ([^#\n]+)", text, re.MULTILINE)
    return [words.split() for words in (*inline, *shell)]


@pytest.mark.parametrize("name", BY_HAND)
def test_commands_and_their_options_exist(name):
    said = spoken((ROOT / name).read_text(encoding="utf-8"))
    assert said
    for words in said:
        reached = list(walked(words))
        assert len(reached) > 1 or words == ["--help"], f"no such command: seodang {' '.join(words)}"
        known = {option for command in reached for parameter in command.params for option in parameter.opts} | {"--help"}
        for word in words:
            word = word.partition("=")[0]
            assert not word.startswith("--") or word in known, f"no such option: seodang {' '.join(words)}"


def walked(words):
    """The commands that the words lead through; a group that has one by default (`ledger`) leads into that too."""
    command = commands()
    yield command
    for word in words:
        if not isinstance(command, click.Group):
            return
        context = click.Context(command)
        below = command.get_command(context, word) or (command.get_command(context, "show") if command.name == "ledger" else None)
        if below is None:
            return
        command = below
        yield command


# Recipes on the other pages

OTHER_PAGES = ("README.md", "README.ko.md", "docs/recipe.md", "docs/seeds.md", "docs/filters.md", "docs/training.md")
HEAD = '[recipe]\nname = "page"\nlanguage = "ko"\n\n[[step]]\nseeds = "handcrafted"\npath = "rows.jsonl"\n\n'


def other_recipes():
    """The recipes of the pages for users. One that begins in the middle is given a beginning."""
    for name in OTHER_PAGES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(r"```toml\n(.*?)```", text, re.DOTALL), start=1):
            yield pytest.param(block if "[recipe]" in block else HEAD + block, id=f"{name}-{number}")


def test_there_are_recipes_on_every_page():
    pages = [one.id.rpartition("-")[0] for one in other_recipes()]
    assert set(pages) == set(OTHER_PAGES)


@pytest.mark.parametrize("text", list(other_recipes()))
def test_a_recipe_on_a_page_is_accepted(tmp_path, text):
    """By the plugins that are installed; no key is needed for that."""
    (tmp_path / "rows.jsonl").write_text('{"instruction": "one"}\n', encoding="utf-8")
    (tmp_path / "exam.jsonl").write_text('{"question": "two"}\n', encoding="utf-8")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "reviewed-answer.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    steps = resolve(read_recipe(tmp_path / "recipe.toml"), load_plugins())
    assert len(steps) == text.count("[[step]]")
