"""`seodang fetch`: everything that a recipe needs in one folder, for a machine without a network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seodang.commandline.options import RECIPE, json_option, print_json, print_table, settings_option
from seodang.wording import render

if TYPE_CHECKING:
    from seodang.fetching.bringing import Fetching


@click.command("fetch", help=render("commandline.fetch", {}))
@click.argument("recipe", type=RECIPE)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@settings_option
@click.option("--dry-run", is_flag=True, help=render("fetching.help-dry-run", {}))
@click.option("--wheels", is_flag=True, help=render("fetching.help-wheels", {}))
@json_option
def command(recipe: Path, folder: Path, settings: tuple[str, ...], dry_run: bool, wheels: bool, as_json: bool) -> None:
    from seodang.fetching.bringing import bring, prepared
    from seodang.plugins.loading import load_plugins

    offers = load_plugins()
    work = prepared(recipe, settings, folder, offers)
    if not as_json:
        _show(work)
    if not dry_run:
        bring(work, folder, offers, _progress(), wheels=wheels)
    if as_json:
        print_json(_report(work, folder, fetched=not dry_run))
    elif dry_run:
        click.echo(render("fetching.would", _sums(work)))
    else:
        from seodang.fetching.readme import command_line

        told = {"folder": str(folder), "command": command_line(work.plan, work.needs, work.settings), **_sums(work)}
        click.echo(render("fetching.done", told))


def _sums(work: Fetching) -> dict[str, Any]:
    return {"pieces": len(work.plan.sources), "files": len(work.plan.copies), "bytes": work.plan.bytes}


def _show(work: Fetching) -> None:
    head = [render(f"fetching.{name}-column", {}) for name in ("name", "revision", "folder", "files", "size", "terms")]
    none = render("fetching.no-terms", {})
    rows = [
        (
            source.piece.name,
            source.listing.revision[:12] or "–",
            source.folder,
            f"{len(source.listing.files):,}",
            f"{source.bytes:,}",
            ", ".join(source.listing.terms) or none,
        )
        for source in work.plan.sources
    ]
    rows += [(copy.source, "–", copy.target, "1", f"{copy.bytes:,}", "–") for copy in work.plan.copies]
    print_table(head, rows, right=(3, 4))
    for step, hosts in work.needs.hosts.items():
        click.echo(render("fetching.still-asks", {"step": step, "hosts": list(hosts)}), err=True)
    for unsaid in work.needs.unsaid:
        click.echo(str(unsaid), err=True)


def _progress() -> Callable[[str, int, int], None]:
    """One line that grows on a terminal; elsewhere one when a piece begins to be there and one when it is."""
    said: dict[str, int] = {}

    def told(name: str, there: int, whole: int) -> None:
        line = render("fetching.progress", {"name": name, "there": there, "whole": whole})
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{line}", nl=there >= whole and said.get(name) != there, err=True)
        elif name not in said or (there >= whole > said[name]):
            click.echo(line, err=True)
        said[name] = there

    return told


def _report(work: Fetching, folder: Path, *, fetched: bool) -> dict[str, Any]:
    from seodang.fetching.readme import command_line, wheels_command

    return {
        "recipe": work.recipe.name,
        "folder": str(folder),
        "fetched": fetched,
        "bytes": work.plan.bytes,
        "pieces": [
            {
                "name": source.piece.name,
                "holds": source.piece.holds,
                "carrier": source.piece.carrier,
                "revision": source.listing.revision,
                "folder": source.folder,
                "files": dict(source.listing.files),
                "bytes": source.bytes,
                "terms": list(source.listing.terms),
                "steps": list(source.steps),
            }
            for source in work.plan.sources
        ],
        "files": [{"source": copy.source, "target": copy.target, "bytes": copy.bytes} for copy in work.plan.copies],
        "requirements": [one.line for one in work.requirements],
        "built_here": [one.line for one in work.requirements if one.source],
        "hosts": {step: list(hosts) for step, hosts in work.needs.hosts.items()},
        "secrets": [secret.removeprefix("env:") for secret in work.needs.secrets],
        "unsaid": [str(one) for one in work.needs.unsaid],
        "wheels_command": wheels_command(work.requirements),
        "run_command": command_line(work.plan, work.needs, work.settings),
    }
