"""Which language a dialogue is in, as the locales of the named languages say."""

from __future__ import annotations

from collections.abc import Sequence

import seodang

UNDETERMINED = "und"
"""ISO 639's code for a language that nobody knew."""


class Languages:
    """Decides by the named languages in their order, those to be skipped first, the recipe's own at last.

    A locale decides by script and passes over code, so Korean that is full of code is Korean.
    """

    def __init__(self, context: seodang.Context, keep: Sequence[str], skip: Sequence[str]) -> None:
        self._keep = tuple(keep)
        self._skip = tuple(skip)
        self._locales: dict[str, seodang.Locale] = {}
        for language in dict.fromkeys((*skip, *keep, context.language)) if keep or skip else ():
            own = language == context.language
            self._locales[language] = context.locale if own else context.get("locale", language)

    def of(self, text: str) -> str:
        """The language; nothing where no filter is set, and the recipe's is taken to be right."""
        if not self._locales:
            return ""
        return next((name for name, locale in self._locales.items() if locale.is_written_in(text)), UNDETERMINED)

    def refuses(self, language: str) -> str:
        """Why a dialogue in this language is not wanted, or nothing."""
        if language in self._skip:
            return f"the dialogue is in {language}"
        if self._keep and language not in self._keep:
            return f"the dialogue is in none of {', '.join(self._keep)}"
        return ""
