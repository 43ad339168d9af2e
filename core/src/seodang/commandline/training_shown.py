"""How `seodang try` shows the rehearsal of a training: examples with the trained part marked, then what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.runs.training_rehearsal import TrainingRehearsal
    from seodang.verdicts import Segment

LONGEST = 1200
"""So many characters of an example are shown."""


def print_training(found: TrainingRehearsal) -> None:
    if found.examples:
        click.echo(render("try.trained", {"sample": _marked("…")}))
    for number, example in enumerate(found.examples, 1):
        click.echo("\n" + render("try.example", {"number": number, "count": len(found.examples)}))
        click.echo("  " + _shown(example).replace("\n", "\n  "))
    click.echo()
    click.echo(render(f"try.rows-{found.rows}", {"run": str(found.run)}))
    for finding in found.findings:
        click.echo(f"{'!' if finding.warning else '-'} {printable(finding.text)}")


def _shown(example: Sequence[Segment]) -> str:
    """The beginning and the end, where a row is long: both tell whether the mask is right."""
    left = sum(len(piece.text) for piece in example) - LONGEST
    lines = []
    for piece in example:
        text = printable(piece.text)
        if left > 0 and len(text) > LONGEST // 4:
            cut = min(left, len(text) - LONGEST // 4)
            middle = render("try.more", {"count": cut})
            text = f"{text[: LONGEST // 8]}{middle}{text[len(text) - LONGEST // 8 :]}"
            left -= cut
        lines.append(_marked(text) if piece.trained else text)
    return "".join(lines)


def _marked(text: str) -> str:
    """In colour on a terminal, between brackets that nobody types elsewhere."""
    return click.style(text, fg="green", bold=True) if sys.stdout.isatty() else f"⟦{text}⟧"
