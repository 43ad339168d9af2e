"""`seodang demo`: the whole path on this machine, without a key, ending in a table that was measured and not painted."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click
import msgspec
from seodang.wording import render

FILTERED, UNFILTERED = "with-filter", "without-filter"
ROWS = ("numbers", "josa-met-noun", "josa-new-noun", "sums", "sums style")


class Line(msgspec.Struct, frozen=True):
    """One row of the table: shares of right answers, or of answers in the teacher's sentence."""

    name: str
    before: float
    unfiltered: float
    filtered: float


@click.command("demo", help=render("seodang_demo:help", {}))
@click.option(
    "--run-dir", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Where the two runs are kept."
)
@click.option(
    "--shape", type=click.Choice(["gpt-neox", "llama"]), default="gpt-neox", show_default=True, help="The student's shape."
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(run_dir: Path, shape: str, quiet: bool, as_json: bool) -> None:
    from seodang.reports.report import write_report

    _say_unless(as_json, "begin", place=run_dir)
    runs = [run_dir / FILTERED, run_dir / UNFILTERED]
    with as_file(files("seodang_demo") / "recipes" / "demo.toml") as recipe:
        common = [f"sft.shape='{shape}'"]
        _run(recipe, runs[0], common, run_dir, quiet)
        _run(recipe, runs[1], [*common, "agreement.share=0.0", "program-exam.students=['newest']"], run_dir, quiet)
    lines = measured(*runs)
    story = [render(f"seodang_demo:{part}", {}) for part in ("story-teacher", "story-filter", "story-style")]
    report = write_report(runs, run_dir / "report.html", introduction=story)
    if as_json:
        click.echo(msgspec.json.encode({"table": lines, "report": str(report)}).decode())
        return
    _print(lines)
    click.echo(render("seodang_demo:end", {"report": report}))


def _say_unless(quiet: bool, name: str, **facts: object) -> None:
    if not quiet:
        click.echo(render(f"seodang_demo:{name}", facts))


def _run(recipe: Path, place: Path, settings: list[str], home: Path, quiet: bool) -> None:
    """Both runs write into one ledger: what the teacher said once is not asked again."""
    from seodang.runs.engine import run_recipe
    from seodang.runs.progress import Progress
    from seodang.runs.session import Wishes
    from seodang.traffic.clock import SystemClock

    clock = SystemClock()
    progress = Progress(clock, quiet=quiet)
    progress.say(render("seodang_demo:run", {"name": place.name}))
    run_recipe(recipe, place, settings=settings, wishes=Wishes(ledger=home / "ledger.sqlite"), progress=progress, clock=clock)


def measured(filtered: Path, unfiltered: Path) -> list[Line]:
    """The table, read from the scores of the two runs."""
    import seodang

    def values(run: Path) -> dict[tuple[str, str], float]:
        opened = seodang.open_run(run)
        return {(score.name, score.student): score.value for score in opened.scores("program-exam")}

    after, without = values(filtered), values(unfiltered)
    return [Line(name, after[name, "base"], without[name, "newest"], after[name, "newest"]) for name in ROWS]


def _print(lines: list[Line]) -> None:
    from seodang.commandline.options import print_table

    head = [render(f"seodang_demo:{name}", {}) for name in ("subject", "before", "unfiltered", "filtered")]
    rows = [
        [
            render(f"seodang_demo:{line.name.replace(' ', '-')}", {}),
            *(f"{value:.0%}" for value in (line.before, line.unfiltered, line.filtered)),
        ]
        for line in lines
    ]
    print_table(head, rows, right=(1, 2, 3))
