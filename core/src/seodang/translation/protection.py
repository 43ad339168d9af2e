"""Inline protection: the parts of a paragraph that stay as they are. Rule after rule, each on what those before it have left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from seodang.translation.parts import Part, Prose
from seodang.translation.rules import RULES, SIGNED, SIGNS, Rule


class Protection:
    """Finds the parts of a paragraph. `names` are those of a glossary, which stay as they are."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
        # Behind code, whose names are code.
        self._rules = (*RULES[:2], Rule("name", self._has_name, self._find_names), *RULES[2:]) if self._names else RULES
        self._without_signs = tuple(rule for rule in self._rules if rule.kind not in SIGNED)

    def parts_of(self, text: str) -> Prose:
        """The text in words and parts."""
        atoms: list[str | Part] = [text]
        for rule in self._rules if SIGNS.search(text) else self._without_signs:
            if rule.asked(text):
                atoms = [part for atom in atoms for part in _split(atom, rule)] if len(atoms) > 1 else _split(atoms[0], rule)
        return tuple(atoms)

    def _has_name(self, text: str) -> bool:
        return any(name in text for name in self._names)

    def _find_names(self, text: str) -> Iterator[tuple[int, int]]:
        """Only those that stand in the text are looked for as words: a glossary may have thousands."""
        present = [_bounded(name) for name in self._names if name in text]
        return (found.span() for found in re.finditer("|".join(present), text)) if present else iter(())


def _split(atom: str | Part, rule: Rule) -> list[str | Part]:
    if isinstance(atom, Part):
        return [atom]
    found: list[str | Part] = []
    end = 0
    for start, stop in rule.find(atom):
        if stop > start >= end:
            if start > end:
                found.append(atom[end:start])
            found.append(Part(atom[start:stop], rule.kind))
            end = stop
    if end < len(atom) or not found:
        found.append(atom[end:])
    return found


def _bounded(name: str) -> str:
    """A name as a word of its own. Behind letters of another script, a particle may follow: Docker에서."""
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() and name[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + behind


def count_kinds(prose: Prose, counts: dict[str, int]) -> None:
    """Adds the parts to the figures of the step."""
    for atom in prose:
        if isinstance(atom, Part):
            counts[atom.kind] = counts.get(atom.kind, 0) + 1


def names_in(glossary: Mapping[str, str]) -> list[str]:
    """The names that stay: a row whose target is its source."""
    return [source for source, target in glossary.items() if source == target]
