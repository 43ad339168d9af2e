"""Fills a JSON Schema, so that a lesson that asks for one gets an answer that fits: a function of schema and prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from seodang_openai.mock_answers import word

DEEPEST = 12
"""A schema that refers to itself ends here: a list in it is empty, and what is not required is left out long before."""


def filled(schema: Any, key: str) -> Any:
    """A value of the schema. `pattern`, `format` and `not` are beyond it: a test that needs those says so in a file of answers."""
    return _value(schema, key, schema, 0)


def _value(schema: Any, key: str, root: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping):
        return word(key)
    schema = _followed(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][_draw(key) % len(schema["enum"])]
    for joined in ("anyOf", "oneOf"):
        if schema.get(joined):
            choices = schema[joined]
            # At the end of the rope the choice is what needs no further step, which in a list that refers to itself is null.
            chosen = choices[-1] if depth > DEEPEST else choices[_draw(key) % len(choices)]
            return _value(chosen, key, root, depth + 1)
    if schema.get("allOf"):
        return _value(_merged(schema["allOf"], root), key, root, depth + 1)
    return _of_type(schema, key, root, depth)


def _of_type(schema: Mapping[str, Any], key: str, root: Any, depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if kind == "object":
        properties = schema.get("properties", {})
        wanted = schema.get("required", ()) if depth > 2 else properties
        return {name: _value(properties.get(name, {}), f"{key}\0{name}", root, depth + 1) for name in wanted}
    if kind == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
        count = least if depth > DEEPEST else max(least, min(most, 1 + _draw(key) % 3))
        return [_value(schema.get("items", {}), f"{key}\0{index}", root, depth + 1) for index in range(count)]
    if kind in ("integer", "number"):
        least, most = schema.get("minimum", 0), schema.get("maximum", schema.get("minimum", 0) + 10)
        return least + _draw(key) % (int(most - least) + 1)
    if kind == "boolean":
        return bool(_draw(key) % 2)
    return None if kind == "null" else _text(schema, key)


def _text(schema: Mapping[str, Any], key: str) -> str:
    text = f"{word(key)} {word(key + '2')}"
    while len(text) < schema.get("minLength", 0):
        text += " " + word(text)
    return text[: schema.get("maxLength", len(text))]


def _followed(schema: Mapping[str, Any], root: Any) -> Mapping[str, Any]:
    seen = 0
    while isinstance(reference := schema.get("$ref"), str) and reference.startswith("#") and seen < DEEPEST:
        seen += 1
        found = root
        for step in reference.removeprefix("#").strip("/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")] if step else found
        schema = found
    return schema


def _merged(parts: list[Any], root: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        told = dict(_followed(part, root))
        told["properties"] = {**whole.get("properties", {}), **told.get("properties", {})}
        told["required"] = [*whole.get("required", ()), *told.get("required", ())]
        whole |= told
    return whole


def _draw(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
