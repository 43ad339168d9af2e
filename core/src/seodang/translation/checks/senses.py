"""A word of a task that means something else in the translation, as where the odd one of a list became an odd number.

Which words these are is data of the target's locale: for each source language what the source says, and what it must not become.
"""

from __future__ import annotations

import re
from functools import cache

from seodang.translation.checks.pairs import Finding, Pair


def wrong_sense(pair: Pair) -> Finding | None:
    """Only what the locale lists is found: a wrong sense that nobody has written down is not."""
    if pair.target_locale is None:
        return None
    for known in pair.target_locale.translation.mistaken:
        if known.language != pair.source_language:
            continue
        said = _pattern(known.source).search(pair.source)
        became = said and _pattern(known.target).search(pair.target)
        if said and became and not (known.unless and _pattern(known.unless).search(pair.source)):
            return Finding("wrong-sense", f"{said[0]} → {became[0]}")
    return None


@cache
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(written)
