"""`seodang plugin`: begins a plugin, and checks one."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import json_option, print_json
from seodang.plugins.declarations import VERBS
from seodang.wording import printable, render

KIND = click.Choice(list(VERBS))
DIRECTORY = click.Path(path_type=Path, file_okay=False)

command = click.Group("plugin", help=render("commandline.plugin", {}))


@command.command("new", help=render("scaffolding.help-new", {}))
@click.argument("name")
@click.option("--kind", "kinds", type=KIND, multiple=True, required=True, help=render("scaffolding.help-kind", {}))
@click.option("--directory", type=DIRECTORY, help=render("scaffolding.help-directory", {}))
@json_option
def new(name: str, kinds: tuple[str, ...], directory: Path | None, as_json: bool) -> None:
    from seodang.plugins.scaffolding import write_package

    written = write_package(name, kinds, directory)
    if as_json:
        print_json(
            {
                "distribution": written.distribution,
                "module": written.module,
                "directory": str(written.directory),
                "kinds": written.kinds,
                "files": written.files,
            }
        )
        return
    for file in written.files:
        click.echo(f"  {written.directory / file}")
    click.echo(render("scaffolding.written", {"distribution": written.distribution, "kinds": written.kinds}))
    click.echo(render("scaffolding.next", {"directory": str(written.directory)}))


@command.command("check", help=render("scaffolding.help-check", {}))
@click.argument("directory", type=DIRECTORY, default=Path("."))
@json_option
@click.pass_context
def check(context: click.Context, directory: Path, as_json: bool) -> None:
    from seodang.errors import PluginError
    from seodang.plugins.checking import check_package

    checked = check_package(directory)
    if as_json:
        print_json({"ok": checked.ok, "distribution": checked.distribution, "checks": checked.checks})
    else:
        for one in checked.checks:
            mark = render("scaffolding.good" if one.ok else "scaffolding.bad", {})
            first = printable(one.details[0]) if one.details else ""
            click.echo(f"{mark}  {render(f'scaffolding.check-{one.name}', {})}" + (f": {first}" if first else ""))
            for detail in one.details[1:]:
                click.echo(f"      {printable(detail)}")
        verdict = "scaffolding.all-good" if checked.ok else "scaffolding.not-good"
        click.echo(render(verdict, {"distribution": checked.distribution}))
    if not checked.ok:
        context.exit(PluginError.exit_code)
