"""`seodang card`: the dataset card of a run, or the card of a student that one of its steps trained."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN
from seodang.wording import render


@click.command("card", help=render("commandline.card", {}))
@click.argument("run", type=RUN)
@click.argument("step", required=False)
def command(run: Path, step: str | None) -> None:
    """With a step that trains the card is written beside the student's weights and shown."""
    if step is None:
        from seodang.reports.card import write_card

        click.echo(render("report.written", {"path": write_card(run)}))
        return
    from seodang.exports.students import trained_step
    from seodang.reports.student_card import write_student_card

    place = write_student_card(run, trained_step(run, step)[1].step)
    click.echo(place.read_text(encoding="utf-8"))
    click.echo(render("report.written", {"path": place}))
