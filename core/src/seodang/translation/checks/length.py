"""Too short or too long: what was left out, and what was added."""

from __future__ import annotations

from collections.abc import Sequence

from seodang.translation.checks.pairs import Finding, Pair


def length(pair: Pair) -> Finding | None:
    """The characters of the translation against those of the source, by the values that the target's locale has for the pair.

    Without values nothing is said: a ratio that is right for one pair of languages is a false alarm for another.
    """
    if pair.target_locale is None:
        return None
    ratio = pair.target_locale.translation.lengths.get(pair.source_language)
    source = pair.open_source.strip()
    if ratio is None or len(source) < ratio.counts_from:
        return None
    found = len(pair.open_target.strip()) / len(source)
    if found < ratio.too_short and len(source) > ratio.fails_from:
        return Finding("length", f"{found:.2f} < {ratio.too_short}")
    if found < ratio.least or found > ratio.most:
        return Finding("length", f"{found:.2f}", "warn")
    return None


def sentences(pair: Pair) -> Finding | None:
    """Fewer sentences: perhaps it was cut where one ended, which nothing else shows. It may also be that two were joined into one; but
    then the next try, which sends them one by one, costs little. Of that a smaller number is a warning only: each came back.
    """
    if pair.source_locale is None or pair.target_locale is None:
        return None
    before = _count(pair.source_locale.sentences(pair.source))
    if before < 2:
        return None
    after = _count(pair.target_locale.sentences(pair.target))
    return Finding("sentences", f"{before} → {after}", "warn" if pair.apart else "fail") if after < before else None


def _count(parts: Sequence[str]) -> int:
    # Nearly all begin with a letter.
    return sum(1 for part in parts if part[:1].isalpha() or any(map(str.isalpha, part)))
