"""Text from outside, made harmless for a terminal."""

from __future__ import annotations

import re

# C0 and C1 controls, soft hyphen, bidi marks, embeddings and isolates, invisible operators, BOM, tags, lone surrogates.
# ZWNJ and ZWJ (200C, 200D) stay: Persian and emoji need them and they move nothing.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """The text without control and bidi characters. Line breaks and tabs stay."""
    return _HARMFUL.sub("", text.replace("\r\n", "\n"))


def one_line(text: str, most: int = 2_000) -> str:
    """The same on one line, so that data cannot write a line of its own into a message; `…` ends what is cut."""
    shown = printable(_BREAKS.sub(" ", text[: most + 1]))
    return shown if len(text) <= most else shown[:most] + "…"
