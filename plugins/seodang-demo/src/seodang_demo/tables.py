"""Reads the tables of the program teacher: nouns, opposites, people and things of the word problems."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _tables() -> dict[str, str]:
    return tomllib.loads(files("seodang_demo").joinpath("tables.toml").read_text(encoding="utf-8"))


@cache
def words(table: str) -> tuple[str, ...]:
    """The words of a table, each once, in its order."""
    return tuple(dict.fromkeys(_tables()[table].split()))


@cache
def opposites() -> dict[str, str]:
    """The opposite of every word of the table, in both directions."""
    found: dict[str, str] = {}
    for line in _tables()["antonyms"].split("\n"):
        if line:
            first, second = line.split()
            found[first], found[second] = second, first
    return found
