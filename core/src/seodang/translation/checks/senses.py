"""A word of a task that means something else in the translation, as where the odd one of a list became an odd number.

Which words these are is data of the target's locale: for each source language what the source says, and what it must not become.
"""

from __future__ import annotations

import re
from functools import cache

from seodang.texts import MistakenWord
from seodang.translation.checks.pairs import Finding, Pair


def wrong_sense(pair: Pair) -> Finding | None:
    """Only what the locale lists is found: a wrong sense that nobody has written down is not."""
    if pair.target_locale is None:
        return None
    mistaken = pair.target_locale.translation.mistaken
    if not any(pattern.search(pair.target) for pattern in _any_of(mistaken)):
        return None
    for known in mistaken:
        if known.language != pair.source_language:
            continue
        became = _pattern(known.target).search(pair.target)
        said = became and _pattern(known.source).search(pair.source)
        if said and became and not (known.unless and _pattern(known.unless).search(pair.source)):
            return Finding("wrong-sense", f"{said[0]} → {became[0]}")
    return None


@cache
def _any_of(mistaken: tuple[MistakenWord, ...]) -> list[re.Pattern[str]]:
    """What any of them becomes: most translations have none. Those that begin with a letter are one expression, because `re` then
    passes over all that begins with none of these."""
    targets = list(dict.fromkeys(known.target for known in mistaken))
    plain = "|".join(target for target in targets if target[0].isalpha() and "|(" not in target)
    return [
        *([re.compile(plain)] if plain else ()),
        *(_pattern(one) for one in targets if not (one[0].isalpha() and "|(" not in one)),
    ]


@cache
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(written)
