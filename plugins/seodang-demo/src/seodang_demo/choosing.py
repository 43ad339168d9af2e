"""Who teaches in the demo: the program, a model of this machine, or one that is paid for, and then not before the price was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from seodang.wording import render

PROGRAM, LOCAL, PAID = "program", "local", "openai"
"""The three rungs: without any model, without a price, behind an estimate."""


def said(code: str, **facts: object) -> str:
    return render(f"seodang_demo:{code}", facts)


class Teaching(msgspec.Struct, frozen=True):
    """The recipe that is run, and how it is set for this teacher."""

    recipe: str
    settings: tuple[str, ...] = ()


def teaching(teacher: str, model: str, url: str) -> Teaching:
    """`model` is a folder or a GGUF file, or at `url` the name that the server knows it by."""
    if teacher == PROGRAM:
        if model or url:
            raise click.UsageError(said("program-has-no-model"))
        return Teaching("demo")
    if not model:
        raise click.UsageError(said("which-model", teacher=teacher))
    plugin = LOCAL if teacher == LOCAL and not url else PAID
    place = str(Path(model).absolute()) if plugin == LOCAL else model
    chosen = {"use": plugin, "model": place, **({"base_url": url} if url else {})}
    return Teaching("demo-teacher", tuple(f"teachers.village.{name}={_quoted(value)}" for name, value in chosen.items()))


def _quoted(value: str) -> str:
    return msgspec.json.encode(value).decode()


def tell_the_price(recipe: Path, settings: Sequence[str], place: Path, caps: Sequence[str]) -> None:
    """What the questions will cost at most. Where that is anything, a cap has to be named."""
    from seodang.ledger.money import format_amounts
    from seodang.plugins.loading import load_plugins
    from seodang.recipes.reading import read_recipe
    from seodang.recipes.resolving import resolve
    from seodang.runs.forecast import forecast

    offers, read = load_plugins(), read_recipe(recipe, settings)
    found = forecast(read, resolve(read, offers), offers, place)
    if found.most_micro:
        most = format_amounts(found.most_micro)
        if not caps:
            raise click.UsageError(said("price-needs-cap", most=most))
        click.echo(said("price", likely=format_amounts(found.likely_micro), most=most), err=True)


class Marks(msgspec.Struct, frozen=True):
    """How often a teacher was right about one subject. Its answers are checked by computation; the filter does not see this."""

    name: str
    right: int
    asked: int


def marks_of(run: Path) -> list[Marks]:
    import seodang
    from seodang_locale_ko import Korean

    from seodang_demo.tasks import TASKS

    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    particle = Korean().particle
    for record in seodang.open_run(run).records("answer"):
        for task in TASKS:
            fact = task.read(record.question)
            if fact is not None:
                asked[task.name] += 1
                right[task.name] += task.given(record.answer) == task.truth(fact, particle)
                break
    return [Marks(name, right[name], count) for name, count in asked.items()]
