"""Stays to the byte: protected parts, tags and placeholders, addresses, code."""

from __future__ import annotations

import re
from collections import Counter

from seodang.translation.blocks import blocks_of, may_have_code
from seodang.translation.checks.pairs import Finding, Pair

_EDGE = "A-Za-z0-9_"
# In ASCII alone: a particle may stand right behind it, as in 〈https://example.org/a를〉.
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[!-~]+|www\.[!-~]+|(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_AROUND = ".,;:!?)]}>\"'*_`"
_TAG = re.compile(
    r"</?[A-Za-z][\w:.-]{0,40}(?:\s[^<>]{0,400})?/?>|\{\{[^{}\n]{1,80}\}\}|\$?\{[A-Za-z_]\w{0,60}\}|%\([A-Za-z_]\w{0,60}\)[sdf]"
)
_SPAN = re.compile(r"(?<!`)``?(?!`)([^`\n]{1,1000})``?(?!`)")
# A name that is given a list, a text or a call: a number alone is as often a fact in words, as in 〈Radius = 4〉.
ASSIGNMENT = re.compile(r"^[ \t]*[A-Za-z_][\w.]*[ \t]*[-+*/]?=[ \t]*(?:[\[{\"'‘“]|[A-Za-z_][\w.]*\().*$", re.MULTILINE)
_BLANKS = re.compile(r"\s+")


def literals(pair: Pair) -> Finding | None:
    """Each protected part and each tag stands in the translation as often as in the source."""
    if pair.kept:
        for part, times in Counter(pair.kept).items():
            if part.strip() and _times(part, pair.target) < times:
                return Finding("literals", part)
    return _compared("literals", _tags(pair.source), _tags(pair.target))


def _tags(text: str) -> list[str]:
    return _TAG.findall(text) if "<" in text or "{" in text or "%(" in text else []


def _times(part: str, text: str) -> int:
    """How often it stands there as a whole. A number may lose the blank before its unit: 〈13 cm〉 is 〈13cm〉 in some languages."""
    if part in text and not (_is_word(part[0]) or _is_word(part[-1])):
        return text.count(part)
    written = re.escape(part)
    if part[0].isdecimal():
        written = r"\s?".join(map(re.escape, _BLANKS.split(part)))
    before = f"(?<![{_EDGE}])" if _is_word(part[0]) else ""
    behind = f"(?![{_EDGE}])" if _is_word(part[-1]) else ""
    return len(re.findall(before + written + behind, text))


def _is_word(sign: str) -> bool:
    return sign == "_" or (sign.isascii() and sign.isalnum())


def addresses(pair: Pair) -> Finding | None:
    """URLs and e-mail addresses, none missing, none changed, none new."""
    # Protected ones are what `literals` counts; behind one a bracket may begin without a blank.
    return _compared("addresses", _addresses(pair.open_source), _addresses(pair.open_target))


def _addresses(text: str) -> list[str]:
    if "@" not in text and "://" not in text and "www." not in text:
        return []
    return [found.group().rstrip(_AROUND) for found in _ADDRESS.finditer(text)]


def code(pair: Pair) -> Finding | None:
    """Code in fences, in back quotes, in lines of its own, and what is given a name: byte for byte."""
    found = _compared("code", _spans(pair.source), _spans(pair.target))
    if found is not None:
        return found
    blocks = _code_in(pair.source) if pair.code is None else pair.code
    lines = [line.strip() for line in ASSIGNMENT.findall(pair.source)] if "=" in pair.source else []
    return next((Finding("code", _first_line(each)) for each in (*blocks, *lines) if each.strip() not in pair.target), None)


def _code_in(text: str) -> list[str]:
    return [block.lines[0] for block in blocks_of(text) if block.kind == "code"] if may_have_code(text) else []


def _spans(text: str) -> list[str]:
    return _SPAN.findall(text) if "`" in text else []


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _compared(name: str, source: list[str], target: list[str]) -> Finding | None:
    if source == target:
        return None
    before, after = Counter(source), Counter(target)
    missing, new = before - after, after - before
    if not missing and not new:
        return None
    return Finding(name, " → ".join(" ".join(list(part)[:3]) or "∅" for part in (missing, new)))
