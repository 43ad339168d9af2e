"""`seodang review`: keep, drop or edit rows by hand, in the browser or in a sheet."""

from __future__ import annotations

from pathlib import Path

import click

from seodang.commandline.options import RUN
from seodang.wording import render

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("review", help=render("commandline.review", {}))
@click.argument("run", type=RUN)
@click.argument("step")
@click.option("--decisions", type=_FILE, help="Where decisions are kept. Default: reviewed-STEP.jsonl beside the run.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many rows, drawn at random and always the same.")
@click.option("--csv", "sheet", type=_FILE, help="Write the rows as a sheet for Excel instead of showing a page.")
@click.option(
    "--from-csv", "filled", type=click.Path(exists=True, path_type=Path, dir_okay=False), help="Read such a sheet back."
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The page's port. Default: any that is free.")
@click.option("--browser/--no-browser", default=True, help="Open the page.")
def command(
    run: Path,
    step: str,
    decisions: Path | None,
    limit: int | None,
    sheet: Path | None,
    filled: Path | None,
    port: int,
    browser: bool,
) -> None:
    import random

    from seodang.runs.opened import open_run
    from seodang.serving.decisions import fitting, from_csv, read_decisions, write_csv
    from seodang.serving.kept import append
    from seodang.serving.review import Review

    kept = decisions or run.parent / f"reviewed-{step}.jsonl"
    records = list(open_run(run).records(step))
    if limit is not None and limit < len(records):
        chosen = sorted(random.Random(step).sample(range(len(records)), limit))
        records = [records[number] for number in chosen]
    if filled is not None:
        found = from_csv(filled, records)
        append(kept, *found)
        click.echo(render("serving.sheet-read", {"count": len(found), "decisions": kept}))
        return
    if sheet is not None:
        write_csv(sheet, records, fitting(read_decisions(kept), records) if kept.is_file() else {})
        click.echo(render("serving.sheet-written", {"count": len(records), "path": sheet}))
        return
    review = Review(records, kept)
    show_page(review.page(render("serving.review-title", {"run": run.name, "step": step})), review.verbs(), port, browser)
    counts = {name: sum(each.decision == name for each in review.decided.values()) for name in ("keep", "drop", "edit")}
    click.echo(render("serving.reviewed", {**counts, "decisions": kept}))


def show_page(html: str, verbs: dict[str, object], port: int, browser: bool) -> None:
    """Serves a page until Ctrl-C."""
    import webbrowser

    from seodang.serving.page_server import PageServer

    with PageServer(html, verbs, port=port) as server:  # type: ignore[arg-type]
        click.echo(render("serving.at", {"address": server.address}), err=True)
        if browser:
            webbrowser.open(server.address)
        try:
            server.wait()
        except KeyboardInterrupt:
            # This is how the page is put away: every decision is kept already.
            click.echo("", err=True)
