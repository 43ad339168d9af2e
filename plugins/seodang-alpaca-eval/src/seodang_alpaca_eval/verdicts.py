"""What a judge's text says: the verdict or the grade in double brackets, as the published prompts ask for it."""

from __future__ import annotations

import re

_VERDICT = re.compile(r"\[\[(A|B|C)\]\]")
_GRADE = re.compile(r"\[\[(\d+(?:\.\d+)?)\]\]")
_BARE_GRADE = re.compile(r"(?<!\[)\[(\d+(?:\.\d+)?)\](?!\])|점수\s*[::]\s*(\d+(?:\.\d+)?)")
LOWEST, HIGHEST = 1, 10
TIE = 0.5
_MEANS = {"A": 1.0, "B": 0.0, "C": TIE}


def verdict_in(text: str) -> float | None:
    """How far the first is better: 1, 0 or, for a tie, 0.5. None where there is no verdict, or two that contradict each other."""
    found = set(_VERDICT.findall(text))
    return _MEANS[found.pop()] if len(found) == 1 else None


def grade_in(text: str) -> float | None:
    """The last grade from 1 to 10: prompts have a judge think first, and the form they ask for may be quoted in the thinking."""
    for pattern in (_GRADE, _BARE_GRADE):
        if found := pattern.findall(text):
            last = found[-1]
            grade = float(last if isinstance(last, str) else next(filter(None, last)))
            return grade if LOWEST <= grade <= HIGHEST else None
    return None


def agreed(first: float, second: float) -> float:
    """A win, or a loss, only where both orders say so."""
    return (side(first) + 1) / 2 if side(first) == side(second) else TIE


def side(value: float) -> int:
    return (value > TIE) - (value < TIE)
