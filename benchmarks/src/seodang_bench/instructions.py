"""Instructions that are made up: Korean or English, about as various as real ones, with variants of earlier rows among them.

A few hundred words of our own and thousands of invented ones, each said about half as often as one that stands twice as far ahead
(Zipf's law). So common words are everywhere, the vocabulary grows with the rows, and some rows are alike without being variants.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Literal

Language = Literal["en", "ko"]

VARIANTS = 0.1
"""So many rows are an earlier one with a word or two changed."""
WORDS = 30_000
"""So many nouns and names there are; those beyond the lists are invented."""
HEAD = 30
"""So many of them are about equally common."""


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("instructions.toml").read_text(encoding="utf-8"))


class Instructions:
    """A source of instructions in one language. The same seed gives the same ones."""

    def __init__(self, language: Language, seed: int = 0) -> None:
        self._random = random.Random(f"{language} {seed}")
        self._language = language
        self._lists = _lists()[language]
        self._tails = self._lists["tails"]
        self._shares = {
            name: list(accumulate(1 / (rank + 10) for rank in range(len(words)))) for name, words in self._lists.items()
        }

    def again(self, seed: str) -> Instructions:
        """The same source, begun anew with another seed: for much less than a source of its own costs."""
        self._random.seed(seed)
        return self

    def rows(self, count: int) -> Iterator[str]:
        """So many instructions, some of them variants of earlier ones."""
        recent: list[str] = []
        for _ in range(count):
            if recent and self._random.random() < VARIANTS:
                yield self.variant(self._random.choice(recent))
                continue
            text = self._one()
            # Any of the earlier rows may come back, and they need not all be remembered for that.
            if len(recent) < 10_000:
                recent.append(text)
            else:
                recent[self._random.randrange(len(recent))] = text
            yield text

    def _one(self) -> str:
        phrases = [self._filled(self._drawn("phrase")) for _ in range(self._random.choice((1, 2, 2, 3, 3, 4)))]
        ask = self._filled(self._drawn("ask"))
        if self._language == "ko":
            return " ".join((*phrases, ask)) + ("" if ask.endswith("?") else ".")
        mark = "?" if ask.startswith(("what", "how", "why", "who", "when", "where")) else "."
        return " ".join((ask[0].upper() + ask[1:], *phrases)) + mark

    def _drawn(self, name: str) -> str:
        if name in self._tails:
            words, rank = self._lists[name], self._rank()
            return words[rank] if rank < len(words) else self._invented(rank) + self._tails[name]
        shares = self._shares[name]
        return self._random.choices(self._lists[name], cum_weights=shares)[0]

    def _filled(self, text: str) -> str:
        while (start := text.find("{")) >= 0:
            end = text.index("}", start)
            slot = text[start + 1 : end]
            text = f"{text[:start]}{self._value(slot)}{text[end + 1 :]}"
        return text

    def _value(self, slot: str) -> str:
        if slot == "number":
            return str(self._random.choice((2, 3, 4, 5, 5, 7, 10, 10, 12, 20, 50, 100)))
        if slot in ("name", "place"):
            return self._invented(self._rank()).capitalize()
        return self._drawn(slot)

    def _rank(self) -> int:
        """Of a word; the first hundred make up a fifth of what is said."""
        return int(HEAD * ((WORDS + HEAD) / HEAD) ** self._random.random()) - HEAD

    def _invented(self, rank: int) -> str:
        """The word of this rank; the commoner, the shorter."""
        syllables = self._lists["syllables"]
        word, rest = "", rank
        while rest or len(word) < 2:
            rest, place = divmod(rest, len(syllables))
            word += syllables[(place + rank) % len(syllables)]
        return word

    def variant(self, text: str) -> str:
        """The text with a word or two changed, left out, moved or added."""
        words = text.split()
        for _ in range(self._random.choice((1, 1, 2))):
            place = self._random.randrange(len(words))
            change = self._random.choice(("other", "none", "twice", "moved"))
            if change == "other":
                words[place] = self._drawn("noun")
            elif change == "none" and len(words) > 2:
                del words[place]
            elif change == "twice":
                words.insert(place, self._drawn("quality"))
            else:
                words.insert(self._random.randrange(len(words)), words.pop(place))
        if self._random.random() < 0.1:
            return self._random.choice(self._lists["around"]).format(text=" ".join(words))
        return " ".join(words)


def instructions(language: Language, count: int, seed: int = 0) -> Sequence[str]:
    return list(Instructions(language, seed).rows(count))
