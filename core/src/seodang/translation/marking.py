"""Marks: how protected parts stand in a text that is sent, and how what came back is read.

Each part has to come back once and as it was. A text whose parts come back in another order is told of and not refused: languages
order words differently. Only where the order itself means something, as in `%s and %d`, it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from seodang.translation.checks import Finding
from seodang.translation.parts import Part, Prose, parts_in

Marks = Literal["xml", "brackets", "none"]

LONGEST_SHOWN = 40
"""A longer part is not shown to the translator: it would be billed, and no ending depends on how it sounds."""
_SPOKEN = frozenset({"name", "number", "identifier", "file", "mention", "code", "placeholder", "path"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));")
_XML = re.compile(r'<x id="(\d{1,6})"\s*(?:/>|>(.*?)</x>)', re.DOTALL)
_BRACKETS = re.compile(r"⟦\s*(\d{1,6})\s*⟧()")
_POSITIONAL = re.compile(r"%[-+0#]?\d*(?:\.\d+)?l{0,2}[sdifxXgeGcu@]|\{\}")


class Reading(msgspec.Struct, frozen=True):
    """A translation as people read it, and what is wrong with its marks."""

    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        return any(finding.severity == "fail" for finding in self.findings)


class _Damaged(Exception):
    """The marks are not those that were sent."""


def marked(prose: Prose, marks: Marks) -> str:
    """The text as it is sent."""
    if len(prose) == 1 and isinstance(prose[0], str):
        return _escaped(prose[0]) if marks == "xml" else prose[0]
    written, number = [], 0
    for atom in prose:
        if isinstance(atom, str):
            written.append(_escaped(atom) if marks == "xml" else atom)
        else:
            number += 1
            written.append(_mark(atom, number, marks))
    return "".join(written)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if "&" in text or "<" in text or ">" in text else text


def _mark(part: Part, number: int, marks: Marks) -> str:
    if marks == "brackets":
        return f"⟦{number}⟧"
    if is_shown(part):
        return f'<x id="{number}">{_escaped(part.text)}</x>'
    return f'<x id="{number}"/>'


def is_shown(part: Part) -> bool:
    """Whether the translator sees it, because what stands around it may depend on how it sounds (을/를)."""
    return part.kind in _SPOKEN and len(part.text) <= LONGEST_SHOWN


def read(answer: str, prose: Prose, marks: Marks) -> Reading:
    """What came back for this text, with its parts in their places again."""
    parts = parts_in(prose)
    answer = answer.strip()
    if marks == "none" or (marks == "brackets" and not parts and "⟦" not in answer):
        return Reading(answer, () if answer else (Finding("empty"),))
    try:
        text, order = _put_back(answer, parts, marks)
    except _Damaged as damage:
        return Reading("", (Finding("marks", str(damage)),))
    if not text.strip():
        return Reading("", (Finding("empty"),))
    return Reading(text, tuple(_about_order(parts, order)))


def _put_back(answer: str, parts: Sequence[Part], marks: Marks) -> tuple[str, list[int]]:
    """The text and the numbers of its parts in their order. Raises `_Damaged` where they are not each there once."""
    written: list[str] = []
    order: list[int] = []
    end = 0
    for found in (_XML if marks == "xml" else _BRACKETS).finditer(answer):
        written.append(_words(answer[end : found.start()], marks))
        number = int(found[1])
        if not 1 <= number <= len(parts):
            raise _Damaged(f"{found[0]}?")
        part = parts[number - 1]
        if marks == "xml" and _unescaped(found[2] or "") != (part.text if is_shown(part) else ""):
            raise _Damaged(f"{part.text} → {_unescaped(found[2] or '')}")
        written.append(part.text)
        order.append(number)
        end = found.end()
    written.append(_words(answer[end:], marks))
    if (order or parts) and sorted(order) != list(range(1, len(parts) + 1)):
        missing = [parts[number - 1].text for number in range(1, len(parts) + 1) if number not in order]
        doubled = [parts[number - 1].text for number in sorted({*order}) if order.count(number) > 1]
        raise _Damaged("; ".join([f"{text} × 0" for text in missing] + [f"{text} × 2" for text in doubled]))
    return "".join(written), order


def _words(text: str, marks: Marks) -> str:
    if marks == "brackets":
        if "⟦" in text or "⟧" in text:
            raise _Damaged(text[:80])
        return text
    return _unescaped(text)


def _unescaped(text: str) -> str:
    """XML as text. Strict: a sign that ought to be escaped is a sign that the translator did not see what we sent."""
    if "<" not in text and "&" not in text:
        return text
    if "<" in text or "&" in _ENTITY.sub("", text):
        raise _Damaged(text[:80])
    return _ENTITY.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    if found[1]:
        return _ENTITIES[found[1]]
    code = int(found[2]) if found[2] else int(found[3], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _Damaged(found[0])
    return chr(code)


def _about_order(parts: Sequence[Part], order: Sequence[int]) -> list[Finding]:
    if len(parts) < 2:
        return []
    before, after = [part.text for part in parts], [parts[number - 1].text for number in order]
    if before == after:
        return []
    places = [[text for text in texts if _POSITIONAL.fullmatch(text)] for texts in (before, after)]
    severity: Literal["fail", "warn"] = "warn" if places[0] == places[1] else "fail"
    first = next(number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new)
    return [Finding("mark-order", f"{before[first]} → {after[first]}", severity)]
