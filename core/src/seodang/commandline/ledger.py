"""`seodang ledger`: what was bought, from whom, for how much; and taking in what was bought elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seodang.commandline.options import json_option, print_json, print_table
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang.ledger.batching import BatchEntry
    from seodang.ledger.book import Book
    from seodang.ledger.entries import Failure, Line, Sent, Spent, Totals

BOOKS = click.Path(path_type=Path)


class ShowFirst(click.Group):
    """`seodang ledger RUN` shows; a run that is called `import` is written `./import`."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        if arguments and arguments[0] not in self.commands and arguments[0] not in context.help_option_names:
            arguments = ["show", *arguments]
        return super().parse_args(context, arguments)


@click.group("ledger", cls=ShowFirst, help=render("commandline.ledger", {}), no_args_is_help=True)
def command() -> None:
    pass


@command.command("show", help=render("commandline.ledger", {}))
@click.argument("runs", nargs=-1, required=True, type=BOOKS, metavar="RUN...")
@click.option("--sent", "which", flag_value="sent", help="Every request: what went where, and when.")
@click.option("--in-doubt", "which", flag_value="in-doubt", help="The requests that may have been paid for in vain.")
@click.option("--failures", "which", flag_value="failures", help="The questions that are final without an answer.")
@click.option("--batches", "which", flag_value="batches", help="What was handed in together, and what became of it.")
@click.option("--step", help="Only this step.")
@json_option
def show(runs: Sequence[Path], which: str | None, step: str | None, as_json: bool) -> None:
    """A directory that is no run itself stands for all runs below it: what they spent, by run, by teacher and by month."""
    from seodang.ledger.team import is_many

    if which is None and step is None and any(map(is_many, runs)):
        from seodang.commandline.team_ledger import show_team

        show_team(runs, as_json=as_json)
        return
    found = [_summary(run, step) for run in runs] if which is None else []
    if which is None and as_json:
        print_json({"runs": found})
    elif which is None:
        for each in found:
            _print_summary(each)
    else:
        for run in runs:
            _list(run, which, step, as_json)


@command.command("import")
@click.argument("run", type=BOOKS)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def import_file(run: Path, file: Path, as_json: bool) -> int:
    """Take in answers that were bought elsewhere, as JSON Lines.

    One line is {"teacher": "seodang-openai:openai", "identity": "api.openai.com", "model": "…", "options": {…},
    "request": {"messages": […]}, "answer": {"message": {"role": "assistant", "text": "…"}}}.
    `seodang ledger RUN --sent --json` shows the questions of a run in this form.
    """
    from seodang.ledger.importing import import_answers
    from seodang.ledger.places import ledger_of

    report = import_answers(ledger_of(run), file, run=_run_id(run) or "")
    if as_json:
        print_json(report)
    else:
        for line in report.bad:
            click.echo(render("ledger.bad-import", {"where": line.where, "code": line.code, "detail": line.detail}), err=True)
        click.echo(render("ledger.imported", {"imported": report.imported, "known": report.known, "bad": len(report.bad)}))
    return 4 if report.bad else 0


@command.command("abandon")
@click.argument("run", type=BOOKS)
@click.argument("batch")
@json_option
def abandon_batch(run: Path, batch: str, as_json: bool) -> None:
    """Give up an open batch that its service does not know any more.

    What it may have cost stays counted, and the next run asks its questions again. A batch that the service still knows would be
    paid for twice so: run the recipe again to collect it.
    """
    from seodang.ledger.abandoning import abandon
    from seodang.ledger.places import ledger_of

    questions = abandon(ledger_of(run), batch, run=_run_id(run))
    if as_json:
        print_json({"batch": batch, "questions": questions})
    else:
        click.echo(render("ledger.abandoned", {"identifier": batch, "questions": questions}))


def _run_id(run: Path) -> str | None:
    """Whose requests are meant: the run's, or everybody's where a book itself was named."""
    from seodang.runs.directory import RunDirectory

    return None if run.is_file() else RunDirectory.open(run).id


def _open(run: Path) -> Book | None:
    from seodang.ledger.book import Book
    from seodang.ledger.places import ledger_of

    place = ledger_of(run)
    return Book.open(place) if place.is_file() else None


def _summary(run: Path, step: str | None) -> dict[str, Any]:
    from seodang.ledger.entries import Totals

    owner = _run_id(run)
    book = _open(run)
    if book is None:
        return {"run": str(run), "ledger": None, "lines": (), "totals": Totals(), "prices": (), "wasted": ()}
    with book:
        lines, totals = book.lines(owner, step), book.totals(owner, step)
        prices = [counted for counted in book.prices(owner) if step in (None, counted.step)]
        wasted = [spent for spent in _spent(run, book) if spent.waste and spent.micro and step in (None, spent.step)]
    return {
        "run": str(run),
        "ledger": str(book.path),
        "lines": lines,
        "totals": totals,
        "prices": prices,
        "wasted": wasted,
    }


def _spent(run: Path, book: Book) -> Sequence[Spent]:
    """A book that was named itself does not know which rows the steps of its runs have set aside."""
    from seodang.runs.costs import spent_in
    from seodang.runs.directory import RunDirectory

    return book.spending(()) if run.is_file() else spent_in(RunDirectory.open(run), book)


def _print_summary(summary: dict[str, Any]) -> None:
    lines: Sequence[Line] = summary["lines"]
    totals: Totals = summary["totals"]
    if not lines:
        click.echo(render("ledger.nothing-bought", {"run": summary["run"]}))
        return
    click.echo(printable(summary["run"]))
    counted = ("requests", "answers", "reused", "input-tokens", "output-tokens", "settled", "reserved", "in-doubt", "wasted")
    head = ["step", "teacher", "model", *counted]
    wasted: Sequence[Spent] = summary["wasted"]
    rows = [[*(name := (line.step, line.teacher, line.model)), *_cells(line.totals, _wasted(wasted, name))] for line in lines]
    if len(rows) > 1:
        rows.append([render("ledger.total", {}), "", "", *_cells(totals, wasted)])
    print_table(
        [render(f"ledger.{name}", {}) for name in head], [[printable(cell) for cell in row] for row in rows], right=range(3, 12)
    )
    for line in lines:
        odd = {reason: number for reason, number in line.totals.finishes.items() if reason != "stop"}
        for code, reasons in (("ledger.ended-as", odd), ("ledger.failed-as", line.totals.failures)):
            if reasons:
                click.echo("  " + render(code, {"step": line.step, "reasons": _counted(reasons)}))
    for counted in summary["prices"]:
        click.echo("  " + render("ledger.counted-at", {"step": counted.step, "model": counted.model, "price": counted.price}))
    if totals.in_doubt:
        from seodang.ledger.money import format_amounts

        money = format_amounts(totals.in_doubt_micro)
        click.echo(render("ledger.doubt", {"number": totals.in_doubt, "money": money, "run": summary["run"]}))


def _wasted(wasted: Iterable[Spent], name: tuple[str, str, str]) -> list[Spent]:
    return [spent for spent in wasted if (spent.step, spent.teacher, spent.model) == name]


def _cells(totals: Totals, wasted: Iterable[Spent]) -> list[str]:
    from seodang.ledger.money import format_amounts
    from seodang.runs.costs import summed

    counts = (totals.requests, totals.answers, totals.reused, totals.input_tokens, totals.output_tokens)
    in_vain = summed({spent.currency: spent.micro} for spent in wasted)
    money = (totals.settled_micro, totals.reserved_micro, totals.in_doubt_micro, in_vain)
    return [*(f"{number:,}" for number in counts), *(format_amounts(micro) for micro in money)]


def _counted(reasons: dict[str, int]) -> str:
    return " · ".join(f"{reason} {number:,}" for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))


def _list(run: Path, which: str, step: str | None, as_json: bool) -> None:
    owner = _run_id(run)
    book = _open(run)
    if book is None:
        if not as_json:
            click.echo(render("ledger.nothing-bought", {"run": str(run)}))
        return
    with book:
        if which == "batches":
            _print_batches(book.batches(owner, step), run, as_json)
        elif which == "failures":
            _print_failures(book.failures(owner, step), as_json)
        else:
            _print_sent((book.sent if which == "sent" else book.doubtful)(owner, step), as_json)


def _print_sent(attempts: Iterable[Sent], as_json: bool) -> None:
    from seodang.ledger.listing import sent_as_json
    from seodang.ledger.money import format_amount

    if as_json:
        for attempt in attempts:
            click.echo(sent_as_json(attempt))
        return
    # One line each, as they are read: there may be a million.
    head = ("time", "host", "teacher", "model", "step", "record", "request", "state", "cost", "detail")
    click.echo("\t".join(render(f"ledger.{name}", {}) for name in head))
    for attempt in attempts:
        micro = attempt.worst_micro if attempt.cost_micro is None else attempt.cost_micro
        money = ("≤ " if attempt.cost_micro is None else "") + format_amount(micro, attempt.currency)
        where = (attempt.host, attempt.teacher, attempt.model, attempt.step, attempt.record, attempt.key.hex()[:12])
        cells = (_time(attempt.started), *where, attempt.state, money, attempt.detail)
        click.echo("\t".join(map(printable, cells)))


def _print_failures(failures: Iterable[Failure], as_json: bool) -> None:
    import msgspec

    if not as_json:
        head = ("time", "teacher", "model", "step", "record", "request", "reason", "attempts", "detail")
        click.echo("\t".join(render(f"ledger.{name}", {}) for name in head))
    for failure in failures:
        if as_json:
            click.echo(msgspec.json.encode({**msgspec.structs.asdict(failure), "key": failure.key.hex()}).decode())
            continue
        where = (failure.teacher, failure.model, failure.step, failure.record, failure.key.hex()[:12])
        cells = (_time(failure.ended), *where, failure.reason, str(failure.attempts), failure.detail)
        click.echo("\t".join(map(printable, cells)))


def _print_batches(batches: Sequence[BatchEntry], run: Path, as_json: bool) -> None:
    if as_json:
        print_json({"batches": batches})
        return
    if not batches:
        click.echo(render("ledger.no-batches", {"run": str(run)}))
        return
    head = ("time", "batch", "host", "model", "step", "requests", "answers", "state", "ended", "detail")
    rows = [
        [
            _time(batch.planned),
            batch.identifier or batch.name,
            batch.host or batch.teacher,
            batch.model,
            batch.step,
            f"{batch.requests:,}",
            f"{batch.answered:,}",
            batch.state,
            _time(batch.ended) if batch.ended else "–",
            batch.detail,
        ]
        for batch in batches
    ]
    print_table([render(f"ledger.{name}", {}) for name in head], [list(map(printable, row)) for row in rows], right=(5, 6))


def _time(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
