"""An answer that fits a schema and says nothing: for a forecast, which reads on where an answer in plain words would stop it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.asking.shapes import referred

WORDS_TOKENS = 60
"""A text in an answer of a given shape is a sentence or two: a judge's reason, say."""
DEEPEST = 16
"""A schema that refers to itself ends here."""


def fitting(schema: Mapping[str, Any], words: str) -> str:
    """JSON of the schema, with `words` wherever any text will do. Only what is required is there."""
    return msgspec.json.encode(_value(schema, schema, words, 0)).decode()


def _value(schema: Any, root: Mapping[str, Any], words: str, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return _value(referred(root, reference), root, words, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for joined in ("anyOf", "oneOf"):
        if schema.get(joined):
            return _value(schema[joined][0], root, words, depth + 1)
    whole: dict[str, Any] = dict(schema)
    for part in schema.get("allOf", ()):
        whole |= part if isinstance(part, Mapping) else {}
    return _of_kind(whole, root, words, depth)


def _of_kind(schema: Mapping[str, Any], root: Mapping[str, Any], words: str, depth: int) -> Any:
    wanted = schema.get("type", "object" if "properties" in schema else "string")
    kind = wanted if isinstance(wanted, str) else wanted[0]
    if kind == "object":
        known = schema.get("properties", {})
        return {name: _value(known.get(name, {}), root, words, depth + 1) for name in schema.get("required", ())}
    if kind == "array":
        return [_value(schema.get("items", {}), root, words, depth + 1) for _ in range(schema.get("minItems", 0))]
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("maximum", 0))
    if kind == "string":
        least, most = schema.get("minLength", 0), schema.get("maxLength", len(words))
        return words[:most].ljust(least, "0")
    return False if kind == "boolean" else None
