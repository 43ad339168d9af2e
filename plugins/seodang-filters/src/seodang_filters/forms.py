"""Whether an answer has the form that its question asks for by name: code, questions, a table, another language, so many items.

Only forms that show in the signs of a text. What is asked for without its name (a poem, a plan) has none that could be looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import seodang

from seodang_filters.wanted import Sign, any_word_of, signs_of

_RARE = ("questions", "json")
"""What few answers show that were not asked for it. Brackets, which are signs of code, many do."""
_ITEM = re.compile(r"(?:^|(?<=\s))(?:\d{1,3}[.)]|[-*•·▪○●]\s|[①-⑳])", re.MULTILINE)


class Forms:
    """What a language calls the forms, and how they show. In a language without a list nothing is asked for."""

    def __init__(self, locale: seodang.Locale) -> None:
        self._asked = signs_of("form", locale.language)
        self._shown: Mapping[str, re.Pattern[str]] = {
            sign.name: sign.pattern for language in ("any", locale.language) for sign in signs_of("form-shown", language)
        }
        self._near = any_word_of(self._asked) if self._asked else None
        self._counts: Sequence[tuple[int, re.Pattern[str]]] = [
            (int(sign.name), sign.pattern) for sign in signs_of("form-count", locale.language)
        ]

    def lacking(self, question: str, answer: str) -> str:
        """The name of a form that the question asks for and the answer has no sign of, where it has none of another that is asked for."""
        asked = self._asked_for(question)
        return asked[0].name if asked and not self._any_shown(asked, answer) else ""

    def shown(self, question: str, answer: str) -> bool:
        """Whether the answer has a form that the question asks for, or as many items.

        Fewer or more items prove nothing: many answers count badly.
        """
        rare = [sign for sign in self._asked_for(question) if sign.name in _RARE]
        return self._any_shown(rare, answer) or self._has_as_many(question, answer)

    def _asked_for(self, question: str) -> list[Sign]:
        folded = question.casefold()
        if self._near is None or not self._near.search(folded):
            return []
        return [sign for sign in self._asked if sign.find(question, folded)]

    def _any_shown(self, asked: Sequence[Sign], answer: str) -> bool:
        return any(self._shown[sign.name].search(answer) for sign in asked)

    def _has_as_many(self, question: str, answer: str) -> bool:
        """So many things are asked for, and are listed with marks or numbers."""
        for count, pattern in self._counts:
            if found := pattern.search(question):
                wanted = count or int(found.group(1))
                return wanted > 2 and wanted == len(_ITEM.findall(answer))
        return False
