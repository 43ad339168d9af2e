"""The right word that is nearest to a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from seodang.wording import Phrase


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of the words, or the only one that begins like it; None when nothing is near enough to be meant."""
    by_form = {_form(candidate): candidate for candidate in sorted(words, reverse=True)}
    wanted = _form(word)
    if close := difflib.get_close_matches(wanted, sorted(by_form), n=1, cutoff=0.6):
        return by_form[close[0]]
    begun = [candidate for form, candidate in by_form.items() if len(wanted) >= 3 and form.startswith(wanted)]
    return begun[0] if len(begun) == 1 else None


def _form(word: str) -> str:
    return word.casefold().replace("_", "-")


def did_you_mean(word: str, words: Iterable[str]) -> Phrase | str:
    """A sentence with the nearest word, else with all of them when they are few, else nothing."""
    choices = sorted(words)
    if found := nearest(word, choices):
        return Phrase("recipes.did-you-mean", {"nearest": found})
    return Phrase("recipes.choices", {"choices": choices}) if 0 < len(choices) <= 20 else ""
