"""Filters for what is Korean by nature: speech levels, particles, spacing, what translations leave behind. One module a filter."""

from __future__ import annotations

import seodang

from seodang_korean_filters.josa import Josa
from seodang_korean_filters.leftovers import Leftovers
from seodang_korean_filters.spacing import Spacing
from seodang_korean_filters.speech_level import SpeechLevel
from seodang_korean_filters.translationese import Translationese

FILTERS: tuple[type[seodang.Filter], ...] = (Josa, Leftovers, Spacing, SpeechLevel, Translationese)
"""Every filter of this plugin."""


@seodang.hookimpl
def register_filters(register: seodang.Register) -> None:
    for offered in FILTERS:
        register(offered)
