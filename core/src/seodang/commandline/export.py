"""`seodang export`: a run's records in a format that others read."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.exports.formats import FORMATS
from seodang.wording import Phrase, render


@click.command("export", help=render("commandline.export", {}))
@click.argument("run", type=RUN)
@click.option("--to", "target", required=True, metavar="FORMAT", help=render("exports.help-to", {"formats": list(FORMATS)}))
@click.option("--step", help=render("exports.help-step", {}))
@click.option("--keep-columns", default="", metavar="NAME,NAME", help=render("exports.help-keep-columns", {}))
@click.option("--language", help=render("exports.help-language", {}))
@json_option
@click.argument("out", type=click.Path(path_type=Path))
def command(run: Path, target: str, out: Path, step: str | None, keep_columns: str, language: str | None, as_json: bool) -> None:
    from seodang.exports.exporting import export
    from seodang.runs.opened import open_run

    columns = [column.strip() for column in keep_columns.split(",") if column.strip()]
    report = export(open_run(run).records(step), target, out, language, keep_columns=columns)
    if as_json:
        print_json(report)
        return
    click.echo(render("exports.written", {"rows": report.rows, "path": str(out)}))
    for reason, rows in report.left_out.items():
        click.echo(render("exports.left-out", {"rows": rows, "reason": Phrase(f"exports.because-{reason}")}))
    for part, rows in report.lost.items():
        click.echo(render("exports.lost", {"rows": rows, "part": Phrase(f"exports.part-{part}"), "format": target}))
