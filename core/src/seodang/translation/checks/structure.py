"""The shape of a turn: list items, headings, fences, rows of tables, line ends."""

from __future__ import annotations

import re

from seodang.translation.checks.pairs import Finding, Pair

_SHAPES = {
    "list items": re.compile(r"^[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE),
    "headings": re.compile(r"^[ \t>]*#{1,6}[ \t]+\S", re.MULTILINE),
    "fences": re.compile(r"^[ \t>]*(?:`{3,}|~{3,})", re.MULTILINE),
    "rows": re.compile(r"^[ \t>]*\|.*\|[ \t]*$", re.MULTILINE),
}
_SHAPED = re.compile(r"^[ \t>]*[-*+•\d#`~|]", re.MULTILINE)
"""How each of them begins: most turns are plain paragraphs."""


def _is_shaped(text: str) -> bool:
    # Asked of each sign whether a line begins there, where there is but one.
    return (_SHAPED.search(text) if "\n" in text else _SHAPED.match(text)) is not None


def structure(pair: Pair) -> Finding | None:
    """As many of each as in the source, and at most one line end more or less."""
    if _is_shaped(pair.source) or _is_shaped(pair.target):
        for name, shape in _SHAPES.items():
            before, after = (len(shape.findall(text)) for text in (pair.source, pair.target))
            if before != after:
                return Finding("structure", f"{name} {before} → {after}")
    before, after = pair.source.strip().count("\n"), pair.target.strip().count("\n")
    return Finding("structure", f"line ends {before} → {after}") if abs(before - after) > 1 else None
