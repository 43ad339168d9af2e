"""How the mock misbehaves on command: each damage spoils a translation in one way, where there is something to spoil."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from seodang.testing.wire_faults import draw

from seodang_deepl.mock_words import word

Damage = Callable[[str, str], str]
"""Of the source and its translation. What comes back as it was could not be damaged this way."""

LEAST_CUT = 6
"""So many characters stay and go at least: less would be no cut that anybody could see."""
_TAG = re.compile(r"<x\b[^>]*?(?:/>|>.*?</x>)", re.DOTALL)
_KEPT = re.compile(r"(<x\b[^>/]*>)([^<]+)(</x>)")
_ENDED = re.compile(r"[.!?…。！？]\W*\Z")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")


def _without_marks(text: str) -> str:
    """The same text with its marks blanked, letter for letter, so that places stay."""
    return _TAG.sub(lambda found: "\0" * len(found[0]), text)


def _drop_tag(source: str, translation: str) -> str:
    return _TAG.sub("", translation, count=1)


def _swap_tags(source: str, translation: str) -> str:
    """The first two marks change their contents: each is there, and each says what belongs to the other."""
    tags = list(_TAG.finditer(translation))
    if len(tags) < 2:
        return translation
    first, second = tags[0], tags[1]
    between = translation[first.end() : second.start()]
    one, other = _renamed(first[0], second[0]), _renamed(second[0], first[0])
    return f"{translation[: first.start()]}{one}{between}{other}{translation[second.end() :]}"


def _renamed(tag: str, other: str) -> str:
    """The mark with the opening of another: its number is the other's, what stands in it is not."""
    identity = re.search(r'id="[^"]*"', other)
    return re.sub(r'id="[^"]*"', identity[0] if identity else "", tag, count=1)


def _translate_code(source: str, translation: str) -> str:
    def spoilt(found: re.Match[str]) -> str:
        return found[1] + _LETTERS.sub(lambda letters: word(letters[0]), found[2]) + found[3]

    return _KEPT.sub(spoilt, translation, count=1)


def _truncate(source: str, translation: str) -> str:
    """Cut in the middle; where a mark stands behind that, in the middle of what follows it: a lost mark is another damage. Only what
    ends a sentence is cut: of half a title nobody can say that it is half.
    """
    if not _ENDED.search(source):
        return translation
    end = _without_marks(translation).rfind("\0") + 1
    place = max(len(translation) // 2, end + (len(translation) - end) // 2)
    return translation[:place] if place >= LEAST_CUT and len(translation) - place >= LEAST_CUT else translation


def _echo(source: str, translation: str) -> str:
    return source


def _alter_number(source: str, translation: str) -> str:
    found = _DIGITS.search(_without_marks(translation))
    if found is None:
        return translation
    altered = str((int(found[0]) + 1) % 10 ** len(found[0])).zfill(len(found[0]))
    return translation[: found.start()] + altered + translation[found.end() :]


def _newlines(source: str, translation: str) -> str:
    """A line break that was not there, or none where one was."""
    plain = _without_marks(translation)
    place = plain.find("\n")
    if place >= 0:
        return f"{translation[:place]} {translation[place + 1 :]}"
    place = plain.find(" ", 1)
    return f"{translation[:place]}\n\n{translation[place + 1 :]}" if 0 < place < len(plain) - 1 else translation


DAMAGES: dict[str, Damage] = {
    "drop-tag": _drop_tag,
    "swap-tags": _swap_tags,
    "translate-code": _translate_code,
    "truncate": _truncate,
    "echo": _echo,
    "alter-number": _alter_number,
    "newlines": _newlines,
}


class Damager:
    """Chooses by seed and text alone, so that every client that sends the same meets the same. Notes what it has really spoilt."""

    def __init__(self, seed: int, shares: Mapping[str, float]) -> None:
        unknown = shares.keys() - DAMAGES.keys()
        if unknown:
            raise ValueError(f"unknown damages {sorted(unknown)}; known are {', '.join(DAMAGES)}")
        if sum(shares.values()) > 1 or min(shares.values(), default=0) < 0:
            raise ValueError("the shares of the damages must be at least 0 and together at most 1")
        self._seed = seed
        self._shares = dict(shares)
        self.done: list[tuple[str, str, str]] = []
        """What was spoilt: the kind, the text, and what came of it."""

    def spoilt(self, source: str, translation: str) -> str:
        left = draw(self._seed, source, 1, "damage")
        for kind, share in self._shares.items():
            left -= share
            if left < 0:
                result = DAMAGES[kind](source, translation)
                if result != translation:
                    self.done.append((kind, source, result))
                return result
        return translation
