"""Options that several commands share, and how they print."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

RECIPE = click.Path(path_type=Path)
RUN = click.Path(path_type=Path)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)


def settings_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--scale` and `--set` as one list of settings, the scale first: what is set beside it wins."""

    @functools.wraps(function)
    def with_settings(*arguments: Any, settings: tuple[str, ...], scale: str, **others: Any) -> Any:
        from seodang.recipes.scales import scale_setting

        chosen = (scale_setting(scale),) if scale else ()
        return function(*arguments, settings=(*chosen, *settings), **others)

    option = click.option("--set", "settings", multiple=True, metavar="STEP.OPTION=VALUE", help="Change an option of the recipe.")
    size = click.option("--scale", default="", metavar="NAME", help="Apply the recipe's own settings for this size, such as toy.")
    return option(size(with_settings))


def print_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=os.fspath), indent=2).decode())


def print_table(head: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[int] = ()) -> None:
    """Columns on a terminal by what they take there; tab-separated lines elsewhere, which can be cut and counted."""
    rows = [[str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(head), *rows]:
            click.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for place, name in enumerate(head):
        table.add_column(name, justify="right" if place in right else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
