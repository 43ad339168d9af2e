"""Columns that came along: what a format keeps of them in a record, and what comes back out of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from seodang import Record


def other_columns(values: Mapping[str, Any], own: Collection[str]) -> dict[str, Any]:
    """What a row has beside the format's own columns."""
    return {name: value for name, value in values.items() if name not in own}


def beside(record: Record, own: Collection[str]) -> dict[str, Any]:
    """What is written beside the format's own columns: the record's, unless they would stand in the place of one of them."""
    return {name: value for name, value in record.columns.items() if name not in own}


def carried(record: Record, name: str) -> Any:
    """What a record brings for a column of this name: its tag, or else the column it came with."""
    return record.tags[name] if name in record.tags else record.columns.get(name)


def tags_of(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The columns of these names as tags, where there is something in them."""
    return {name: values[name] for name in names if values.get(name) is not None}


def yes_or_no(cell: Any) -> Any:
    """What a table's cell says with a word, as JSON has it: 'false' would be as true as any other text. All else as it is."""
    return {"": None, "true": True, "false": False}.get(cell.strip().lower(), cell) if isinstance(cell, str) else cell
