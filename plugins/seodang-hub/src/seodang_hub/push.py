"""`seodang push`: a student to the Hugging Face hub, private unless said otherwise, and only when nothing speaks against it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec
import seodang
from seodang.wording import render

from seodang_hub.checking import Asked, files_of, licence_of, problems_of

HUB = "https://huggingface.co"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NoToken(seodang.SeodangError):
    exit_code = 5


class Unreached(seodang.SeodangError):
    exit_code = 6


def said(code: str, **facts: object) -> str:
    return render(f"seodang_hub:{code}", facts)


@click.command("push", help=said("push-help"))
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("step")
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--dry-run", is_flag=True, help=said("push-dry-run"))
@click.option("--public", is_flag=True, help=said("push-public"))
@click.option("--directory", type=click.Path(exists=True, file_okay=False, path_type=Path), help=said("push-directory"))
@click.option("--json", "as_json", is_flag=True)
def command(run: Path, step: str, repository: str, dry_run: bool, public: bool, directory: Path | None, as_json: bool) -> None:
    opened = seodang.open_run(run)
    manifest = opened.manifest(step)
    trained = manifest.trained
    if directory is None and trained is None:
        raise seodang.DataError("seodang_hub:push-not-a-student", step=step, run=str(run))
    place = directory or opened.folder(step) / str(trained.options.get("path", "student") if trained else "")
    asked = Asked(place, repository, manifest.terms, trained.about if trained else {}, str(run), step)
    problems = [said(code, **facts) for code, facts in problems_of(asked)]
    files = {str(path.relative_to(place)): path.stat().st_size for path in files_of(place)}
    kind = "dataset" if trained is None else "model"
    report = {"repository": repository, "kind": kind, "licence": licence_of(place), "files": files, "problems": problems}
    if dry_run:
        _tell(report, public, as_json)
    if problems:
        raise seodang.DataError("seodang_hub:push-refused", repository=repository) if dry_run else _refused(repository, problems)
    if not dry_run:
        url, commit = upload(place, repository, kind, private=not public)
        click.echo(said("push-done", files=len(files), url=url, commit=commit))


def _refused(repository: str, problems: list[str]) -> seodang.DataError:
    error = seodang.DataError("seodang_hub:push-refused", repository=repository)
    for problem in problems:
        error.add_note(problem)
    return error


def _tell(report: dict[str, object], public: bool, as_json: bool) -> None:
    files, problems = report["files"], report["problems"]
    assert isinstance(files, dict) and isinstance(problems, list)
    if as_json:
        click.echo(msgspec.json.encode(report | {"private": not public}).decode())
        return
    visibility = said("push-open" if public else "push-private")
    facts = {name: report[name] for name in ("repository", "kind", "licence")}
    click.echo(said("push-would", **facts, visibility=visibility, files=len(files), bytes=f"{sum(files.values()):,}"))
    for name, size in files.items():
        click.echo(f"  {size:>15,}  {name}")
    for problem in problems or [said("push-fine")]:
        click.echo(problem)


def upload(place: Path, repository: str, kind: str, *, private: bool) -> tuple[str, str]:
    """One commit with all files. What is there already and the same is not sent again: that is huggingface_hub's doing."""
    endpoint = os.environ.get("HF_ENDPOINT", HUB)
    host = urlsplit(endpoint).hostname or endpoint
    if os.environ.get("SEODANG_OFFLINE") and host not in LOOPBACK:
        raise Unreached("seodang_hub:push-offline", host=host)
    # Takes half a second, and a dry run needs nothing of it.
    from huggingface_hub import HfApi, get_token

    token = os.environ.get("HF_TOKEN") or get_token()
    if not token:
        raise NoToken("seodang_hub:push-no-token", host=host)
    api = HfApi(endpoint=endpoint, token=token)
    try:
        api.create_repo(repository, private=private, repo_type=kind, exist_ok=True)
        done = api.upload_folder(folder_path=place, repo_id=repository, repo_type=kind, commit_message="seodang push")
    except Exception as error:  # the hub's answers, the network's and the library's own mean the same: it is not there
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Unreached("seodang_hub:push-failed", host=host, repository=repository, error=text) from error
    return str(done.commit_url), str(done.oid)[:12]
