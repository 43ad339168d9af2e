"""What a record says under a name: its source, its language, a tag or a column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import seodang

_DATE = re.compile(
    r"\s*(\d{4})\s*(?:[-./]|년)?\s*(\d{1,2})\s*(?:[-./]|월)?\s*(\d{1,2})(?:\s*일)?\.?"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)


def value_of(record: seodang.Record, name: str) -> Any:
    """`source` and `language` are the record's own; else the tag of this name, else the column, else what dots lead to in them."""
    if name in ("source", "language"):
        return getattr(record, name)
    for values in (record.tags, record.columns):
        if name in values:
            return values[name]
    first, _, rest = name.partition(".")
    for values in (record.tags, record.columns):
        if rest and isinstance(values.get(first), dict) and rest in values[first]:
            return values[first][rest]
    return None


def nothing_under(name: str, records: Iterable[seodang.Record]) -> seodang.DataError:
    """No row says anything that can be used under the name: it is misspelt. Tells under which names the first rows say something."""
    known = dict.fromkeys(
        known for record in islice(records, 100) for known in ("source", "language", *record.tags, *record.columns)
    )
    return seodang.DataError("seodang_filters:no-such-value", name=name, known=list(known))


def number_of(value: Any) -> float:
    """The value as a number, NaN where it is none."""
    try:
        return float(value) if isinstance(value, (int, float, str)) else math.nan
    except ValueError:
        return math.nan


def moment_of(value: Any) -> float:
    """Seconds since 1970 of a date, as ISO 8601 or `2023.4.5` have it, or of a number of seconds; NaN where it is neither.

    A date without a zone is taken as UTC: only the order counts.
    """
    if not isinstance(value, str):
        return number_of(value)
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        found = _DATE.match(value)
        if found is None:
            return number_of(value)
        try:
            moment = datetime(*(int(part) for part in found.groups(default="0")))  # type: ignore[arg-type]
        except ValueError:
            return math.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
