"""The items of a task: from the published TSVs, from files with the hub's columns, or from the hub's set itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import seodang

from seodang_kobest.tasks import CAUSE, EFFECT, Document, Task

if TYPE_CHECKING:
    from seodang_kobest import Kobest

SPLITS = {"train": ("train",), "validation": ("dev", "validation"), "test": ("test",), "test_originated": ("test_originated",)}
"""A split, and what its file may be called."""
ORIGINATED = {"sentence": "Text_origin"}
"""SentiNeg's test file also holds the sentences before they were turned into their opposite: a split of its own on the hub."""
HUB = "hub"
_Located = tuple[str, Mapping[str, Any]]


def documents(options: Kobest.Options, task: Task, split: str, context: seodang.Context) -> list[Document]:
    """All items of a split, in the order of its file. A benchmark that lacks an item is another one: any bad row stops it."""
    if options.hub:
        return _checked(task, _hub_rows(options, task, split, context), _plain(task), "label", HUB)
    folder = context.place(options.path)
    if not folder.is_dir():
        raise seodang.DataError("seodang_kobest:no-folder", path=str(folder))
    originated = split == "test_originated" and task.name == "sentineg"
    file = _file(folder, task, "test" if originated and not _file(folder, task, split) else split)
    if file is None:
        expected = [f"{task.folder}/{name}.tsv" for name in SPLITS[split]]
        raise seodang.DataError("seodang_kobest:no-file", path=str(folder), task=task.name, split=split, expected=expected)
    if file.suffix != ".tsv":
        rows = ((row.where, row.values) for row in context.rows(file))
        return _checked(task, rows, _plain(task), "label", str(file))
    if originated and file.stem == "test":
        return _checked(task, _tsv(file, task), ORIGINATED, "Label_origin", str(file))
    return _checked(task, _tsv(file, task), task.columns, task.label_column, str(file))


def _plain(task: Task) -> dict[str, str]:
    return {name: name for name in task.columns}


def _file(folder: Path, task: Task, split: str) -> Path | None:
    """The TSV where there is one, else another file of that name. Capitals do not count in the name of a task's folder."""
    places = [place for place in sorted(folder.iterdir()) if place.is_dir() and place.name.lower() == task.name]
    found = [file for place in places for name in SPLITS[split] for file in sorted(place.glob(f"{name}.*")) if file.is_file()]
    return min(found, key=lambda file: (file.suffix != ".tsv", file.name), default=None)


def _tsv(file: Path, task: Task) -> Iterator[_Located]:
    """Tabs and lines and nothing else: no cell is quoted, and blanks at the end of one are part of the question."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise seodang.DataError("seodang_kobest:encoding", path=str(file), error=str(error)) from error
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    header = lines[0].split("\t")
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(header):
            if not line and number == len(lines):
                return
            raise seodang.DataError(
                "seodang_kobest:cells", where=f"{file}:{number}", found=len(cells), expected=len(header), task=task.name
            )
        yield f"{file}:{number}", dict(zip(header, cells, strict=True))


def _hub_rows(options: Kobest.Options, task: Task, split: str, context: seodang.Context) -> Iterator[_Located]:
    try:
        import datasets
    except ImportError as error:
        raise seodang.DataError("seodang_kobest:no-datasets") from error
    name = str(context.place(options.hub)) if options.hub.startswith(("./", "../", "/", "~")) else options.hub
    try:
        rows = datasets.load_dataset(name, task.name, split=split, revision=options.revision or None)
    except Exception as error:  # whatever the library trips over is what is told
        detail = str(error).strip().partition("\n")[0] or type(error).__name__
        raise seodang.DataError("seodang_kobest:not-loaded", name=name, task=task.name, split=split, error=detail) from error
    for number, row in enumerate(rows):
        yield f"{name}/{task.name}/{split}:{number + 1}", row


def _checked(task: Task, rows: Iterator[_Located], columns: Mapping[str, str], label: str, source: str) -> list[Document]:
    given = [(where, {name: "" if value is None else str(value) for name, value in row.items()}) for where, row in rows]
    if not given:
        raise seodang.DataError("seodang_kobest:empty-file", path=source)
    known = [*given[0][1]]
    if missing := [column for column in (*columns.values(), label) if column not in known]:
        raise seodang.DataError("seodang_kobest:columns", path=source, task=task.name, missing=missing, known=known)
    spellings = task.labels if label != "label" or task.label_column == "label" else {str(n): n for n in range(task.size)}
    _check_labels(task, given, columns, label, spellings, source)
    found = []
    for index, (where, row) in enumerate(given):
        values = {name: row[column] for name, column in columns.items()}
        if empty := [column for name, column in columns.items() if not values[name].strip()]:
            raise seodang.DataError("seodang_kobest:empty-cell", where=where, column=empty[0])
        if task.name == "copa" and values["question"].strip() not in (CAUSE, EFFECT):
            raise seodang.DataError(
                "seodang_kobest:bad-value",
                where=where,
                column=columns["question"],
                value=values["question"],
                known=[CAUSE, EFFECT],
            )
        found.append(Document(index, values, spellings[row[label].strip()]))
    return found


def _check_labels(
    task: Task,
    rows: Sequence[tuple[str, Mapping[str, str]]],
    columns: Mapping[str, str],
    label: str,
    spellings: Mapping[str, int],
    source: str,
) -> None:
    """Every label has to be one of the task's. What can be told about a file whose labels are not is told."""
    bad = [(where, row[label]) for where, row in rows if row[label].strip() not in spellings]
    if not bad:
        return
    for column in columns.values():
        if all(row[column].strip() in spellings for _, row in rows):
            raise seodang.DataError("seodang_kobest:swapped", path=source, column=label, other=column)
    where, value = bad[0]
    if len(bad) < len(rows):
        raise seodang.DataError(
            "seodang_kobest:mixed-labels", where=where, column=label, value=value, count=len(bad), known=[*spellings]
        )
    raise seodang.DataError("seodang_kobest:bad-value", where=where, column=label, value=value, known=[*spellings])
