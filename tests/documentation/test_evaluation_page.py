"""Every command that the page about evaluation shows is there, with these options; and every evaluation is on it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from seodang.commandline.tree import commands
from seodang.plugins.loading import load_plugins

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
SHOWN = sorted({line.partition("#")[0].strip() for line in PAGE.splitlines() if line.startswith("seodang ")})
NAMED = sorted(set(re.findall(r"^\| (?:`(seodang [a-z -]+)`(?:, )?)+", PAGE, re.MULTILINE)))


def found(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = commands()
    while words and isinstance(command, click.Group):
        below = command.get_command(click.Context(command), words[0])
        assert below is not None, f"there is no {words[0]}"
        command, words = below, words[1:]
    return command, words


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_that_is_shown_has_these_options(line: str):
    command, rest = found(shlex.split(line)[1:])
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert not [word for word in rest if word.startswith("--") and word not in known]


def test_the_page_shows_and_names_something():
    assert len(SHOWN) > 5 and len(NAMED) > 4


@pytest.mark.parametrize("name", NAMED)
def test_a_command_that_is_named_is_there(name: str):
    command, rest = found(name.split()[1:])
    assert not rest and not isinstance(command, click.Group)


def test_every_evaluation_is_on_the_page():
    ours = {offer.name for offer in load_plugins().all("evaluation") if not offer.name.startswith(("bench-", "program-"))}
    assert not {name for name in ours if f'"{name}"' not in PAGE and f"`{name}`" not in PAGE}
