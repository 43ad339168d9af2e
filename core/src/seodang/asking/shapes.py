"""Whether an answer has the shape that its request wants: JSON, and JSON as the schema has it.

Many servers take a schema and keep to it now and then. What is checked here are the keywords that their strict modes know; others,
such as `format`, are let pass, for they are hints to the model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

_FENCE = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL | re.IGNORECASE)
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


def without_fence(text: str) -> str:
    """The text inside a code fence where that is all there is: models wrap JSON so unasked."""
    found = _FENCE.match(text)
    return found[1] if found else text


def flaw(text: str, schema: Mapping[str, Any]) -> tuple[str, str]:
    """`bad-json` or `schema-mismatch` and what is wrong, or twice nothing."""
    try:
        value = msgspec.json.decode(without_fence(text))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return "bad-json", str(error)
    wrong = _mismatch(value, schema, schema, "$")
    return ("schema-mismatch", wrong) if wrong else ("", "")


def _mismatch(value: Any, schema: Any, root: Mapping[str, Any], place: str) -> str:
    """Where and how the value is not what the schema wants, or nothing."""
    if not isinstance(schema, Mapping):
        return f"{place}: not allowed" if schema is False else ""
    if isinstance(reference := schema.get("$ref"), str):
        return _mismatch(value, referred(root, reference), root, place)
    for keyword in ("anyOf", "oneOf"):
        choices = schema.get(keyword)
        if isinstance(choices, list) and all(_mismatch(value, choice, root, place) for choice in choices):
            return f"{place}: fits none of {keyword}"
    for part in schema.get("allOf", ()):
        if wrong := _mismatch(value, part, root, place):
            return wrong
    if wrong := _wrong_kind(value, schema, place):
        return wrong
    if isinstance(value, dict):
        return _wrong_object(value, schema, root, place)
    if isinstance(value, list):
        return _wrong_list(value, schema, root, place)
    return _out_of_bounds(value, schema, place)


def _wrong_kind(value: Any, schema: Mapping[str, Any], place: str) -> str:
    wanted = schema.get("type", ())
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    if kinds and not any(_TYPES.get(kind, lambda _: True)(value) for kind in kinds):
        return f"{place}: not of type {' or '.join(kinds)}"
    if "const" in schema and value != schema["const"]:
        return f"{place}: is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place}: {value!r} is none of {schema['enum']!r}"
    return ""


def _wrong_object(value: dict[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> str:
    for name in schema.get("required", ()):
        if name not in value:
            return f"{place}: lacks {name!r}"
    known = schema.get("properties", {})
    for name, part in value.items():
        wanted = known.get(name, schema.get("additionalProperties", True))
        if wrong := _mismatch(part, wanted, root, f"{place}.{name}"):
            return wrong
    return ""


def _wrong_list(value: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> str:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{place}: {len(value)} items"
    for number, part in enumerate(value):
        if wrong := _mismatch(part, schema.get("items", True), root, f"{place}[{number}]"):
            return wrong
    return ""


def _out_of_bounds(value: Any, schema: Mapping[str, Any], place: str) -> str:
    if isinstance(value, str):
        fits = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return "" if fits else f"{place}: {len(value)} characters"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        fits = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return "" if fits else f"{place}: {value} is out of bounds"
    return ""


def referred(root: Mapping[str, Any], reference: str) -> Any:
    """What a reference inside the schema leads to; one that leads nowhere wants nothing."""
    found: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(part, True) if isinstance(found, Mapping) and part else found
    return found
