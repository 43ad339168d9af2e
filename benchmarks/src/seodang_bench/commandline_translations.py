"""`seodang bench translations` and `seodang bench sentences`."""

from __future__ import annotations

import platform
from pathlib import Path

import click
import msgspec
from seodang.wording import render


@click.command("translations", help=render("seodang_bench:translations-help", {}))
@click.option(
    "--shared",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="The directory with the published data sets whose rows are labelled.",
)
@click.option("--seed", default=0, show_default=True, help="Which damages are done.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def translations(shared: Path, seed: int, as_json: bool) -> None:
    from seodang_bench.commandline import say
    from seodang_bench.translations import labels, measure, measure_damages

    known, found, damages = labels(), measure(shared), measure_damages(shared, seed)
    if as_json:
        both = {
            name: [{**msgspec.structs.asdict(one), "precision": one.precision, "recall": one.recall} for one in figures]
            for name, figures in (("labelled", found), ("damaged", damages))
        }
        click.echo(msgspec.json.encode(both).decode())
        return
    say("translations-title", rows=known.last + 1)
    for one in found:
        say("translations-row", **_told(one.check, one.labelled, one.found, one.wrong, one.precision, one.recall))
    say("translations-damages-title", wrong=damages[0].wrong)
    for one in damages:
        say("translations-damage", name=one.check.ljust(16), done=one.labelled, found=one.found, recall=_share(one.recall))


def _told(check: str, labelled: int, found: int, wrong: int, precision: float | None, recall: float | None) -> dict[str, object]:
    shares = {"precision": _share(precision), "recall": _share(recall)}
    return {"name": check.ljust(16), "labelled": labelled, "found": found, "wrong": wrong, **shares}


def _share(share: float | None) -> str:
    return "   –" if share is None else f"{share:.2f}"


@click.command("sentences", help=render("seodang_bench:sentences-help", {}))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def sentences(as_json: bool) -> None:
    from seodang_bench.commandline import cores, say
    from seodang_bench.sentences import compare, splitters

    found, missing = splitters()
    sides = compare(found)
    if as_json:
        click.echo(msgspec.json.encode({"sides": sides, "missing": missing}).decode())
        return
    say("machine", system=platform.system(), cores=cores(), python=platform.python_version())
    for one in sides:
        facts = {**msgspec.structs.asdict(one), "splitter": one.splitter.ljust(10), "group": one.group.ljust(7)}
        facts["losing"] = "" if one.lossless else render("seodang_bench:sentences-losing", {})
        facts["cutting"] = "" if one.whole_code else render("seodang_bench:sentences-cutting", {})
        say("sentences-row", **facts)
    if missing:
        say("sentences-missing", names=", ".join(missing))
