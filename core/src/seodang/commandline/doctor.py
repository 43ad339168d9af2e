"""`seodang doctor`: looks at this machine and says what to do about what is wrong. Ends with 3 when something is."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.doctor.checks import Check, examine
from seodang.wording import one_line, render


@click.command("doctor", help=render("doctor.help", {}))
@click.option("--run-dir", "directory", type=RUN, default=Path("."), help=render("doctor.help-run-dir", {}))
@json_option
@click.pass_context
def command(context: click.Context, directory: Path, as_json: bool) -> None:
    checks = examine(directory)
    broken = sum(check.state == "broken" for check in checks)
    if as_json:
        print_json({"ok": not broken, "checks": checks})
    else:
        for check in checks:
            _tell(check)
        click.echo()
        click.echo(render("doctor.some-broken" if broken else "doctor.all-well", {"count": broken}))
    context.exit(3 if broken else 0)


def _tell(check: Check) -> None:
    state = render(f"doctor.state-{check.state}", {})
    click.echo(f"{state:<7}{render(f'doctor.name-{check.name}', {})}: {one_line(check.found)}")
    if check.fix:
        click.echo(f"{'':<7}  → {one_line(check.fix)}")
