"""Which format the rows of a file have, told from their columns; and what a person can do where that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from seodang import DataError, Row

from seodang_instruct_data.formats import BY_NAME, FORMATS

MOST_COLUMNS = 12
_MOST_NEAR = 3


class _Near(msgspec.Struct, frozen=True):
    """A format that a file nearly has, and the columns that it still needs."""

    name: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]


def recognised(rows: Sequence[Row], place: str) -> str:
    """The name of the one format that the first rows of a file have.

    Rows of which none is recognised do not count, as long as half of them are; two formats are never guessed between.
    """
    found = {known.name: sum(known().recognises(row.values) for row in rows) for known in FORMATS}
    fitting = [name for name, fits in found.items() if fits]
    columns = _columns(rows)
    if _is_sharegpt(rows) and "conversations" in columns:
        raise DataError("seodang_instruct_data:sharegpt", place=place)
    if len(fitting) > 1:
        raise DataError("seodang_instruct_data:ambiguous", place=place, formats=fitting, first=fitting[0], second=fitting[1])
    if not fitting or 2 * found[fitting[0]] < len(rows):
        near = _near(columns)
        missing = near[0].missing if near else ()
        raise DataError(
            f"seodang_instruct_data:{'unknown-format' if near else 'unknown-columns'}",
            place=place,
            columns=[*columns[:MOST_COLUMNS], *(["…"] if len(columns) > MOST_COLUMNS else [])],
            near=[f"{each.name} ({', '.join(each.missing)})" if each.missing else each.name for each in near],
            known=[*BY_NAME],
            column=_longest(rows, near[0].needs if near else ()),
            wanted=missing[0] if missing else "instruction",
        )
    return fitting[0]


def check_map(names: Mapping[str, str], rows: Sequence[Row], place: str) -> None:
    """Raises where `map` names a column that is not there, or would put one column in the place of another."""
    columns = _columns(rows)
    for name, wanted in names.items():
        if name not in columns:
            raise DataError("seodang_instruct_data:no-such-column", place=place, column=name, columns=columns[:MOST_COLUMNS])
        if wanted in columns and wanted not in names:
            raise DataError("seodang_instruct_data:column-taken", place=place, column=name, wanted=wanted)


def _columns(rows: Sequence[Row]) -> list[str]:
    return [*dict.fromkeys(name for row in rows for name in row.values)]


def _is_sharegpt(rows: Sequence[Row]) -> bool:
    dialogues = [row.values.get("conversations") for row in rows]
    return any(isinstance(turns, list) and turns and isinstance(turns[0], dict) and "from" in turns[0] for turns in dialogues)


def _longest(rows: Sequence[Row], needs: Sequence[str]) -> str:
    """The column with the longest text in it that is not needed as it is: most likely the question or the answer."""
    lengths: dict[str, int] = {}
    for row in rows:
        for name, value in row.values.items():
            if name not in needs:
                lengths[name] = max(lengths.get(name, 0), len(value) if isinstance(value, str) else 0)
    return max(lengths, key=lambda name: lengths[name], default="question")


def _near(columns: Sequence[str]) -> list[_Near]:
    """The formats that share a column with the file, those that need least first. Capitals do not count."""
    there = {column.casefold() for column in columns}
    found = []
    for known in FORMATS:
        needs = tuple(known.needs or known.columns)
        missing = tuple(name for name in needs if name not in there)
        if len(missing) < len(needs):
            found.append(_Near(known.name, needs, missing))
    return sorted(found, key=lambda each: len(each.missing))[:_MOST_NEAR]
