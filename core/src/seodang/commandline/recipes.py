"""`seodang recipes`: the recipes that are installed, one of them, or the JSON Schema that editors check recipes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from seodang.commandline.options import json_option, print_json, print_table
from seodang.wording import one_line, render

if TYPE_CHECKING:
    from seodang.recipes.shipped import Shipped


@click.group("recipes", invoke_without_command=True, help=render("commandline.recipes", {}))
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    from seodang.recipes.shipped import shipped_recipes

    if context.invoked_subcommand is not None:
        return
    recipes = shipped_recipes()
    if as_json:
        print_json([_facts(recipe) for recipe in recipes])
    elif not recipes:
        click.echo(render("recipes.none-installed", {}))
    else:
        head = [render(code, {}) for code in ("recipes.name-column", "recipes.distribution-column", "recipes.description-column")]
        print_table(head, [(one.name, f"{one.distribution} {one.version}", one_line(one.description)) for one in recipes])


@command.command("show", help=render("recipes.show-help", {}))
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    from seodang.recipes.shipped import find_shipped, shipped_recipes

    recipe = find_shipped(name, shipped_recipes())
    text = recipe.path.read_text(encoding="utf-8")
    if as_json:
        print_json({**_facts(recipe), "text": text})
    else:
        click.echo(text, nl=False)


@command.command("schema", help=render("recipes.schema-help", {}))
def schema() -> None:
    from seodang.plugins.loading import load_plugins
    from seodang.recipes.schema import json_schema

    print_json(json_schema(load_plugins()))


def _facts(recipe: Shipped) -> dict[str, str]:
    names = ("name", "distribution", "version", "description")
    return {**{name: getattr(recipe, name) for name in names}, "path": str(recipe.path)}
