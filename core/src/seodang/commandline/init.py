"""`seodang init`: a directory with a recipe and what it needs, so that `seodang run` works at once."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.wording import render

FIRST = "first"
"""The recipe that needs no key, no network and no model."""


@click.command("init", help=render("commandline.init", {}))
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--recipe", "wanted", default=FIRST, show_default=True, metavar="NAME", help=render("recipes.init-recipe-help", {}))
def command(directory: Path, wanted: str) -> None:
    from seodang.errors import DataError, RecipeError
    from seodang.files.durable import explained
    from seodang.plugins.loading import load_plugins
    from seodang.recipes.reading import read_recipe
    from seodang.recipes.resolving import resolve
    from seodang.recipes.shipped import find_shipped, shipped_recipes

    shipped = find_shipped(wanted, shipped_recipes())
    recipe = directory / "recipe.toml"
    with explained(directory):
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise DataError("recipes.not-empty-directory", directory=str(directory))
        directory.mkdir(parents=True, exist_ok=True)
        sources = {recipe: shipped.path, **{directory / file.relative_to(shipped.directory): file for file in shipped.files()}}
        for target, source in sources.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    files = [str(file.relative_to(directory)) for file in sources]
    click.echo(render("recipes.begun", {"directory": str(directory), "files": files}))
    try:
        resolve(read_recipe(recipe), load_plugins())
    except RecipeError as error:
        click.echo(f"{render('recipes.still-needed', {})}\n{error}")
    click.echo(render("recipes.next", {"recipe": str(recipe)}))
