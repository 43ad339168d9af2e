"""Every command that the page about evaluation shows is there, with these options; every evaluation and every benchmark command is on it, its
recipe is one, and its pictures are pictures."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
import seodang
from seodang.commandline.tree import commands
from seodang.plugins.loading import load_plugins
from seodang.recipes.reading import read_recipe
from seodang.recipes.resolving import resolve
from seodang_bench.studying import steps_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "evaluation.md").read_text(encoding="utf-8")
SHOWN = sorted({line.partition("#")[0].strip() for line in PAGE.splitlines() if line.startswith("seodang ")})
NAMED = sorted(set(re.findall(r"^\| (?:`(seodang [a-z -]+)`(?:, )?)+", PAGE, re.MULTILINE)))


def leaves(command: click.Command, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The commands below a command that do something themselves."""
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [leaf for name, one in below if one is not None for leaf in leaves(one, (*path, name))]


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


def test_every_option_of_bench_kobest_is_in_its_table():
    command, _ = found(["bench", "kobest"])
    told = set(re.findall(r"--[a-z]+", "".join(line for line in PAGE.splitlines() if line.startswith("| `--"))))
    known = {name for parameter in command.params for name in parameter.opts}
    assert told == known - {"--model", "--data", "--quiet", "--help"}


FIGURES = {
    ("base-2", 0): (0.4611, 0.391, 0.530), ("base-2", 5): (0.4848, 0.413, 0.553),
    ("mine", 0): (0.4500, 0.379, 0.518), ("mine", 5): (0.4734, 0.403, 0.541),
}  # fmt: skip


def test_the_table_and_the_picture_are_as_they_are_printed_and_drawn(monkeypatch):
    from seodang_bench.kobest_tables import picture, table_of, written

    monkeypatch.setenv("SEODANG_LANGUAGE", "en")

    def score(student, shots, name, values, **facts):
        value, low, high = values
        told = {"task": "copa", "shots": shots, "template": "none", "dtype": "float32", "constants": [{"f1": 0.3548}], **facts}
        return seodang.Score(
            name=f"copa {shots}-shot {name}", value=value, low=low, high=high, count=200, student=student,
            protocol="kobest polyglot-2023", facts=told,
        )  # fmt: skip

    scores = [score(student, shots, "f1", values) for (student, shots), values in FIGURES.items()]
    pair = {"against": "base-2", "only_here": 15, "only_there": 17, "mcnemar_p": 0.8601}
    scores.append(score("mine", 0, "f1 less base-2's", (-0.0111, -0.0661, 0.0445), **pair))
    table = table_of("polyglot-2023", scores, ["base-2", "mine"], [0, 5])
    assert f"```text\n{written(table, 'text')}```" in PAGE
    shown, drawn = ((DOCS / "pictures" / "kobest.svg").read_text(encoding="utf-8"), picture(table))
    # Long names are cut to the room there is, which is not this page's subject.
    assert re.findall(r">([^<>\n…]+)</text", shown) == re.findall(r">([^<>\n…]+)</text", drawn) != []
    assert shown.count("<polyline") == drawn.count("<polyline"), "all lines are there, whatever their colours"


def test_the_page_shows_and_names_something():
    assert len(SHOWN) > 5 and len(NAMED) > 4


@pytest.mark.parametrize("name", NAMED)
def test_a_command_that_is_named_is_there(name: str):
    command, rest = found(name.split()[1:])
    assert not rest and not isinstance(command, click.Group)


def test_every_evaluation_is_on_the_page():
    ours = {offer.name for offer in load_plugins().all("evaluation") if not offer.name.startswith(("bench-", "program-"))}
    assert not {name for name in ours if f'"{name}"' not in PAGE and f"`{name}`" not in PAGE}


def test_every_command_of_bench_is_on_the_page():
    bench, _ = found(["bench"])
    names = leaves(bench, ("bench",))
    assert len(names) > 20
    assert not [name for name in names if f"`seodang {' '.join(name)}`" not in PAGE and f"`{name[-1]}`" not in PAGE]


def test_the_recipe_of_the_study_is_one_that_bench_study_takes(tmp_path: Path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    assert [step.entry.plugin for step in resolve(read_recipe(recipe), load_plugins())][-2:] == ["program-exam", "study"]
    assert steps_of(recipe, ()).study == "study"


def test_the_pictures_of_the_page_are_there_and_are_pictures():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE)
    assert shown
    for name in shown:
        drawn = ElementTree.fromstring((DOCS / name).read_bytes())
        assert drawn.tag.endswith("svg") and drawn.findall(".//{*}text") and drawn.findall(".//{*}polyline"), name
