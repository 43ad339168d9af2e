"""`seodang filter try`: one filter on a file, without a recipe."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from seodang.commandline.options import print_table
from seodang.wording import one_line, render

if TYPE_CHECKING:
    from seodang.records import Record
    from seodang.runs.filter_rehearsal import FilterRehearsal, Verdict

QUARANTINED = 8
"""The exit code where no row of the file could be read."""

command = click.Group("filter", help=render("commandline.filter", {}))


@command.command("try", help=render("filter.help-try", {}))
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="OPTION=VALUE", help=render("filter.help-set", {}))
@click.option("--language", default="ko", show_default=True, help=render("filter.help-language", {}))
@click.option("--seeds", default="", metavar="NAME", help=render("filter.help-seeds", {}))
@click.option("--limit", type=click.IntRange(min=1), help=render("filter.help-limit", {}))
@click.option("--rows", type=click.IntRange(min=0), default=3, show_default=True, help=render("filter.help-rows", {}))
@click.option(
    "--json", "out", type=click.Path(dir_okay=False, allow_dash=True), metavar="OUT", help=render("filter.help-json", {})
)
@click.option("--run-dir", type=click.Path(path_type=Path), help=render("filter.help-run-dir", {}))
@click.option("--max-cost", multiple=True, metavar="5USD", help=render("filter.help-max-cost", {}))
@click.option("--allow-unknown-price", is_flag=True, help=render("filter.help-allow-unknown-price", {}))
@click.option("--workers", type=click.IntRange(min=1), help=render("filter.help-workers", {}))
@click.option("--quiet", is_flag=True, help=render("filter.help-quiet", {}))
def try_(
    name: str,
    file: Path,
    settings: tuple[str, ...],
    language: str,
    seeds: str,
    limit: int | None,
    rows: int,
    out: str | None,
    run_dir: Path | None,
    max_cost: tuple[str, ...],
    allow_unknown_price: bool,
    workers: int | None,
    quiet: bool,
) -> int:
    from seodang.ledger.money import parse_cap
    from seodang.plugins.loading import load_plugins
    from seodang.runs.filter_recipe import DEFAULT_SEEDS, ROWS, Wanted, recipe_for
    from seodang.runs.filter_rehearsal import try_filter
    from seodang.runs.progress import Progress
    from seodang.traffic.clock import SystemClock

    wanted = Wanted(
        filter=name,
        file=file,
        settings=settings,
        language=language,
        seeds=seeds or DEFAULT_SEEDS,
        limit=limit,
        caps=tuple(parse_cap(cost) for cost in max_cost),
        allow_unknown_price=allow_unknown_price,
    )
    recipe = recipe_for(wanted, load_plugins())
    # Answers of a judge may have been paid for: they outlive the command.
    with _place(run_dir or (Path("runs") / f"filter-{recipe.step}" if recipe.asks else None)) as (place, is_kept):
        progress = Progress(SystemClock(), quiet=quiet)
        rehearsal = try_filter(wanted, recipe, place, workers=workers, progress=progress)
        touched: list[tuple[Record, Verdict]] = []
        with _written(out) as write:
            for record, verdict in zip(rehearsal.run.records(ROWS), rehearsal.verdicts(), strict=True):
                write(verdict)
                if (verdict.record or verdict.tags) and (len(touched) < rows or not rows):
                    touched.append((record, verdict))
        manifest = rehearsal.run.manifest(ROWS)
        if out == "-":
            unread = manifest.rows["quarantined"] + manifest.rows["dropped"]
            if unread:
                click.echo(render("filter.unread", {"rows": unread, "file": str(file)}), err=True)
        else:
            _print_unread(rehearsal, rows)
            _print_verdicts(rehearsal, file)
            _print_examples(rehearsal, touched, rows)
            if is_kept:
                click.echo("\n" + render("show.place", {"run": str(rehearsal.run.path)}))
        return QUARANTINED if manifest.rows["quarantined"] and not manifest.rows["kept"] else 0


@contextmanager
def _place(wanted: Path | None) -> Iterator[tuple[Path, bool]]:
    if wanted is not None:
        yield wanted, True
        return
    place = Path(tempfile.mkdtemp(prefix="seodang-filter-"))
    try:
        yield place, False
    except BaseException as error:
        if getattr(error, "__notes__", ()):  # they name the log, which tells the whole story
            raise
        shutil.rmtree(place)
        raise
    shutil.rmtree(place)


@contextmanager
def _written(out: str | None) -> Iterator[Callable[[Verdict], object]]:
    """What writes a verdict a line. The file appears when all of them are in it."""
    if out is None:
        yield lambda verdict: None
        return
    from seodang.files.durable import explained

    place = Path(out)
    with explained(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    with explained(place), click.open_file(out, "wb", atomic=out != "-") as lines:
        yield lambda verdict: lines.write(msgspec.json.encode(verdict) + b"\n")


def _print_unread(rehearsal: FilterRehearsal, rows: int) -> None:
    """Rows of the file that never reached the filter, and what format it was read as."""
    from seodang.commandline.beside import print_counts, print_shown
    from seodang.runs.filter_recipe import ROWS
    from seodang.runs.left_out import KINDS, LeftOut

    for kind in KINDS:
        left_out = LeftOut(rehearsal.run, ROWS, kind, rows)
        if not left_out.counts:
            continue
        print_counts(left_out, kind)
        for shown in left_out.rows():
            print_shown(shown)
        click.echo()


def _print_verdicts(rehearsal: FilterRehearsal, file: Path) -> None:
    manifest = rehearsal.run.manifest(rehearsal.step)
    came, kept, changed = (manifest.rows.get(name, 0) for name in ("in", "kept", "changed"))
    click.echo(render("filter.title", {"filter": manifest.plugin, "file": str(file), "rows": came}))
    found = [("keep", "", kept - changed)] if kept > changed or not came else []
    if changed:
        found.append(("keep", render("filter.changed", {}), changed))
    for verdict, counts in (("drop", manifest.dropped), ("quarantine", manifest.quarantined)):
        found += [
            (verdict, one_line(code), count) for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
    head = [render(f"filter.{name}", {}) for name in ("verdict", "reason", "rows", "share")]
    share = [f"{count / came * 100:.1f} %" if came else "–" for _, _, count in found]
    rows = [(verdict, why, f"{count:,}", part) for (verdict, why, count), part in zip(found, share, strict=True)]
    print_table(head, rows, right=(2, 3))
    for name, figure in manifest.figures.items():
        click.echo(one_line(f"{name}: {figure}"))


def _print_examples(rehearsal: FilterRehearsal, touched: Sequence[tuple[Record, Verdict]], rows: int) -> None:
    from seodang.commandline.beside import print_shown, record_text, side_by_side
    from seodang.runs.left_out import KINDS, LeftOut

    for kind in KINDS:
        left_out = LeftOut(rehearsal.run, rehearsal.step, kind, rows)
        for code in left_out.counts:
            for shown in left_out.rows(code):
                print_shown(shown)
    for record, verdict in touched:
        tags = msgspec.json.encode(verdict.tags).decode() if verdict.tags else ""
        click.echo(f"\n{verdict.id}  {render('filter.changed', {})}  {one_line(tags)}".rstrip())
        for line in side_by_side(record_text(record), record_text(verdict.record)) if verdict.record else ():
            click.echo(f"    {line}")
