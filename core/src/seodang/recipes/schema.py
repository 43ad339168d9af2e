"""A JSON Schema of recipes with the options of every installed plugin, so that an editor completes and checks them.

Draft 7, because that is what TOML editors read. An editor finds it by the first line of a recipe: `#:schema recipe.schema.json`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from seodang.capabilities import Capability
from seodang.recipes.shape import FITTING_VERBS, TEACHER_KEYS, VERBS, Head, keys_of

if TYPE_CHECKING:
    from seodang.plugins.offers import Offers

Schema = dict[str, Any]


def json_schema(offers: Offers) -> Schema:
    """The schema of a whole recipe. A plugin that two distributions offer stands under `distribution:name` only."""
    definitions: Schema = {}
    head = _object(Head, "recipe", definitions)
    teacher_options = [_object(offer.cls.Options, offer.id, definitions)["properties"] for offer in offers.all("teacher")]
    flat = {key: [options[key] for options in teacher_options if key in options] for key in TEACHER_KEYS}
    step: Schema = {
        "type": "object",
        "description": "One step: a verb that names a plugin, and the plugin's options.",
        "oneOf": [{"required": [verb]} for verb in VERBS],
        "properties": {verb: _plugin_names(offers, kind) for verb, kind in VERBS.items()},
        "allOf": [],
    }
    for verb, kind in VERBS.items():
        for name, cls in _named(offers, kind):
            step["allOf"].append(
                {
                    "if": {"properties": {verb: {"const": name}}, "required": [verb]},
                    "then": _step_of(verb, name, cls, flat, definitions),
                }
            )
    properties = {
        "recipe": head,
        "step": {"type": "array", "items": step, "minItems": 1},
        "teachers": {"type": "object", "additionalProperties": _cast(offers, "teacher", definitions)},
        "students": {"type": "object", "additionalProperties": _cast(offers, "student", definitions)},
        "rates": {"type": "object", "patternProperties": {"^[A-Z]{3}-[A-Z]{3}$": {"type": "number", "exclusiveMinimum": 0}}},
        "scales": {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "description": "Settings of one size, by its name.",
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A seodang recipe",
        "type": "object",
        "required": ["recipe", "step"],
        "additionalProperties": False,
        "properties": properties,
        "definitions": definitions,
    }


def _named(offers: Offers, kind: str) -> list[tuple[str, type[Capability]]]:
    found = offers.all(kind)
    names = [offer.name for offer in found]
    short = [(offer.name, offer.cls) for offer in found if names.count(offer.name) == 1]
    return short + [(f"{offer.distribution}:{offer.name}", offer.cls) for offer in found]


def _plugin_names(offers: Offers, kind: str) -> Schema:
    return {
        "type": "string",
        "enum": [name for name, _ in _named(offers, kind)],
        "description": f"Which {kind} works in this step.",
    }


def _step_of(verb: str, name: str, cls: type[Capability], flat: Schema, definitions: Schema) -> Schema:
    own = _object(cls.Options, f"{verb}.{name}", definitions)
    common = {
        key: _inlined(annotation, key, definitions)
        for key, annotation in keys_of(verb).items()
        if verb in FITTING_VERBS.get(key, VERBS)
    }
    asked = {key: {"anyOf": schemas} for key, schemas in flat.items() if schemas} if "teacher" in common else {}
    model = {"model": {"type": "string", "pattern": "^step:"}} if verb in ("train", "evaluate") else {}
    description = {"description": (cls.__doc__ or "").strip().partition("\n")[0]}
    properties = {**asked, **model, **own.get("properties", {}), **common, verb: {"const": name, **description}}
    return {"properties": properties, "required": [verb, *own.get("required", ())], "additionalProperties": False}


def _cast(offers: Offers, kind: str, definitions: Schema) -> Schema:
    cases = []
    for name, cls in _named(offers, kind):
        own = _object(cls.Options, f"{kind}.{name}", definitions)
        properties = {"use": {"const": name}, **own.get("properties", {})}
        cases.append(
            {
                "if": {"properties": {"use": {"const": name}}, "required": ["use"]},
                "then": {"properties": properties, "required": ["use", *own.get("required", ())], "additionalProperties": False},
            }
        )
    return {"type": "object", "required": ["use"], "properties": {"use": _plugin_names(offers, kind)}, "allOf": cases}


def _object(struct: type[msgspec.Struct], prefix: str, definitions: Schema) -> Schema:
    """The schema of a Struct as an object of its own; the Structs inside it become definitions under `prefix`."""
    schema = _inlined(struct, prefix, definitions)
    found: Schema = definitions.pop(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema
    found.pop("title", None)
    return found


def _inlined(annotation: Any, prefix: str, definitions: Schema) -> Schema:
    schema = msgspec.json.schema(annotation)
    parts = schema.pop("$defs", {})
    text = json.dumps({"schema": schema, "parts": parts})
    for name in parts:
        text = text.replace(f'"#/$defs/{name}"', f'"#/definitions/{prefix}.{name}"')
    renamed = json.loads(text)
    definitions.update({f"{prefix}.{name}": part for name, part in renamed["parts"].items()})
    found: Schema = renamed["schema"]
    return found
