"""`seodang serve`: talk to a student, by OpenAI's protocol or on a page in the browser."""

from __future__ import annotations

from pathlib import Path

import click
from seodang.wording import render


def said(code: str, /, **facts: object) -> str:
    return render(f"seodang_serve:{code}", facts)


@click.command("serve", help=said("help"))
@click.argument("student", type=click.Path(exists=True, path_type=Path))
@click.option("--template", default="chat", show_default=True, help=said("help-template"))
@click.option("--teacher", is_flag=True, help=said("help-teacher"))
@click.option("--max-cost", "costs", multiple=True, metavar="5USD", help=said("help-max-cost"))
@click.option("--moderate", is_flag=True, help=said("help-moderate"))
@click.option("--moderation-url", help=said("help-moderation-url"))
@click.option("--watermark", is_flag=True, help=said("help-watermark"))
@click.option("--watermark-key", help=said("help-watermark-key"))
@click.option("--device", default="", help=said("help-device"))
@click.option("--max-tokens", type=click.IntRange(1), default=512, show_default=True, help=said("help-max-tokens"))
@click.option("--host", default="127.0.0.1", show_default=True, help=said("help-host"))
@click.option("--port", type=click.IntRange(0, 65535), default=8013, show_default=True, help=said("help-port"))
@click.option("--name", "names", multiple=True, help=said("help-name"))
@click.option("--token", metavar="env:NAME", help=said("help-token"))
@click.option("--browser/--no-browser", default=False, help=said("help-browser"))
@click.option("--json", "as_json", is_flag=True, help=said("help-json"))
def command(
    student: Path,
    template: str,
    teacher: bool,
    costs: tuple[str, ...],
    moderate: bool,
    moderation_url: str | None,
    watermark: bool,
    watermark_key: str | None,
    device: str,
    max_tokens: int,
    host: str,
    port: int,
    names: tuple[str, ...],
    token: str | None,
    browser: bool,
    as_json: bool,
) -> None:
    import asyncio

    from seodang_serve.guarding import Door
    from seodang_serve.serving import Wanted, serve

    if costs and not teacher:
        raise click.UsageError(said("cost-without-teacher"))
    if watermark_key and not watermark_key.startswith("env:") and not watermark_key.isdecimal():
        raise click.UsageError(said("bad-key"))  # it is not repeated in the message: it may be a secret in the wrong place
    wanted = Wanted(
        place=student,
        template=template,
        teacher=teacher,
        costs=costs,
        moderate=moderate or moderation_url is not None,
        moderation_url=moderation_url or "",
        watermark=watermark or watermark_key is not None,
        watermark_key=watermark_key or "",
        device=device,
        max_tokens=max_tokens,
    )
    door = Door.of(host, port, names, token)
    try:
        asyncio.run(serve(wanted, door, browser=browser, as_json=as_json))
    except KeyboardInterrupt:
        # This is how a server is put away.
        click.echo("", err=True)
