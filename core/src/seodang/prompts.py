"""Prompts: texts with places in braces, of a lesson, of a locale, or of the user's own file."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from seodang.errors import DataError
from seodang.recipes.nearest import nearest

_PLACE = re.compile(r"\{([a-z][a-z0-9_-]*)\}")


class Prompt:
    """A text and the places in it that are filled in: `Prompt("{question}에 답하세요", needs=("question",))`.

    Other braces, such as those of JSON or LaTeX, are text. Refused is a prompt without a place that it `needs`, and one with a
    place that is almost one of `needs` or `offers`, which is a spelling error.
    """

    def __init__(self, text: str, *, needs: Collection[str] = (), offers: Collection[str] = (), where: str = "") -> None:
        known = {*needs, *offers}
        found = {match[1] for match in _PLACE.finditer(text)}
        for place in sorted(found - known):
            if meant := nearest(place, known):
                raise DataError("prompts.misspelt-place", where=where, place=f"{{{place}}}", nearest=f"{{{meant}}}")
        if missing := sorted({*needs} - found):
            raise DataError("prompts.missing-place", where=where, places=[f"{{{place}}}" for place in missing])
        self.text = text
        self.places = frozenset(found & known)

    def fill(self, **values: str) -> str:
        """The text with every place filled in, in one go: braces in what is filled in stay what they are."""
        return _PLACE.sub(lambda match: values[match[1]] if match[1] in self.places else match[0], self.text)


def read_prompt(path: Path, *, needs: Collection[str] = (), offers: Collection[str] = ()) -> Prompt:
    """The prompt in the user's file, without the line end that editors put at the end of a file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("prompts.unreadable", path=str(path), error=str(error)) from None
    if not text.strip():
        raise DataError("prompts.empty", path=str(path))
    return Prompt(text.removesuffix("\n"), needs=needs, offers=offers, where=str(path))
