"""Lists that start again: answers in which a copy lost the numbers of its list."""

from __future__ import annotations

import re

# FastChat's rule: from a line "1. " to another one, with no 2 in between, wherever they stand.
_FASTCHAT = re.compile(r"\n1\. [^2]*\n1\. ")
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)", re.MULTILINE | re.DOTALL)
_FIRST = re.compile(r"1\. ")


def starts_again(text: str) -> bool:
    """As FastChat decides it. Also true of two lists of one item each, and of numbered lines in code."""
    return _FASTCHAT.search(text) is not None


def lost_its_numbers(text: str) -> bool:
    """Whether two items in a row are both the first. Code does not count, nor a list behind a heading or a paragraph."""
    if text.count("1. ") < 2:
        return False
    open_item = False
    for line in _FENCED.sub("", text).split("\n"):
        if _FIRST.match(line):
            if open_item:
                return True
            open_item = True
        elif line and not line[0].isspace():
            open_item = False
    return False
