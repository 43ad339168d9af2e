"""A recipe's text with other values in it: comments, order and everything else stay as people wrote them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from seodang.errors import DataError
from seodang.recipes.lines import Path as Way
from seodang.recipes.lines import Span, headers, value_spans

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def rewritten(text: str, changes: Mapping[Way, Any]) -> str:
    """The text in which these values are other ones, and nothing else. That is checked, not believed."""
    if not changes:
        return text
    text = text.replace("\r\n", "\n")
    wanted = tomllib.loads(text)
    for way, value in changes.items():
        _put(wanted, way, value)
    spans, tables = value_spans(text), headers(text)
    edits: dict[tuple[int, int], str] = {}
    for way, value in changes.items():
        stated = next((way[:length] for length in range(len(way), 0, -1) if way[:length] in spans), None)
        if stated is not None:
            # The option itself, or the inline table around it, which is written anew as a whole.
            span = spans[stated]
            edits[(span.start, span.end)] = f" {_toml(_at(wanted, stated))}{_gap(span)}"
        elif way[:-1] in tables:
            end = tables[way[:-1]]
            edits[(end, end)] = f"{edits.get((end, end), '')}{_key(way[-1])} = {_toml(value)}\n"
    for (start, end), new in sorted(edits.items(), reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    try:
        same = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise DataError("fetching.not-rewritten", options=sorted(".".join(map(str, way)) for way in changes))
    return text


def _gap(span: Span) -> str:
    """What stands between a value and the comment behind it."""
    return "  " if span.comment else ""


def _put(document: dict[str, Any], way: Way, value: Any) -> None:
    place: Any = document
    for key in way[:-1]:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[way[-1]] = deepcopy(value)


def _at(document: dict[str, Any], way: Way) -> Any:
    found: Any = document
    for key in way:
        found = found[key]
    return found


def _key(key: str | int) -> str:
    return str(key) if _BARE.fullmatch(str(key)) else json.dumps(str(key), ensure_ascii=False)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        # A string of JSON is one of TOML, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
