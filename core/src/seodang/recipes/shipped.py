"""The recipes that installed distributions bring: `recipes/NAME.toml` in a plugin's package, its files in `recipes/NAME/`."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from seodang.errors import PluginError
from seodang.recipes.nearest import did_you_mean
from seodang.wording.languages import package_directory

BENCHMARKS = ("seodang-bench", "seodang_bench")
"""Brings the published recipes and offers no capability, so it has no entry point to be found by."""


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    distribution: str
    version: str
    description: str
    path: Path

    def files(self) -> list[Path]:
        """What belongs to the recipe, sorted."""
        return sorted(file for file in self.path.with_suffix("").rglob("*") if file.is_file() and file.suffix != ".pyc")

    @property
    def directory(self) -> Path:
        return self.path.with_suffix("")


def shipped_recipes() -> list[Shipped]:
    """Every recipe, by name. No plugin is imported: packages are only looked up."""
    found = [recipe for distribution, module in _packages() for recipe in _recipes_of(distribution, module)]
    return sorted(found, key=lambda recipe: (recipe.name, recipe.distribution))


def find_shipped(wanted: str, recipes: Sequence[Shipped]) -> Shipped:
    """The recipe of this name; `distribution:name` chooses where two bring one."""
    distribution, _, name = wanted.rpartition(":")
    fitting = [recipe for recipe in recipes if recipe.name == name and distribution in ("", recipe.distribution)]
    if not fitting:
        if not recipes:
            raise PluginError("recipes.none-installed")
        raise PluginError("recipes.unknown-recipe", name=wanted, hint=did_you_mean(name, {recipe.name for recipe in recipes}))
    if len(fitting) > 1:
        spellings = [f"'{recipe.distribution}:{recipe.name}'" for recipe in fitting]
        distributions = [recipe.distribution for recipe in fitting]
        raise PluginError("recipes.ambiguous-recipe", name=wanted, distributions=distributions, spellings=spellings)
    return fitting[0]


def _packages() -> Iterator[tuple[str, str]]:
    """The distributions with an entry point of seodang and the packages behind them, each once."""
    entries = importlib.metadata.entry_points(group="seodang")
    found = {(entry.dist.name, entry.module.partition(".")[0]) for entry in entries if entry.dist is not None}
    yield from sorted({*found, BENCHMARKS})


def _recipes_of(distribution: str, module: str) -> Iterator[Shipped]:
    directory = package_directory(module)
    paths = sorted((directory / "recipes").glob("*.toml")) if directory else []
    for path in paths:
        yield Shipped(
            name=path.stem,
            distribution=distribution,
            version=importlib.metadata.version(distribution),
            description=_description(path),
            path=path,
        )


def _description(path: Path) -> str:
    """Empty where the recipe cannot be read: what is wrong with it is told when it is used."""
    try:
        head = tomllib.loads(path.read_text(encoding="utf-8")).get("recipe")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    return str(head.get("description", "")) if isinstance(head, dict) else ""
