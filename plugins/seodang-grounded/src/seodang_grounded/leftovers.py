"""What a post leaves in a text that was made from it: links, contact data, advertising, words about the post and its writers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
import seodang

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"(?i)https?://\S+|\bwww\.[\w-]+\.\S+|\b[\w-]+\.(?:com|net|org|co\.kr|or\.kr|go\.kr)\b")
_MASK = re.compile(r"<[^\W\d_][^<>\s]{0,30}_\d{1,4}>")


class Leftover(msgspec.Struct, frozen=True):
    code: str
    phrase: str


class Leftovers:
    """Looks through a question and its answer. Code is not looked at: an address in it is an example."""

    def __init__(self, locale: seodang.Locale, patterns: Mapping[str, str]) -> None:
        self._locale = locale
        self._patterns = {code: re.compile(pattern) for code, pattern in patterns.items()}

    def find(self, *texts: str) -> Leftover | None:
        """The first that is found: the language's own, then links, then personal data and the masks for it."""
        for text in texts:
            plain = _CODE.sub(" ", text)
            for code, pattern in self._patterns.items():
                if found := pattern.search(plain):
                    return Leftover(code, found[0].strip()[:80])
            if found := _LINK.search(plain):
                return Leftover("link", found[0][:80])
            if found := _MASK.search(plain):
                return Leftover("mask", found[0])
            if places := self._locale.personal_data(plain):
                # What it is and not the data: `seodang forget` finds records, not details.
                return Leftover("personal-data", places[0].kind)
        return None
