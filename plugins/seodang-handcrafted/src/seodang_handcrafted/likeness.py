"""Which questions are nearly the same as an earlier one: Self-Instruct's measure (ROUGE-L), on the tokens of the language.

Two texts of a and b tokens are alike where their longest common subsequence has more than p per cent of (a + b) / 2 tokens. Then
each shares at least p / (200 - p) of its tokens with the other, so that some of its rarest must be among them: only texts that
share rare tokens are compared, and a file of 50,000 rows needs no 1,250,000,000 comparisons. A text that is like an earlier one is
not compared with later ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

MOST_VISITS = 5_000
"""How many places in the index are looked at for one text. Ordinary files stay far below it; a file of one template with other
words in it would make every text look at all others. Where it is reached the text is compared with those that share its rarest
tokens, and counted in `partly`."""

SHARED = 3
"""So many rare tokens two texts have to share before they are compared. A text so short that it could be like another and share
fewer is like none: one word more or less makes it another question."""


class Alike(msgspec.Struct, frozen=True):
    """Text `number` is like the earlier text `other`."""

    number: int
    other: int
    percent: int


class _Text(msgspec.Struct, frozen=True):
    number: int
    tokens: Sequence[int]
    parity: int


class Likeness:
    """Compares texts with each other. `partly` is how many were not compared with all that could be like them."""

    def __init__(self, percent: int) -> None:
        self._percent = percent
        self.partly = 0

    def find(self, texts: Sequence[Sequence[str]]) -> Iterator[Alike | None]:
        """For each text, in their order, an earlier one that it is like, or None. Very short ones are like no other."""
        names, sets = _numbered(texts)
        counts = Counter(item for items in sets for item in items)
        index: dict[int, list[int]] = {}
        kept: list[_Text] = []
        for number, tokens in enumerate(names):
            found = None
            common = -(-len(tokens) * self._percent // (200 - self._percent))
            if common >= SHARED:
                text = _Text(number, tokens, _parity(sets[number]))
                rare = sorted(sets[number], key=lambda item: (counts[item], item))[: len(tokens) - common + SHARED]
                found = self._earlier(text, rare, index, kept)
                if found is None:
                    for item in rare:
                        index.setdefault(item, []).append(len(kept))
                    kept.append(text)
            yield found

    def _earlier(self, text: _Text, rare: Sequence[int], index: dict[int, list[int]], kept: Sequence[_Text]) -> Alike | None:
        met: Counter[int] = Counter()
        visits = 0
        for item in rare:
            places = index.get(item, ())
            visits += len(places)
            if visits > MOST_VISITS:
                self.partly += 1
                break
            met.update(places)
        likely = [place for place, count in met.items() if count >= SHARED]
        for place in sorted(likely, key=lambda place: (-met[place], place)):
            if common := self._common(text, kept[place]):
                both = len(text.tokens) + len(kept[place].tokens)
                return Alike(text.number, kept[place].number, 200 * common // both)
        return None

    def _common(self, text: _Text, other: _Text) -> int:
        """The length of the longest common subsequence, or 0 where the two are not alike."""
        both = len(text.tokens) + len(other.tokens)
        # Each token that only one of the two has flips one bit, so different bits are at most the different tokens.
        if 100 * (text.parity ^ other.parity).bit_count() > (100 - self._percent) * both:
            return 0
        if 200 * min(len(text.tokens), len(other.tokens)) <= self._percent * both:
            return 0
        common = subsequence(text.tokens, other.tokens)
        return common if 200 * common > self._percent * both else 0


def subsequence(first: Sequence[int], second: Sequence[int]) -> int:
    """The length of the longest common subsequence, a row of the table at a time as one number (Hyyrö 2004)."""
    places: dict[int, int] = {}
    for place, token in enumerate(first):
        places[token] = places.get(token, 0) | 1 << place
    row = full = (1 << len(first)) - 1
    for token in second:
        matches = row & places.get(token, 0)
        row = (row + matches | row - matches) & full
    return len(first) - row.bit_count()


def _numbered(texts: Sequence[Sequence[str]]) -> tuple[list[list[int]], list[list[int]]]:
    """The texts as numbers of tokens, and as sets of (token, occurrence) numbers, so that a token said twice counts twice."""
    token_numbers: dict[str, int] = {}
    item_numbers: dict[tuple[int, int], int] = {}
    names, sets = [], []
    for text in texts:
        tokens = [token_numbers.setdefault(token, len(token_numbers)) for token in text]
        said: Counter[int] = Counter()
        items = []
        for token in tokens:
            said[token] += 1
            items.append(item_numbers.setdefault((token, said[token]), len(item_numbers)))
        names.append(tokens)
        sets.append(items)
    return names, sets


def _parity(items: Sequence[int]) -> int:
    """128 bits, one flipped for each item. By a multiplier, so that neighbouring numbers fall apart, and not by chance."""
    bits = 0
    for item in items:
        bits ^= 1 << (item * 0x9E3779B1 >> 12 & 127)
    return bits
