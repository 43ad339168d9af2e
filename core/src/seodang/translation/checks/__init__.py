"""The checks on a translation, each a function with a name that a recipe can switch off (`without_checks`).

A check looks at a pair of texts and says what is wrong, or nothing. It changes nothing. What it says `fail` of is translated once
more in a narrower form and then set aside; a `warn` goes with the record as a tag.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from seodang.translation.checks.end import brackets, cut_end
from seodang.translation.checks.length import length, sentences
from seodang.translation.checks.numbers import numbers
from seodang.translation.checks.pairs import Check, Finding, Pair
from seodang.translation.checks.register import mixed_register, register
from seodang.translation.checks.repetition import doubled, repetition
from seodang.translation.checks.residue import echo, residue, script, untranslated
from seodang.translation.checks.senses import wrong_sense
from seodang.translation.checks.structure import structure
from seodang.translation.checks.verbatim import addresses, code, literals

__all__ = ["SEGMENT_CHECKS", "WHOLE_CHECKS", "Check", "Finding", "Pair", "findings", "names"]

SEGMENT_CHECKS: Mapping[str, Check] = {
    "literals": literals,
    "addresses": addresses,
    "code": code,
    "numbers": numbers,
    "length": length,
    "sentences": sentences,
    "echo": echo,
    "untranslated": untranslated,
    "residue": residue,
    "script": script,
    "repetition": repetition,
    "doubled": doubled,
    "cut-end": cut_end,
    "brackets": brackets,
    "wrong-sense": wrong_sense,
}
"""Asked about every piece that was sent: a paragraph, a heading, a list item, a cell."""

WHOLE_CHECKS: Mapping[str, Check] = {
    "structure": structure,
    "addresses": addresses,
    "code": code,
    "repetition": repetition,
    "untranslated": untranslated,
    "register": register,
    "mixed-register": mixed_register,
}
"""Asked about a whole turn, put together again."""


def names() -> list[str]:
    """The names of all checks, as a recipe may write them."""
    return sorted({*SEGMENT_CHECKS, *WHOLE_CHECKS})


def findings(pair: Pair, *, whole: bool, without: Collection[str] = ()) -> list[Finding]:
    """What the checks say of a pair, in their order."""
    return [found for check in _chosen(whole, frozenset(without)) if (found := check(pair)) is not None]


@cache
def _chosen(whole: bool, without: frozenset[str]) -> tuple[Check, ...]:
    return tuple(check for name, check in (WHOLE_CHECKS if whole else SEGMENT_CHECKS).items() if name not in without)
