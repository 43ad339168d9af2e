"""Rows for people: what a spreadsheet would take for a formula is made text by an apostrophe before it.

Never for data that goes on to a program: the apostrophe changes the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Full-width signs too: Korean and Japanese spreadsheets read ＝1+1 as =1+1.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


def guarded(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its texts, and the names of its columns, fit to be opened in a spreadsheet. Numbers stay numbers."""
    return {defused(name): defused(value) if isinstance(value, str) else value for name, value in row.items()}


def defused(text: str) -> str:
    """The text with an apostrophe where it begins as a formula does; `-1.5` is a number and stays."""
    if text.startswith(_STARTS_A_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def fused(text: str) -> str:
    """What `defused` made of a text, as it was."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS_A_FORMULA) else text
