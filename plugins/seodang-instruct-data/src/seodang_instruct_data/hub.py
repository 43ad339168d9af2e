"""Rows of a data set of a hub, or of a directory that lies as one, read with the library `datasets`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import seodang
from seodang import DataError, Row

_SAVED = ("state.json", "dataset_dict.json")
"""What `save_to_disk` leaves; such a directory is opened another way than one of files."""


def is_directory(dataset: str) -> bool:
    """Whether a data set is a directory by the way it is written: what runs must not depend on what happens to lie here."""
    return dataset.startswith(("./", "../", "/", "~"))


def dataset_rows(dataset: str, place: Path, *, config: str, split: str, revision: str, context: seodang.Context) -> Iterator[Row]:
    """The rows of one split, in their order. A cell that JSON cannot hold sets its row aside."""
    try:
        import datasets
    except ModuleNotFoundError as error:
        raise DataError("seodang_instruct_data:needs-datasets", dataset=dataset) from error
    local = is_directory(dataset)
    if local and not place.is_dir():
        raise DataError("seodang_instruct_data:no-directory", dataset=dataset, place=str(place))
    if not local and os.environ.get("SEODANG_OFFLINE") == "1":
        raise DataError("seodang_instruct_data:offline", dataset=dataset)
    try:
        if local and any((place / name).is_file() for name in _SAVED):
            loaded = datasets.load_from_disk(str(place))
            if config:
                raise ValueError("what save_to_disk wrote has no configurations")
            if isinstance(loaded, datasets.DatasetDict):
                loaded = loaded[split]
            elif split not in ("train", str(loaded.split)):
                raise ValueError("it was saved as one split without others")
        else:
            # A directory is read as it lies: nothing of it is copied into a cache where the next run would find the old rows.
            loaded = datasets.load_dataset(
                str(place) if local else dataset, config or None, split=split, revision=revision or None, streaming=local
            )
    except (ValueError, KeyError, OSError, datasets.exceptions.DatasetsError) as error:
        raise DataError("seodang_instruct_data:not-loaded", dataset=dataset, split=split, detail=str(error)) from error
    name = dataset.rstrip("/").rpartition("/")[2]
    for number, values in enumerate(loaded):
        where = f"{name}/{split}[{number}]"
        try:
            yield Row(_plain(values), where)
        except (TypeError, ValueError) as error:
            context.quarantine(where, "not-text", str(error))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON has it: a time as text. Raises for an image and whatever else is no text, number or list."""
    plain: dict[str, Any] = msgspec.to_builtins(values)
    return plain
