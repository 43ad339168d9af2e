"""`seodang forget`: removes a row and everything made from it, from the folders of a run and from its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from seodang.errors import DataError
from seodang.files.durable import write_durably
from seodang.files.manifests import Manifest, content_hash, read_manifest, write_manifest
from seodang.files.run_lock import RunLock
from seodang.files.shards import RecordStream, ShardWriter
from seodang.ledger.book import Book
from seodang.ledger.forgetting import forget
from seodang.records import Record
from seodang.runs.directory import SET_ASIDE, RunDirectory
from seodang.runs.fingerprints import fingerprint


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """`students` were trained on what was forgotten: they keep it until they are trained again."""

    records: tuple[str, ...]
    rows: int
    answers: int
    students: tuple[str, ...]


def forget_records(path: Path, ids: Iterable[str] = (), urls: Iterable[str] = ()) -> Forgotten:
    """Removes the records with these ids or urls, and their descendants."""
    with RunLock(path):
        run = RunDirectory.open(path)
        doomed = descendants(run, set(ids), set(urls))
        if not doomed:
            raise DataError("runs.no-such-record", run=str(path), id=", ".join([*ids, *urls]))
        rows = 0
        renamed: dict[str, str] = {}
        students = []
        for folder, manifest in [*run.steps(), *_aside(run)]:
            if manifest.trained is not None:
                students.append(manifest.step)
                continue
            removed, old, new = _rewrite(folder, manifest, doomed, renamed)
            rows += removed
            renamed[old] = new
        answers = 0
        if run.ledger.is_file():
            with Book.open(run.ledger) as book:
                keys = book.keys_of(sorted(doomed))
            answers = forget(run.ledger, keys)
        return Forgotten(records=tuple(sorted(doomed)), rows=rows, answers=answers, students=tuple(students))


def descendants(run: RunDirectory, ids: set[str], urls: set[str]) -> set[str]:
    """The ids of all that was made from these rows, step by step; a side file's rows count like the others."""
    doomed: set[str] = set()
    for folder, manifest in [*run.steps(), *_aside(run)]:
        if manifest.trained is not None or manifest.verb == "evaluate":
            continue
        for record in _all_rows(folder):
            known = record.id in ids or record.id in doomed or doomed.intersection(record.parents)
            if known or urls & {str(record.tags.get("url", "")), str(record.columns.get("url", ""))} - {""}:
                doomed.add(record.id)
    return doomed


def _all_rows(folder: Path) -> Iterable[Record]:
    yield from RecordStream([folder])
    for name in ("dropped.jsonl", "quarantined.jsonl"):
        if (folder / name).is_file():
            for line in (folder / name).read_bytes().splitlines():
                row = msgspec.json.decode(line)
                if "record" in row:
                    yield msgspec.convert(row["record"], Record)


def _aside(run: RunDirectory) -> list[tuple[Path, Manifest]]:
    place = run.path / SET_ASIDE
    folders = sorted(place.iterdir()) if place.is_dir() else []
    return [(folder, manifest) for folder in folders if (manifest := read_manifest(folder))]


def _rewrite(folder: Path, manifest: Manifest, doomed: set[str], renamed: dict[str, str]) -> tuple[int, str, str]:
    """The folder without the doomed rows, under a fingerprint that fits: what was not touched is not made again."""
    old = content_hash(manifest)
    removed = 0
    shards = manifest.shards
    if manifest.verb != "evaluate":
        kept = [record for record in RecordStream([folder]) if record.id not in doomed]
        removed = sum(shard.rows for shard in manifest.shards) - len(kept)
        if removed:
            for shard in manifest.shards:
                (folder / shard.name).unlink()
            writer = ShardWriter(folder)
            for record in kept:
                writer.write(record)
            shards = writer.close()
    removed += sum(_rewrite_lines(folder / name, doomed) for name in ("dropped.jsonl", "quarantined.jsonl", "used.jsonl"))
    ingredients: dict[str, Any] = dict(manifest.ingredients)
    if "inputs" in ingredients:
        ingredients["inputs"] = [renamed.get(name, name) for name in ingredients["inputs"]]
    changed = msgspec.structs.replace(
        manifest,
        shards=shards,
        ingredients=ingredients,
        inputs=tuple(renamed.get(name, name) for name in manifest.inputs),
        fingerprint=fingerprint(ingredients),
        rows={**manifest.rows, "forgotten": manifest.rows.get("forgotten", 0) + removed},
    )
    write_manifest(folder, changed)
    return removed, old, content_hash(changed)


def _rewrite_lines(place: Path, doomed: set[str]) -> int:
    if not place.is_file():
        return 0
    lines = place.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if not _speaks_of(msgspec.json.decode(line), doomed)]
    if len(kept) < len(lines):
        write_durably(place, b"".join(kept))
    return len(lines) - len(kept)


def _speaks_of(row: dict[str, Any], doomed: set[str]) -> bool:
    return row.get("id") in doomed or row.get("record", {}).get("id") in doomed
