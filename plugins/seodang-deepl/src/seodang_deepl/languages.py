"""The languages of DeepL, and what is to be had in which."""

from __future__ import annotations

from itertools import permutations

_CODES = """
ar bg cs da de el en es et fi fr he hu id it ja ko lt lv nb nl pl pt ro ru sk sl sv th tr uk vi zh
"""
LANGUAGES = tuple(_CODES.split())
PAIRS = tuple(permutations(LANGUAGES, 2))
FORMALITY = frozenset({"de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru"})
INSTRUCTIONS = frozenset({"de", "en", "es", "fr", "it", "ja", "ko", "zh"})
"""The target languages that can be told in words how to be written."""
_TARGETS = {"en": "EN-US", "pt": "PT-BR", "zh": "ZH-HANS", "zh-cn": "ZH-HANS", "zh-tw": "ZH-HANT"}
"""As a target these have to be said more exactly; an option `variant` says otherwise."""


def base(code: str) -> str:
    """The language without its region."""
    return code.partition("-")[0].lower()


def source_code(language: str) -> str:
    return base(language).upper()


def target_code(language: str, variant: str) -> str:
    """The code of a target language: the recipe's variant of it, else the usual one."""
    if variant:
        return variant.upper()
    return _TARGETS.get(language.lower(), language.upper())
