"""Finds a Korean noun with its particles: 〈지도〉 stands in 〈지도를〉 and 〈지도입니다〉, but not in 〈지도자〉 or 〈인지도〉.

A particle has to fit the final sound of the noun, so 〈사진가〉, a photographer, is no 〈사진〉. By rule, and so 〈만화가〉, which is
a cartoonist and also 〈만화〉 with a particle, is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from seodang_locale_ko.particles import CONSONANT, NONE, RIEUL, final_sound

_EVERYWHERE = (
    "에서부터|에서는|에서도|에게서|에서|에게|에는|에도|에만|에|의|도|만|까지|부터|마저|조차|처럼|같이|보다|마다|밖에|뿐|대로|만큼|하고|한테"
    "|께서|께|들|입니다|입니까|이었습니다|이었다|이에요|인데요|인데|인지|인가요|인가|이지만|이지|이므로|이기|이거나|인"
)
_AFTER_CONSONANT = (
    "은커녕|은|이나|이든지|이든|이라도|이라는|이라고|이라서|이라면|이라|이란|이랑|이며|이고|이여|이요|이다|이야|이|을|과"
)
_AFTER_VOWEL = "는커녕|는|나|든지|든|라도|라는|라고|라서|라면|라|란|랑|며|고|여|요|다|야|가|를|와|예요|였습니다|였다"
_TO = {CONSONANT: "으로부터|으로서|으로써|으로", RIEUL: "로부터|로서|로써|로", NONE: "로부터|로서|로써|로"}
_EDGE = "가-힣A-Za-z0-9_"


def mentioned(text: str, words: Iterable[str]) -> list[str]:
    """Which of the words stand in the text as words, with or without particles."""
    folded = text.casefold()
    return [word for word in words if word.casefold() in folded and _pattern(word).search(text)]


@cache
def _pattern(word: str) -> re.Pattern[str]:
    sound = final_sound(word)
    own = {CONSONANT: _AFTER_CONSONANT, RIEUL: _AFTER_CONSONANT, NONE: _AFTER_VOWEL}.get(sound, "")
    to = _TO.get(sound, "")
    # Behind the first particle stands another (에서도, 만이라도), after whatever sound that one ends in.
    first = "|".join(part for part in (own, to, _EVERYWHERE) if part)
    more = f"{_AFTER_CONSONANT}|{_AFTER_VOWEL}|{_TO[CONSONANT]}|{_TO[NONE]}|{_EVERYWHERE}"
    return re.compile(rf"(?<![{_EDGE}]){re.escape(word)}(?:(?:{first})(?:{more}){{0,3}})?(?![{_EDGE}])", re.IGNORECASE)
