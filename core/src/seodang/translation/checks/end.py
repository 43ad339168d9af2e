"""Where a translation was cut: the end of its last sentence, and what was opened and never closed."""

from __future__ import annotations

import re

from seodang.translation.checks.pairs import Finding, Pair
from seodang.translation.checks.register import level_asked

_ENDS = ".!?…。！？।؟"
_CLOSING = "\"'”’»」』》〉)]}>*_` \t\n"
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("«", "»"))

_BRACKET = re.compile(f"[{re.escape(''.join(map(''.join, _PAIRS)))}]")


def cut_end(pair: Pair) -> Finding | None:
    """The source ends a sentence, and the translation does not: neither by a mark nor, by the locale's rule, by its last words.

    Where the locale says which levels are polite, only these end a sentence without a mark, and the one that was asked for: the
    shorter endings of the others stand inside of words, too, where a text was cut.
    """
    source, target = pair.source.rstrip(_CLOSING), pair.target.rstrip(_CLOSING)
    if not source or source[-1] not in _ENDS or not target or target[-1] in _ENDS:
        return None
    locale = pair.target_locale
    if locale is not None and locale.speech_levels:
        ending = {*(locale.polite_levels or locale.speech_levels), level_asked(pair, locale)}
        if ending & locale.speech_counts(locale.sentences(target)[-1]).keys():
            return None
    return Finding("cut-end", f"{source[-20:]} → {target[-20:]}")


def brackets(pair: Pair) -> Finding | None:
    """Brackets and quotation marks are closed where those of the source are."""
    for opening, closing in _PAIRS if _BRACKET.search(pair.target) else ():
        if pair.target.count(opening) != pair.target.count(closing) and pair.source.count(opening) == pair.source.count(closing):
            return Finding("brackets", f"{opening} × {pair.target.count(opening)}, {closing} × {pair.target.count(closing)}")
    if pair.target.count('"') % 2 and pair.source.count('"') % 2 == 0:
        return Finding("brackets", f'" × {pair.target.count(chr(34))}')
    return None
