"""The shape of a column: found by looking at every value, because a type guessed from the first ones breaks on a later one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pyarrow

_EXACT = 2**53
"""Whole numbers up to here are exact as floating-point numbers."""


class Shape(msgspec.Struct, frozen=True):
    """`kind` is `null`, `text`, `truth`, `whole`, `number`, `list`, `struct`, or `json` for what no Parquet type holds without loss."""

    kind: str
    inner: Shape | None = None
    fields: tuple[tuple[str, Shape], ...] = ()
    inexact: bool = False
    """Whether a whole number is among them that a floating-point number cannot hold."""


NULL = Shape("null")
TEXT = Shape("text")
TRUTH = Shape("truth")
WHOLE = Shape("whole")
LARGE = Shape("whole", inexact=True)
NUMBER = Shape("number")
JSON = Shape("json")


def shape_of(value: Any) -> Shape:
    """The shape of one value."""
    if value is None:
        return NULL
    kind = type(value)
    if kind is str:
        return TEXT
    if kind is bool:
        return TRUTH
    if kind is int:
        if not -(2**63) <= value < 2**63:
            return JSON
        return LARGE if abs(value) > _EXACT else WHOLE
    if kind is float:
        return NUMBER
    if kind is list:
        return Shape("list", inner=shape_of_all(value))
    if kind is dict and value:  # Parquet has no struct without fields
        return Shape("struct", fields=tuple((name, shape_of(inner)) for name, inner in value.items()))
    return JSON


def shape_of_all(values: Iterable[Any]) -> Shape:
    joined = NULL
    for value in values:
        joined = join(joined, shape_of(value))
    return joined


def join(first: Shape, second: Shape) -> Shape:
    """The shape that holds values of both. Objects with other keys have none: a missing key would come back as null."""
    if first is second or first == second:
        return first
    if first.kind == "null":
        return second
    if second.kind == "null":
        return first
    kinds = {first.kind, second.kind}
    if kinds == {"whole"}:
        return LARGE
    if kinds == {"whole", "number"} and not (first.inexact or second.inexact):
        return NUMBER
    if kinds == {"list"}:
        assert first.inner is not None and second.inner is not None
        return Shape("list", inner=join(first.inner, second.inner))
    if kinds == {"struct"} and [name for name, _ in first.fields] == [name for name, _ in second.fields]:
        pairs = zip(first.fields, second.fields, strict=True)
        return Shape("struct", fields=tuple((name, join(one, other)) for (name, one), (_, other) in pairs))
    return JSON


def settled(shape: Shape) -> Shape:
    """The shape of the whole column: JSON where anything in it has no type of its own."""
    return JSON if _has_json(shape) else shape


def _has_json(shape: Shape) -> bool:
    return (
        shape.kind == "json"
        or (shape.inner is not None and _has_json(shape.inner))
        or any(_has_json(inner) for _, inner in shape.fields)
    )


def arrow_type(shape: Shape) -> pyarrow.DataType:
    """The type of Arrow for the shape."""
    import pyarrow

    if shape.kind == "list":
        assert shape.inner is not None
        return pyarrow.list_(arrow_type(shape.inner))
    if shape.kind == "struct":
        return pyarrow.struct([(name, arrow_type(inner)) for name, inner in shape.fields])
    types = {
        "null": pyarrow.null(),
        "text": pyarrow.string(),
        "truth": pyarrow.bool_(),
        "whole": pyarrow.int64(),
        "number": pyarrow.float64(),
        "json": pyarrow.string(),
    }
    return types[shape.kind]
