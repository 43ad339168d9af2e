"""`seodang demo`: the whole path on this machine, without a key, ending in a table that was measured and not painted."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from seodang_demo.choosing import LOCAL, PAID, PROGRAM, marks_of, said, teaching, tell_the_price

if TYPE_CHECKING:
    from seodang.ledger.money import Cap

STORIES = {True: ("story-teacher", "story-filter"), False: ("story-model", "story-agreement")}
FILTERED, UNFILTERED = "with-filter", "without-filter"
ROWS = ("numbers", "josa-met-noun", "josa-new-noun", "sums", "sums style")


class Line(msgspec.Struct, frozen=True):
    """One row of the table: shares of right answers, or of answers in the teacher's sentence."""

    name: str
    before: float
    unfiltered: float
    filtered: float


@click.command("demo", help=said("help"))
@click.option(
    "--run-dir", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Where the two runs are kept."
)
@click.option(
    "--shape", type=click.Choice(["gpt-neox", "llama"]), default="gpt-neox", show_default=True, help="The student's shape."
)
@click.option(
    "--teacher", type=click.Choice([PROGRAM, LOCAL, PAID]), default=PROGRAM, show_default=True, help=said("help-teacher")
)
@click.option("--model", default="", help=said("help-model"))
@click.option("--url", default="", help=said("help-url"))
@click.option("--max-cost", "costs", multiple=True, metavar="1USD", help=said("help-max-cost"))
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(
    run_dir: Path, shape: str, teacher: str, model: str, url: str, costs: tuple[str, ...], quiet: bool, as_json: bool
) -> None:
    from seodang.ledger.money import parse_cap
    from seodang.reports.report import write_report

    chosen = teaching(teacher, model, url)
    program = teacher == PROGRAM
    if not as_json:
        click.echo(said("begin" if program else "begin-model", place=run_dir, model=model))
    runs = [run_dir / FILTERED, run_dir / UNFILTERED]
    with as_file(files("seodang_demo") / "recipes" / f"{chosen.recipe}.toml") as recipe:
        common = [*chosen.settings, f"sft.shape='{shape}'"]
        tell_the_price(recipe, common, runs[0], costs)
        caps = tuple(parse_cap(cost) for cost in costs)
        _run(recipe, runs[0], common, run_dir, caps, quiet)
        _run(recipe, runs[1], [*common, "agreement.share=0.0", "program-exam.students=['newest']"], run_dir, caps, quiet)
    lines, marks = measured(*runs), [] if program else marks_of(runs[0])
    story = [said(part) for part in (*STORIES[program], "story-style")]
    report = write_report(runs, run_dir / "report.html", introduction=story)
    if as_json:
        found = {"table": lines, "report": str(report), **({} if program else {"teacher": marks})}
        click.echo(msgspec.json.encode(found).decode())
        return
    for each in marks:
        click.echo(said("marks", subject=said(f"subject-{each.name}"), right=each.right, asked=each.asked))
    _print(lines, program)
    click.echo(said("end", report=report))


def _run(recipe: Path, place: Path, settings: list[str], home: Path, caps: Sequence[Cap], quiet: bool) -> None:
    """Both runs write into one ledger: what the teacher said once is not asked again."""
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    clock = SystemClock()
    progress = Progress(clock, quiet=quiet)
    progress.say(said("run", name=place.name))
    wishes = Wishes(ledger=home / "ledger.sqlite", caps=caps)
    run_recipe(recipe, place, settings=settings, wishes=wishes, progress=progress, clock=clock)


def measured(filtered: Path, unfiltered: Path) -> list[Line]:
    """The table, read from the scores of the two runs."""
    import seodang

    def values(run: Path) -> dict[tuple[str, str], float]:
        opened = seodang.open_run(run)
        return {(score.name, score.student): score.value for score in opened.scores("program-exam")}

    after, without = values(filtered), values(unfiltered)
    return [Line(name, after[name, "base"], without[name, "newest"], after[name, "newest"]) for name in ROWS]


def _print(lines: list[Line], program: bool) -> None:
    from seodang.commandline.options import print_table

    head = [said(name) for name in ("subject", "before", "unfiltered" if program else "unfiltered-model", "filtered")]
    rows = [
        [
            said(line.name.replace(" ", "-")),
            *(f"{value:.0%}" for value in (line.before, line.unfiltered, line.filtered)),
        ]
        for line in lines
    ]
    print_table(head, rows, right=(1, 2, 3))
