"""`seodang detect`: whether a text carries the watermark of a student of this machine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
import msgspec
import seodang
from seodang.wording import render

from seodang_local.watermark import DETECTED_BELOW, PUBLISHED_KEY, Detector, Watermark


def said(code: str, **facts: object) -> str:
    return render(f"seodang_local:{code}", facts)


@click.command("detect", help=said("detect-help"))
@click.argument("text", required=False)
@click.option("--file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path), help=said("detect-file"))
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True, help=said("detect-model"))
@click.option(
    "--greenlist-ratio",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.25,
    show_default=True,
    help=said("detect-ratio"),
)
@click.option("--key", default=PUBLISHED_KEY, show_default=True, help=said("detect-key"))
@click.option("--json", "as_json", is_flag=True, help=said("detect-json"))
def command(text: str | None, file: Path | None, model: Path, greenlist_ratio: float, key: str, as_json: bool) -> None:
    if (text is None) == (file is None):
        raise click.UsageError(said("detect-one"))
    try:
        watermark = Watermark(greenlist_ratio=greenlist_ratio, key=key)
        number = watermark.number(_secret)
    except ValueError:
        raise click.UsageError(said("detect-bad-key")) from None
    found = Detector(_folder(model), watermark, number).detect(_read(file) if file is not None else text or "")
    if as_json:
        click.echo(json.dumps({**msgspec.structs.asdict(found), "detected": found.detected, "threshold": DETECTED_BELOW}))
        return
    share = found.green / found.scored
    click.echo(said("detect-counted", share=share, expected=greenlist_ratio, scored=found.scored, green=found.green))
    click.echo(said("detect-z", z=found.z, p=f"{found.p:.3g}"))
    click.echo(said("detect-found" if found.detected else "detect-not-found", limit=f"{DETECTED_BELOW:g}"))


def _read(file: Path) -> str:
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise seodang.DataError("seodang_local:not-utf8", path=str(file)) from None


def _folder(model: Path) -> Path:
    """The model's folder: itself, or that of the student that a run trained last."""
    folder: object = str(model)
    if (model / "lock.toml").is_file():
        from seodang.serving.desk import students_of_run

        folder = students_of_run(model)["student"].options.get("path")
    if not isinstance(folder, str) or not (Path(folder) / "config.json").is_file():
        raise seodang.DataError("seodang_local:no-model", path=str(model))
    return Path(folder)


def _secret(reference: str) -> str:
    value = os.environ.get(reference.removeprefix("env:"), "").strip()
    if not value:
        raise seodang.MissingSecret(reference)
    return value
