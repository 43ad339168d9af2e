"""A word of a task that means something else in the translation, as where the odd one of a list became an odd number.

Which words these are is data of the target's locale: for each source language what the source says, and what it must not become.
"""

from __future__ import annotations

from seodang.texts import TranslationNote
from seodang.translation.checks.pairs import Finding, Pair


def wrong_sense(pair: Pair) -> Finding | None:
    """Only what the locale lists is found: a wrong sense that nobody has written down is not."""
    if pair.target_locale is None:
        return None
    note = pair.target_locale.translation
    if not _may_be(note, pair.target):
        return None
    for source, target, unless in note.mistaken_from(pair.source_language):
        became = target.search(pair.target)
        said = became and source.search(pair.source)
        if said and became and not (unless and unless.search(pair.source)):
            return Finding("wrong-sense", f"{said[0]} → {became[0]}")
    return None


def _may_be(note: TranslationNote, text: str) -> bool:
    for pattern in note.mistaken_targets:  # noqa: SIM110  # a generator would cost more than most of the searches
        if pattern.search(text):
            return True
    return False
