"""Asks CLD2 in which language a text is, for languages that share their letters: what only programs read and names are left out."""

from __future__ import annotations

import re
from collections.abc import Callable

import seodang

LEAST_LETTERS, LEAST_WORDS = 20, 3
"""Of fewer letters, or without some words that begin small, any detector of languages makes what it likes."""
LOOKED_AT = 2000

# A word with a capital that begins no sentence, and titles: Steve Jobs sounds English in every language.
_NAME = re.compile(r"(?<=[a-zß-öø-ÿ,;:’'\"] )[A-ZÀ-ÖØ-Þ][\w’'-]*|\b[A-ZÀ-ÖØ-Þ][\w’'-]*(?: [A-ZÀ-ÖØ-Þ][\w’'-]*)+")
_LETTER = re.compile(r"[^\W\d_]")
_SMALL_WORD = re.compile(r"(?<![\w'’])[a-zß-öø-ÿ][\w'’-]+")


def cld2(step: str) -> Callable[[str], str]:
    """Tells the language of prose by its code, nothing where CLD2 does not rely on it. `step` is who asks."""
    try:
        import pycld2
    except ImportError as error:
        raise seodang.SeodangError("seodang_filters:no-pycld2", step=step) from error

    def language(prose: str) -> str:
        without_names = _NAME.sub(" ", prose[:LOOKED_AT])
        if len(_LETTER.findall(without_names)) < LEAST_LETTERS or len(_SMALL_WORD.findall(without_names)) < LEAST_WORDS:
            return ""
        try:
            reliable, _, found = pycld2.detect(without_names.encode("utf-8", "replace"), bestEffort=False)
        except pycld2.error:  # signs that are no text: controls, lone surrogates
            return ""
        return str(found[0][1]) if reliable else ""

    return language
