"""Whether a record is translated at all: what language it is in, and whether its point is that language itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from seodang.locales import Locale
from seodang.records import Record

LOOKED_AT = 2_000
"""Letters enough to tell a language."""
TASK_BEGINNING, TASK_END = 700, 300
"""Where a task is put: at the beginning of a turn, or behind a long text that it is about."""

LocaleOf = Callable[[str], Locale | None]


def language_task(record: Record, locale: Locale | None) -> str:
    """Which task about the language itself the record is, by the pattern of its locale; "" for none."""
    pattern = locale.patterns.get("language-task", "") if locale is not None else ""
    if not pattern:
        return ""
    search = _compiled(pattern).search
    for message in record.messages:
        if message.role == "user":
            text = message.text
            long = len(text) > TASK_BEGINNING + TASK_END
            found = search(text[:TASK_BEGINNING]) or search(text[-TASK_END:]) if long else search(text)
            if found:
                return (found.lastgroup or "language").replace("_", "-")
    return ""


_compiled = lru_cache(maxsize=64)(re.compile)


def is_already(text: str, source: Locale | None, target: Locale | None) -> bool:
    """Whether a text is in the target language and surely not in the source's.

    Without the locales of both it is not known: a script tells English from Korean and not from French.
    """
    if source is None or target is None or source.language == target.language:
        return False
    text = text[:LOOKED_AT]
    return target.is_written_in(text) and not source.is_written_in(text)


def language_of(text: str, said: str, target: str, languages: Sequence[str], locale_of: LocaleOf) -> str:
    """The language of a record: what its source says, unless the recipe names the possible ones and exactly one of them fits."""
    if not languages:
        return said
    text = text[:LOOKED_AT]
    fitting = [language for language in dict.fromkeys((*languages, target)) if _fits(text, locale_of(language))]
    return fitting[0] if len(fitting) == 1 else said


def _fits(text: str, locale: Locale | None) -> bool:
    return locale is not None and locale.is_written_in(text)


def is_same_language(first: str, second: str) -> bool:
    """Whether two codes name one language: `en` and `en-US` do, `zh-Hans` and `zh-Hant` do not."""
    first, second = first.lower(), second.lower()
    return first == second or first == second.partition("-")[0] or first.partition("-")[0] == second
