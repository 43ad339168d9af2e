"""`seodang skypilot`: a task file with which SkyPilot runs a recipe on spot machines and goes on after a preemption."""

from __future__ import annotations

from pathlib import Path

import click
import seodang
from seodang.wording import render


def said(code: str, **facts: object) -> str:
    return render(f"seodang_skypilot:{code}", facts)


@click.command("skypilot", help=said("help"))
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--bucket", required=True, help=said("help-bucket"))
@click.option("--accelerators", help=said("help-accelerators"))
@click.option("--secret", "secrets", multiple=True, metavar="NAME", help=said("help-secret"))
@click.option(
    "--install", "packages", multiple=True, default=("seodang", "seodang-train"), show_default=True, help=said("help-install")
)
@click.option("--disk", type=click.IntRange(min=1), default=256, show_default=True, help=said("help-disk"))
@click.option("--set", "settings", multiple=True, metavar="STEP.OPTION=VALUE", help=said("help-set"))
def command(
    recipe: Path,
    out: Path,
    bucket: str,
    accelerators: str | None,
    secrets: tuple[str, ...],
    packages: tuple[str, ...],
    disk: int,
    settings: tuple[str, ...],
) -> None:
    from seodang_skypilot.tasks import Task, task_yaml

    task = Task(recipe.name, bucket, accelerators or "", secrets, packages, disk, settings)
    text = task_yaml(task)
    if out.exists():
        raise seodang.DataError("seodang_skypilot:taken", path=str(out))
    out.write_text(text, encoding="utf-8")
    handed = "".join(f" --secret {name}" for name in secrets)
    click.echo(said("written", path=str(out), name=out.name, secrets=handed))
