"""`seodang export`: a run's records in a format that others read, as a file or as a directory for a tool; or its student for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from seodang.commandline.options import RUN, json_option, print_json
from seodang.wording import Phrase, render

if TYPE_CHECKING:
    from seodang.capabilities import Capability
    from seodang.exports import ExportReport
    from seodang.plugins.offers import Offers


@click.command("export", help=render("commandline.export", {}))
@click.argument("run", type=RUN)
@click.option("--to", "target", required=True, metavar="FORMAT", help=render("exports.help-to", {}))
@click.option("--layout", metavar="NAME", help=render("exports.help-layout", {}))
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help=render("exports.help-option", {}))
@click.option("--step", help=render("exports.help-step", {}))
@click.option("--keep-columns", default="", metavar="NAME,NAME", help=render("exports.help-keep-columns", {}))
@click.option("--language", help=render("exports.help-language", {}))
@click.option("--for-people", is_flag=True, help=render("exports.help-for-people", {}))
@click.option("--allow-terms", is_flag=True, help=render("exports.help-allow-terms", {}))
@json_option
@click.argument("out", type=click.Path(path_type=Path))
def command(
    run: Path,
    target: str,
    layout: str | None,
    options: Sequence[str],
    out: Path,
    step: str | None,
    keep_columns: str,
    language: str | None,
    for_people: bool,
    allow_terms: bool,
    as_json: bool,
) -> None:
    from seodang.exports import Choice, export, lay_out
    from seodang.plugins.loading import load_plugins
    from seodang.runs.opened import open_run

    offers = load_plugins()
    if _takes_students(offers, target):
        if layout or keep_columns or language or for_people:
            raise click.UsageError(render("exports.only-for-records", {"layout": target}))
        _export_student(offers, run, step, target, options, out, allow_terms=allow_terms, as_json=as_json)
        return
    records = open_run(run).records(step)
    ours, theirs = _divided(offers, target, layout, options)
    format: Any = _made(offers, "format", target, ours)
    columns = tuple(column.strip() for column in keep_columns.split(",") if column.strip())
    choice = Choice(language=language, keep_columns=columns, for_people=for_people)

    def find(name: str) -> Any:
        return _made(offers, "table", name)

    tool: Any = None if layout is None else _made(offers, "layout", layout, theirs)
    if allow_terms and not (tool and tool.publishes):
        raise click.UsageError(render("exports.nothing-to-allow", {}))
    if tool is None:
        report = export(records, format, out, find=find, choice=choice, run=run)
    else:
        about = _about(run, step)
        report = lay_out(records, format, tool, out, about=about, find=find, choice=choice, allow_terms=allow_terms)
    if as_json:
        print_json(report)
    else:
        _tell(report, target, layout, out)


def _takes_students(offers: Offers, target: str) -> bool:
    """Whether `--to` names a layout that is made of a student. A format of that name comes first."""
    name = target.rpartition(":")[2]
    layouts: list[Any] = [offer.cls for offer in offers.all("layout") if offer.name == name]
    return any(cls.takes_students for cls in layouts) and name not in {offer.name for offer in offers.all("format")}


def _export_student(
    offers: Offers,
    run: Path,
    step: str | None,
    target: str,
    settings: Sequence[str],
    out: Path,
    *,
    allow_terms: bool,
    as_json: bool,
) -> None:
    from seodang.exports.students import lay_out_student, student_files

    layout: Any = _made(offers, "layout", target, dict(_settings(settings)))
    if allow_terms and not layout.publishes:
        raise click.UsageError(render("exports.nothing-to-allow", {}))
    report = lay_out_student(
        student_files(run, step, lambda kind, name: _made(offers, kind, name)), layout, out, allow_terms=allow_terms
    )
    if as_json:
        print_json(report)
    else:
        files = [f"{name} ({size:,})" for name, size in report.files.items()]
        click.echo(render("exports.student-written", {"student": report.student, "path": report.path, "files": files}))


def _settings(settings: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """The options as they stand on the command line."""
    from seodang.recipes.settings import setting_value

    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(render("exports.bad-option", {"option": setting}))
        yield name.strip(), setting_value(value)


def _divided(offers: Offers, target: str, layout: str | None, settings: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of the format and those of the layout. What neither knows goes where its mistake is told: to the layout if any."""
    from seodang.recipes.options import option_docs

    known = {doc.name for doc in option_docs(offers.find("format", target).cls)}
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for name, value in _settings(settings):
        (ours if name in known or layout is None else theirs)[name] = value
    return ours, theirs


def _made(offers: Offers, kind: str, name: str, given: Mapping[str, Any] = MappingProxyType({})) -> Capability:
    """The plugin's class with its options, all problems of which are told at once."""
    from seodang.recipes.options import build_options
    from seodang.recipes.problems import raise_all

    cls = offers.find(kind, name).cls
    options, problems = build_options(cls, given)
    raise_all(problems)
    return cls(options)


def _about(run: Path, step: str | None) -> Any:
    from seodang.exports.directories import About
    from seodang.files.manifests import read_manifest
    from seodang.reports.card import card_body
    from seodang.runs.directory import RunDirectory
    from seodang.runs.opened import open_run
    from seodang.runs.summary import summary_of

    summary, opened = summary_of(run), open_run(run)
    folders = [opened.folder(step)] if step else opened.flow()
    terms = {term for folder in folders if (manifest := read_manifest(folder)) for term in manifest.terms}
    # The rows of one step among several are not what the run was reviewed for.
    wish = "" if step else str(RunDirectory.open(run).lock.get("license", ""))
    return About(name=summary.recipe, language=summary.language, terms=sorted(terms), card=card_body(run), license=wish)


def _tell(report: ExportReport, target: str, layout: str | None, out: Path) -> None:
    from seodang.exports.tables import reason_phrase

    code = "exports.replaced" if report.replaced else "exports.written"
    click.echo(render(code, {"rows": report.rows, "path": str(out)}))
    for reason, rows in report.left_out.items():
        click.echo(render("exports.left-out", {"rows": rows, "reason": reason_phrase(reason)}))
    for part, rows in report.lost.items():
        click.echo(render("exports.lost", {"rows": rows, "part": Phrase(f"exports.part-{part}"), "format": target}))
    for part, rows in report.ignored.items():
        click.echo(render("exports.ignored", {"rows": rows, "part": Phrase(f"exports.part-{part}"), "layout": layout}))
    if report.as_json:
        click.echo(render("exports.as-json", {"rows": max(report.as_json.values()), "columns": list(report.as_json)}))
    if report.left_columns:
        names, rows = list(report.left_columns), max(report.left_columns.values())
        shown = [*names[:_MOST_SHOWN], *["…"][: len(names) > _MOST_SHOWN]]
        click.echo(render("exports.left-columns", {"rows": rows, "columns": shown}))


_MOST_SHOWN = 12
"""Columns that are named in a line; `--json` names them all."""
