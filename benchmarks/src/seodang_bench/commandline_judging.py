"""`seodang bench judge`: answers that lie in files, judged by a teacher; and `seodang bench verdicts`: what others published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from seodang.wording import render

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("judge", help=render("seodang_bench:judge-help", {}))
@click.option("--outputs", type=_FILE, multiple=True, required=True, help="A file with a student's answers. May be given again.")
@click.option("--questions", type=_FILE, help="The questions. Default: those in the file of the baseline.")
@click.option("--references", type=_FILE, help="FastChat's file of reference answers.")
@click.option("--baseline", type=_FILE, help="The answers to compare with. Without them every answer is graded from 1 to 10.")
@click.option("--judge", "teacher", default="openai", show_default=True, help="The teacher that judges.")
@click.option("--model", required=True, help="Its model.")
@click.option("--base-url", default="", help="Its address, for one that is not the vendor's.")
@click.option("--language", default="ko", show_default=True, help="The language that answers should be in.")
@click.option("--judge-language", default="", help="The language in which the judge is asked, en or ko. Default: the same.")
@click.option("--prompts", type=_FILE, help="A file of judge prompts in FastChat's form.")
@click.option("--people", type=_FILE, help="People's verdicts on the same pairs.")
@click.option("--samples", type=click.IntRange(1, 32), default=1, show_default=True, help="How often the same is asked.")
@click.option("--controls", type=click.IntRange(0), default=20, show_default=True, help="Questions on which the judge is tried.")
@click.option("--limit", type=click.IntRange(1), help="Only the first so many questions.")
@click.option("--input-price", type=float, help="Dollars for a million tokens that are sent, where nobody knows the price.")
@click.option("--output-price", type=float, help="Dollars for a million tokens that come back.")
@click.option("--max-cost", multiple=True, metavar="5USD", help="Never spend more than this.")
@click.option(
    "--run-dir", type=click.Path(path_type=Path), default=Path("runs/judge"), show_default=True, help="Where the run is kept."
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def judge(run_dir: Path, max_cost: tuple[str, ...], quiet: bool, as_json: bool, **wishes: Any) -> None:
    from seodang_bench.judging import run_judge

    scores = run_judge(run_dir, max_cost, quiet, wishes)
    if as_json:
        click.echo(msgspec.json.encode(scores).decode())
        return
    for score in scores:
        bounds = "" if score.low is None else f"  [{score.low:.3f}, {score.high:.3f}]"
        click.echo(f"{score.student:20} {score.name:32} {score.value:8.3f}{bounds}  n = {score.count}")
    if scores:
        click.echo(scores[0].protocol)


@click.command("verdicts", help=render("seodang_bench:verdicts-help", {}))
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--gamed", type=_FILE, help="AlpacaEval's df_gamed.csv, for win rates at equal lengths as on its leaderboard.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def verdicts(files: tuple[Path, ...], gamed: Path | None, as_json: bool) -> None:
    from seodang_alpaca_eval.length_control import read_gamed
    from seodang_alpaca_eval.published import annotated, read_rows, reviewed

    from seodang_bench.commandline import say

    hard = read_gamed(gamed) if gamed else None
    found: list[dict[str, Any]] = []
    for path in files:
        rows = read_rows(path)
        if any("score" in row for row in rows):
            sums = reviewed(rows)
            found.append({"file": path.name, **sums._asdict()})
            if not as_json:
                say("verdicts-reviews", **found[-1], share=100 * sums.second / sums.first)
            continue
        figures = annotated(rows, hard)
        equal = figures.length_controlled
        shown = figures._asdict() | {"length_controlled": equal._asdict() if equal else None}
        found.append({"file": path.name, **shown})
        if not as_json:
            say("verdicts-annotations", **found[-1])
            if equal:
                say("verdicts-equal-lengths", value=100 * equal.value, low=100 * equal.low, high=100 * equal.high)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())


@click.command("annotations", help=render("seodang_bench:annotations-help", {}))
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("step")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--student", default="", help="Whose, where the step judged several.")
@click.option("--baseline", default="baseline", show_default=True, help="What the baseline is called in the file.")
def annotations(run: Path, step: str, target: Path, student: str, baseline: str) -> None:
    from seodang_bench.commandline import say
    from seodang_bench.judging import write_annotations

    say("annotations-written", rows=write_annotations(run, step, target, student, baseline), target=target)


@click.command("annotator", help=render("seodang_bench:annotator-help", {}))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--model", required=True, help="The judge's model.")
@click.option("--judge-language", default="ko", show_default=True, help="The language in which the judge is asked, en or ko.")
def annotator(folder: Path, model: str, judge_language: str) -> None:
    from seodang_alpaca_eval.annotators import write_configs

    from seodang_bench.commandline import say

    write_configs(folder, judge_language, model)
    say("annotator-written", name=f"seodang_{judge_language}", folder=folder)
