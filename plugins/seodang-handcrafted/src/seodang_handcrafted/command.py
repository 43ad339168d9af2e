"""`seodang seeds check`: every problem of a team's own seed file, before a teacher is paid for what is made from it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from seodang.wording import printable, render

if TYPE_CHECKING:
    from seodang_handcrafted.checking import Problem, SeedFile

EXAMPLES = 3
PROGRESS_SECONDS = 2.0


@click.command("check", help=render("seodang_handcrafted:help", {}))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", default="ko", show_default=True, help="The language whose rules the file is checked by.")
@click.option("--encoding", default="", help="The file's encoding where it is not UTF-8, such as cp949.")
@click.option(
    "--each", type=click.IntRange(min=0), default=20, show_default=True, help="Show so many problems of a kind; 0 is all."
)
@click.option("--strict", is_flag=True, help="Remarks fail the check too.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(
    click_context: click.Context, file: Path, language: str, encoding: str, each: int, strict: bool, quiet: bool, as_json: bool
) -> None:
    checked = _checked(file, language, encoding, quiet)
    faults = sum(problem.fault for problem in checked.problems)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(summary(checked, file, language)), indent=2).decode())
    else:
        _print(checked, file, each)
    if faults or (strict and checked.problems):
        click_context.exit(4)


def _checked(file: Path, language: str, encoding: str, quiet: bool) -> SeedFile:
    import seodang
    from seodang.testing import PlainLocale, make_context

    from seodang_handcrafted.checking import SeedFile

    context = make_context(file.parent, language=language)
    if isinstance(context.locale, PlainLocale):
        raise seodang.DataError("seodang_handcrafted:no-locale", language=language)

    def quarantined() -> list[tuple[str, str, str]]:
        new = [(line.where, line.code, line.detail) for line in context.quarantined]
        context.quarantined.clear()
        return new

    checked = SeedFile(context, quarantined)
    told = time.monotonic()
    for rows in checked.check(file, encoding or None):
        if not quiet and time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            sys.stderr.write(render("seodang_handcrafted:progress", {"rows": rows, "problems": len(checked.problems)}) + "\n")
    return checked


def summary(checked: SeedFile, file: Path, language: str) -> dict[str, Any]:
    """All that is known, for programs; the messages are in the reader's language, the codes are not."""
    shares = msgspec.structs.asdict(checked.shares)
    problems = [
        {"where": one.where, "code": one.code, "fault": one.fault, "message": one.message, **_plain(one)}
        for one in checked.problems
    ]
    counts = Counter(one.code for one in checked.problems)
    return {
        "file": str(file),
        "language": language,
        "faults": sum(one.fault for one in checked.problems),
        "remarks": sum(not one.fault for one in checked.problems),
        "by_code": dict(sorted(counts.items())),
        "shares": {**shares, "registers": dict(checked.shares.registers)},
        "compared_partly": checked.partly,
        "problems": problems,
    }


def _plain(problem: Problem) -> dict[str, Any]:
    """The facts that a program can use beside the message."""
    return {
        name: fact for name, fact in problem.facts.items() if isinstance(fact, (str, int, list)) and name not in ("where", "code")
    }


def _print(checked: SeedFile, file: Path, each: int) -> None:
    from seodang.commandline.options import print_table

    shown: Counter[str] = Counter()
    for problem in checked.problems:
        shown[problem.code] += 1
        if not each or shown[problem.code] <= each:
            click.echo(f"{printable(problem.where)}  {problem.code}  {problem.message}")
    if checked.problems:
        click.echo()
        head = [_say(f"column-{name}") for name in ("code", "kind", "count", "examples")]
        print_table(head, [_line(code, checked) for code in _by_weight(checked)], right=(2,))
        click.echo()
    if each and any(count > each for count in shown.values()):
        click.echo(_say("more", each=each))
    if checked.partly:
        click.echo(_say("partly", questions=checked.partly))
    for line in _shares(checked):
        click.echo(line)
    faults = sum(problem.fault for problem in checked.problems)
    facts = {"file": file.name, "faults": faults, "remarks": len(checked.problems) - faults}
    click.echo(_say("passed" if not faults else "failed", **facts))


def _by_weight(checked: SeedFile) -> list[str]:
    """The codes, faults first, the frequent ones first."""
    counts = Counter((not one.fault, one.code) for one in checked.problems)
    return [code for (_, code), _ in sorted(counts.items(), key=lambda each: (each[0][0], -each[1], each[0][1]))]


def _line(code: str, checked: SeedFile) -> list[str]:
    found = [one for one in checked.problems if one.code == code]
    places = list(dict.fromkeys(one.where for one in found))
    examples = ", ".join(places[:EXAMPLES]) + (" …" if len(places) > EXAMPLES else "")
    return [code, _say("fault" if found[0].fault else "remark"), f"{len(found):,}", printable(examples)]


def _shares(checked: SeedFile) -> list[str]:
    shares = checked.shares
    of_all = max(1, shares.tasks)
    lines = [
        _say(
            "shares",
            rows=shares.rows,
            tasks=shares.tasks,
            answered=f"{shares.answered / of_all:.0%}",
            given=f"{shares.with_input / of_all:.0%}",
            classification=f"{shares.classification / of_all:.0%}",
            dialogues=f"{shares.dialogues / of_all:.0%}",
        )
    ]
    if shares.registers:
        total = shares.registers.total()
        told = [f"{level} {count:,} ({count / total:.0%})" for level, count in shares.registers.most_common()]
        lines.append(_say("registers", levels=", ".join(told)))
    return lines


def _say(name: str, **facts: Any) -> str:
    return render(f"seodang_handcrafted:{name}", facts)
