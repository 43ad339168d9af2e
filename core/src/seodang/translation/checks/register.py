"""The speech level of a turn: the one that was asked for, and one only."""

from __future__ import annotations

from seodang.locales import Locale
from seodang.translation.checks.pairs import Finding, Pair

ROLES = ("", "system", "user", "assistant", "candidates")
"""Whose words are addressed to somebody. What else there is quotes, and quotes as it is."""


def register(pair: Pair) -> Finding | None:
    """The level that the recipe asks for has nine tenths of the sentences that have any."""
    locale = pair.target_locale
    if locale is None or not pair.register or pair.role not in ROLES:
        return None
    asked = level_asked(pair, locale)
    found = locale.speech_level(pair.target)
    return Finding("register", f"{asked} → {found}") if asked and found and found != asked else None


def level_asked(pair: Pair, locale: Locale) -> str:
    """The level that the recipe asks for, or nothing: 〈합쇼체〉 asks for 〈합쇼〉, and 〈해요체〉 not for 〈해〉."""
    return max((level for level in locale.speech_levels if pair.register.startswith(level)), key=len, default="")


def mixed_register(pair: Pair) -> Finding | None:
    """No level has nine tenths: a warning, because a turn may quote a second voice without saying so."""
    locale = pair.target_locale
    if locale is None or not locale.speech_levels or pair.role not in ROLES or pair.register:
        return None
    if locale.speech_level(pair.target) != locale.mixed:
        return None
    counts = locale.speech_counts(pair.target)
    return Finding("mixed-register", ", ".join(f"{level} {count}" for level, count in sorted(counts.items())), "warn")
