"""What a typed option expects, in words, and where a value does not meet it.

msgspec checks; what it says is for programmers ("Expected `float` <= 1.0 - at `$`") and stops at the first problem, so the
words are made here from the same annotation.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from seodang.wording import Phrase

_LENGTH = {"min_length": "recipes.at-least", "max_length": "recipes.at-most"}
_RANGE = {"ge": "recipes.at-least", "gt": "recipes.above", "le": "recipes.at-most", "lt": "recipes.below"}
_PLAIN = {
    bool: "recipes.a-boolean",
    int: "recipes.an-integer",
    float: "recipes.a-number",
    str: "recipes.a-text",
}


class Fault(msgspec.Struct, frozen=True):
    """A value inside an option that does not fit: the way to it, what it is, and what is expected there."""

    path: str
    value: Any
    expected: Phrase | None
    choices: tuple[str, ...] = ()
    unknown: bool = False
    missing: bool = False


def faults(annotation: Any, value: Any, path: str) -> Iterator[Fault]:
    """Every place in a value that does not meet the annotation, the innermost ones."""
    if fits(annotation, value):
        return
    inner, _ = peel(annotation)
    inside = list(_inside(inner, value, path))
    yield from inside or [Fault(path, value, expectation(annotation), choices(inner))]


def fits(annotation: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError:
        return False
    return True


def peel(annotation: Any) -> tuple[Any, list[msgspec.Meta]]:
    """The type without its `Annotated`, and what was annotated, the outermost first. `None` beside one type is left out."""
    metas: list[msgspec.Meta] = []
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            metas += [meta for meta in arguments[1:] if isinstance(meta, msgspec.Meta)]
            annotation = arguments[0]
        elif origin in (Union, types.UnionType) and len(others := [one for one in arguments if one is not type(None)]) == 1:
            annotation = others[0]
        else:
            return annotation, metas


def choices(annotation: Any) -> tuple[str, ...]:
    """The words to choose from, where there are such."""
    inner, _ = peel(annotation)
    return tuple(str(choice) for choice in get_args(inner)) if get_origin(inner) is Literal else ()


def _inside(annotation: Any, value: Any, path: str) -> Iterator[Fault]:
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if origin in (list, set, frozenset, tuple, Sequence) and isinstance(value, list):
        members: Sequence[Any] = arguments or (Any,)
        if origin is tuple and not (len(members) == 2 and members[1] is ...):
            members = members if len(members) == len(value) else ()
        else:
            members = [members[0]] * len(value)
        for number, (member, one) in enumerate(zip(members, value, strict=False)):
            yield from faults(member, one, f"{path}[{number}]")
    elif origin in (dict, Mapping) and isinstance(value, Mapping) and len(arguments) == 2:
        for key, one in value.items():
            yield from faults(arguments[1], one, f"{path}.{key}")
    elif isinstance(origin, type) and issubclass(origin, msgspec.Struct) and isinstance(value, Mapping):
        yield from _in_struct(origin, value, path)


def _in_struct(struct: type[msgspec.Struct], value: Mapping[str, Any], path: str) -> Iterator[Fault]:
    hints = get_type_hints(struct, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key, one in value.items():
        if key in fields:
            yield from faults(hints[fields[key].name], one, f"{path}.{key}")
        elif struct.__struct_config__.forbid_unknown_fields:
            yield Fault(f"{path}.{key}", one, None, tuple(fields), unknown=True)
    for key, field in fields.items():
        if field.required and key not in value:
            yield Fault(f"{path}.{key}", None, expectation(hints[field.name]), missing=True)


def expectation(annotation: Any) -> Phrase:
    """What the annotation allows, as a part of a sentence: `a number, at least 0 and at most 1`."""
    inner, metas = peel(annotation)
    words = _words(inner)
    for meta in metas:
        words = _bounded(words, meta)
    return words


def _words(annotation: Any) -> Phrase:
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if origin is Literal:
        return Phrase("recipes.one-of", {"choices": [given(choice) for choice in arguments]})
    if origin in (Union, types.UnionType):
        arguments = tuple(argument for argument in arguments if argument is not type(None))  # TOML has no null
        words = expectation(arguments[-1])
        for argument in reversed(arguments[:-1]):
            words = Phrase("recipes.either", {"first": expectation(argument), "second": words})
        return words
    if origin is tuple and arguments and arguments[-1] is not ...:
        return Phrase("recipes.a-list-of-length", {"count": len(arguments)})
    if origin in (list, set, frozenset, tuple, Sequence):
        member = expectation(arguments[0]) if arguments and arguments[0] is not Any else None
        return Phrase("recipes.a-list-of", {"member": member}) if member else Phrase("recipes.a-list")
    if isinstance(origin, type) and issubclass(origin, (dict, Mapping, msgspec.Struct)):
        return Phrase("recipes.a-table")
    if isinstance(origin, type) and origin in _PLAIN:
        return Phrase(_PLAIN[origin])
    return Phrase("recipes.a-value-of", {"type": getattr(annotation, "__name__", str(annotation))})


def _bounded(words: Phrase, meta: msgspec.Meta) -> Phrase:
    if bounds := _bounds(meta, _RANGE):
        words = Phrase("recipes.within", {"what": words, "bounds": bounds})
    if meta.min_length == 1 and meta.max_length is None:
        words = Phrase("recipes.not-empty", {"what": words})
    elif bounds := _bounds(meta, _LENGTH):
        words = Phrase("recipes.long", {"what": words, "bounds": bounds})
    if meta.pattern is not None:
        words = Phrase("recipes.matching", {"what": words, "pattern": meta.pattern})
    return words


def _bounds(meta: msgspec.Meta, codes: Mapping[str, str]) -> Phrase | None:
    found = [Phrase(code, {"limit": getattr(meta, name)}) for name, code in codes.items() if getattr(meta, name) is not None]
    if len(found) == 2:
        return Phrase("recipes.both", {"first": found[0], "second": found[1]})
    return found[0] if found else None


def given(value: Any) -> str:
    """A value as a recipe would write it, short enough for a sentence."""
    if isinstance(value, str):
        text = f"'{value}'"
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
