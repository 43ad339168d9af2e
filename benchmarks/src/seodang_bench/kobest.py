"""KoBEST for a few models: writes a recipe, runs it, and gathers what it measured."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
import seodang
from seodang.runs.engine import run_recipe
from seodang.runs.progress import Progress
from seodang.traffic.clock import SystemClock
from seodang.wording import render

from seodang_bench.kobest_tables import Table, table_of


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured. `models` are directories, GGUF files, or servers as URL#NAME; `data` is a folder with the TSVs."""

    models: tuple[str, ...]
    data: Path
    tasks: tuple[str, ...]
    shots: tuple[int, ...]
    protocols: tuple[str, ...]
    limit: int | None = None
    devices: tuple[str, ...] = ()
    dtype: str = "auto"
    cells: Path
    """A folder that keeps what is finished: the same command goes on from there."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One table a protocol, the scores behind it, and every item."""

    tables: tuple[Table, ...]
    scores: tuple[seodang.Score, ...]
    students: dict[str, Any]
    items: tuple[dict[str, Any], ...]


def measure(wanted: Wanted, *, quiet: bool = False) -> Measured:
    """Raises what a person has to know about as a `SeodangError`; `Interrupted` when it was asked to stop."""
    _refuse_idle(wanted)
    names = _names(wanted.models)
    scores: list[seodang.Score] = []
    items: list[dict[str, Any]] = []
    told: dict[str, Any] = {}
    with _place() as directory:
        recipe = directory / "recipe.toml"
        recipe.write_text(_recipe(wanted, names), encoding="utf-8")
        clock = SystemClock()
        outcome = run_recipe(recipe, directory / "run", progress=Progress(clock, quiet=quiet), clock=clock)
        for protocol in wanted.protocols:
            (place,) = outcome.run.glob(f"*-evaluate-{protocol}")
            found = msgspec.json.decode((place / "scores.json").read_bytes(), type=list[seodang.Score])
            scores += found
            items += _items(place / "items.jsonl", protocol)
        for manifest in outcome.steps:
            told |= manifest.figures.get("students", {})
    tables = tuple(table_of(protocol, scores, list(names), wanted.shots) for protocol in wanted.protocols)
    return Measured(tables=tables, scores=tuple(scores), students=told, items=tuple(items))


@contextmanager
def _place() -> Iterator[Path]:
    """For the run, whose cells are kept elsewhere. Where something went wrong it stays, because the error names its log."""
    place = Path(tempfile.mkdtemp(prefix="seodang-kobest-"))
    try:
        yield place
    except BaseException as error:
        if getattr(error, "__notes__", ()):
            raise
        shutil.rmtree(place)
        raise
    shutil.rmtree(place)


RESERVED = ("base", "newest")
"""What a recipe calls the students of its own training."""


def _names(models: Sequence[str]) -> dict[str, str]:
    """Each model by a name that a recipe can have, in their order: the last part of its path, made one of its own."""
    found: dict[str, str] = {}
    for model in models:
        last = model.rpartition("#")[2].rstrip("/").rpartition("/")[2] or "model"
        plain = re.sub(r"[^\w.-]+", "-", last).strip("-_.") or "model"
        name, number = plain, 2
        while name in found or name in RESERVED:
            name, number = f"{plain}-{number}", number + 1
        found[name] = model
    return found


def _recipe(wanted: Wanted, names: dict[str, str]) -> str:
    parts = [_table("[recipe]", {"name": "kobest", "language": "ko"})]
    parts += [_table(f"[students.{json.dumps(name)}]", _student(model, wanted)) for name, model in names.items()]
    for protocol in wanted.protocols:
        step: dict[str, Any] = {
            "evaluate": "kobest", "name": protocol, "students": list(names), "path": str(wanted.data.absolute()),
            "tasks": list(wanted.tasks), "shots": list(wanted.shots), "protocol": protocol, "cells": str(wanted.cells.absolute()),
        }  # fmt: skip
        parts.append(_table("[[step]]", step | ({"limit": wanted.limit} if wanted.limit else {})))
    return "\n".join(parts)


def _table(header: str, values: dict[str, Any]) -> str:
    # Texts, numbers and lists of them are written alike in JSON and in TOML.
    return "".join((f"{header}\n", *(f"{name} = {json.dumps(value)}\n" for name, value in values.items())))


def _refuse_idle(wanted: Wanted) -> None:
    """An option that none of the models takes is refused: a server computes as it does, and a GGUF file has its own numbers."""
    servers = [_is_server(model) for model in wanted.models]
    own_numbers = [server or _is_gguf(model) for model, server in zip(wanted.models, servers, strict=True)]
    if wanted.dtype != "auto" and all(own_numbers):
        raise click.UsageError(render("seodang_bench:kobest-idle", {"option": "--dtype"}))
    if wanted.devices and all(own_numbers if len(wanted.devices) > 1 else servers):
        raise click.UsageError(render("seodang_bench:kobest-idle", {"option": "--devices"}))


def _is_server(model: str) -> bool:
    return model.startswith(("http://", "https://"))


def _is_gguf(model: str) -> bool:
    return model.lower().endswith(".gguf")


def _student(model: str, wanted: Wanted) -> dict[str, Any]:
    if _is_server(model):
        url, _, name = model.partition("#")
        return {"use": "openai", "base_url": url, "model": name}
    options: dict[str, Any] = {"use": "local", "path": str(Path(model).expanduser().absolute())}
    if not _is_gguf(model):
        options["dtype"] = wanted.dtype
        options |= {"devices": list(wanted.devices)} if len(wanted.devices) > 1 else {}
    return options | ({"device": wanted.devices[0]} if len(wanted.devices) == 1 else {})


def _items(place: Path, protocol: str) -> list[dict[str, Any]]:
    """The items of a step, each with what it was asked as. `index` is its place in the file of its task."""
    if not place.is_file():
        return []
    found = []
    for line in place.read_text(encoding="utf-8").split("\n"):
        if line:
            item = json.loads(line)
            task, shots = item["task"].removesuffix("-shot").split(" ")
            facts = {"model": item["student"], "protocol": protocol, "task": task, "shots": int(shots), "index": item["index"]}
            found.append(facts | item["values"])
    return found
