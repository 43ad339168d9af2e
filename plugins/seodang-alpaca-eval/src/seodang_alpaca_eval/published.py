"""Verdicts that others published: AlpacaEval's annotations, and the reviews of Vicuna's first evaluation; and writing ours as theirs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import seodang

from seodang_alpaca_eval.length_control import Compared, Controlled, Gamed, controlled, is_alpaca_eval


class Annotated(NamedTuple):
    """What AlpacaEval prints of its annotations, in per cent as it does."""

    model: str
    baseline: str
    count: int
    missing: int
    win_rate: float
    standard_error: float
    discrete_win_rate: float
    wins: int
    draws: int
    length_controlled: Controlled | None
    mean_length: float


class Reviewed(NamedTuple):
    """The sums that Vicuna's 92 % is made of."""

    first: float
    second: float
    count: int
    missing: int


def read_rows(path: Path) -> list[Mapping[str, Any]]:
    """JSON, or JSON by line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = (
            json.loads(text)
            if text.lstrip().startswith("[")
            # Not splitlines(): a text may hold what Unicode calls a line end.
            else [json.loads(line) for line in text.split("\n") if line.strip()]
        )
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise seodang.DataError("seodang_alpaca_eval:not-verdicts", path=str(path), detail=str(error)) from None
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise seodang.DataError("seodang_alpaca_eval:not-verdicts", path=str(path), detail="")
    return list(rows)


def annotated(rows: Sequence[Mapping[str, Any]], gamed: Gamed | None = None) -> Annotated:
    """The win rate of `output_2` as AlpacaEval defines it: rows without a preference left out, 0 read as a draw of theirs (1.5)."""
    preferences = [_preference(row) for row in rows]
    known = [(row, value) for row, value in zip(rows, preferences, strict=True) if value is not None]
    if not known:
        raise seodang.DataError("seodang_alpaca_eval:no-preference")
    values = [value - 1 for _, value in known]
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1)) if len(values) > 1 else 0.0
    if gamed is not None and not is_alpaca_eval([str(row.get("instruction", "")) for row in rows]):
        raise seodang.DataError("seodang_alpaca_eval:other-difficulties", count=len(rows))
    lengths = [
        Compared(None if value is None else value - 1, _length(row, "output_1"), _length(row, "output_2"))
        for row, value in zip(rows, preferences, strict=True)
    ]
    rounded = [float(value > 0.5) if value != 0.5 else 0.5 for value in values]
    return Annotated(
        model=str(rows[0].get("generator_2", "")),
        baseline=str(rows[0].get("generator_1", "")),
        count=len(known),
        missing=len(rows) - len(known),
        win_rate=100 * mean,
        standard_error=100 * spread / math.sqrt(len(values)),
        discrete_win_rate=100 * sum(rounded) / len(rounded),
        wins=sum(value > 0.5 for value in values),
        draws=sum(value == 0.5 for value in values),
        length_controlled=controlled(lengths, gamed=gamed),
        mean_length=sum(item.student_length for item in lengths) / len(lengths),
    )


def reviewed(rows: Sequence[Mapping[str, Any]]) -> Reviewed:
    """The sums of both sides. A review that the reviewer's parser could not read has -1 for both and is left out."""
    read = [score for row in rows if (score := _scores(row)) is not None]
    if not read:
        raise seodang.DataError("seodang_alpaca_eval:no-preference")
    return Reviewed(math.fsum(s[0] for s in read), math.fsum(s[1] for s in read), len(read), len(rows) - len(read))


def to_annotations(items: Iterable[Mapping[str, Any]], student: str, baseline: str) -> list[dict[str, Any]]:
    """Items of `alpaca-eval` as AlpacaEval's `annotations.json`: its tools read them. One that has several turns has several rows."""
    wanted = ("instruction", "output_1", "output_2", "dataset", "annotator", "preference")
    return [
        {name: item[name] for name in wanted} | {"generator_1": baseline, "generator_2": student}
        for item in items
        if "preference" in item
    ]


def _scores(row: Mapping[str, Any]) -> tuple[float, float] | None:
    match row.get("score"):
        case [int() | float() as first, int() | float() as second] if min(first, second) >= 0:
            return float(first), float(second)
    return None


def _length(row: Mapping[str, Any], column: str) -> int:
    if not isinstance(text := row.get(column), str):
        raise seodang.DataError("seodang_alpaca_eval:no-output", column=column, instruction=str(row.get("instruction", ""))[:60])
    return len(text)


def _preference(row: Mapping[str, Any]) -> float | None:
    value = row.get("preference")
    if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
        return None
    return 1.5 if value == 0 else float(value) if 1 <= value <= 2 else None
