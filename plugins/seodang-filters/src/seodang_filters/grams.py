"""Texts as sets of numbers: what is left of each after normalising, and its character n-grams, a whole batch at a time in numpy.

Hashes are computed here and not by Python, whose `hash` differs from process to process.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import numpy

LETTERS, SYLLABLES = 5, 2
"""How long n-grams are where nothing else is said. A syllable of Hangul holds two or three letters, an ideograph a word: with n-grams
of five a changed particle would make another text, and with two all long English texts would look alike."""
WIDE_SHARE = 4
"""A text is one of syllables or ideographs where every fourth sign is: Korean with a product's name or some code in it."""

_SIGNS = 0x110000
_FILLING = numpy.uint32(0xFFFFFFFF)
_STEP = numpy.uint32(0x9E3779B1)
_WIDE = numpy.uint64(0x9E3779B97F4A7C15)
_WIDER = numpy.uint64(0xBF58476D1CE4E5B9)
_HALF = numpy.uint64(32)

Array = numpy.ndarray[Any, Any]


class Grams(msgspec.Struct, frozen=True):
    """A batch of texts. `numbers` are the sets of n-grams of all texts, each sorted, one behind the other; `sizes` says how many
    are whose (none where nothing is left of a text), and `digests` are equal where the normalised texts are."""

    numbers: Array
    sizes: Array
    digests: Array


class Reading:
    """How texts are read: `ignore` any of `case`, `spaces`, `punctuation`; n-grams of `characters` signs, 0 for what fits the script."""

    def __init__(self, characters: int, ignore: Collection[str]) -> None:
        self._characters = characters
        self._case = "case" not in ignore
        self._spaces = "spaces" not in ignore
        self._punctuation = "punctuation" not in ignore
        self._known = numpy.zeros(_SIGNS, dtype=bool)
        self._left_out = numpy.zeros(_SIGNS, dtype=bool)

    def grams(self, texts: Sequence[str]) -> Grams:
        """The texts have to be in their normal form already."""
        signs, lengths = self._signs(texts if self._case else [text.casefold() for text in texts])
        if self._characters:
            characters = numpy.full(len(lengths), self._characters)
        else:
            characters = numpy.where(WIDE_SHARE * _wide_signs(signs, lengths) >= lengths, SYLLABLES, LETTERS)
        signs, lengths = _filled(signs, lengths, characters)
        owners = numpy.repeat(numpy.arange(len(lengths), dtype=numpy.uint32), lengths)
        left = numpy.repeat(numpy.cumsum(lengths).astype(numpy.uint32), lengths)
        left -= numpy.arange(len(signs), dtype=numpy.uint32)
        numbers, sizes = _sets(signs, owners, left, characters)
        return Grams(numbers, sizes, _digests(signs, left, lengths))

    def _signs(self, texts: Sequence[str]) -> tuple[Array, Array]:
        signs = numpy.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
        lengths = numpy.fromiter(map(len, texts), dtype=numpy.int64, count=len(texts))
        if not self._known[signs].all():
            self._learn(numpy.unique(signs))
        left_out = self._left_out[signs]
        if not left_out.any():
            return signs, lengths
        kept = numpy.concatenate(([0], numpy.cumsum(~left_out)))
        ends = numpy.cumsum(lengths)
        return signs[~left_out], kept[ends] - kept[ends - lengths]

    def _learn(self, signs: Array) -> None:
        for sign in signs[~self._known[signs]].tolist():
            self._known[sign] = True
            self._left_out[sign] = self._is_left_out(chr(sign))

    def _is_left_out(self, sign: str) -> bool:
        # Signs that nobody sees (joiners, direction marks) are left out with the blanks.
        category = unicodedata.category(sign)
        if sign.isspace() or category in ("Cf", "Cc"):
            return not self._spaces
        return category[0] == "P" and not self._punctuation


def _digests(signs: Array, left: Array, lengths: Array) -> Array:
    """64 bits for each text, of its signs and their places: two of a million different texts agree once in 40 million times."""
    mixed = left.astype(numpy.uint64)
    mixed <<= _HALF
    mixed |= signs
    mixed *= _WIDE
    mixed ^= mixed >> numpy.uint64(29)
    mixed *= _WIDER
    mixed ^= mixed >> _HALF
    return _sums(mixed, lengths)


def _wide_signs(signs: Array, lengths: Array) -> Array:
    """How many signs of each text are syllables of Hangul, kana or ideographs."""
    # Unsigned: what lies below the block becomes a very large number.
    wide = signs - numpy.uint32(0x2E80) < numpy.uint32(0xD800 - 0x2E80)
    wide |= signs - numpy.uint32(0xF900) < numpy.uint32(0x200)
    wide |= signs - numpy.uint32(0x20000) < numpy.uint32(0x20000)
    return _sums(wide, lengths)


def _sums(values: Array, lengths: Array) -> Array:
    """The sum of the values of each text."""
    sums = numpy.zeros(len(lengths), dtype=numpy.int64 if values.dtype == bool else values.dtype)
    filled = lengths > 0
    if filled.any():
        sums[filled] = numpy.add.reduceat(values, (numpy.cumsum(lengths) - lengths)[filled], dtype=sums.dtype)
    return sums


def _filled(signs: Array, lengths: Array, characters: Array) -> tuple[Array, Array]:
    """Texts shorter than one n-gram are filled up to one, so that they are a set of one; empty ones stay empty."""
    short = (lengths > 0) & (lengths < characters)
    if not short.any():
        return signs, lengths
    wanted = numpy.where(short, characters, lengths)
    shift = numpy.cumsum(wanted) - wanted - (numpy.cumsum(lengths) - lengths)
    filled = numpy.full(int(wanted.sum()), _FILLING)
    filled[numpy.arange(len(signs)) + numpy.repeat(shift, lengths)] = signs
    return filled, wanted


def _sets(signs: Array, owners: Array, left: Array, characters: Array) -> tuple[Array, Array]:
    """The n-grams of each text as a sorted set of 32-bit numbers. `left` says how many signs of its text begin with each."""
    parts = [numpy.zeros(0, dtype=numpy.uint64)]
    for each in numpy.unique(characters).tolist():
        begins = left >= each
        begins &= (characters == each)[owners]
        owned = owners[begins].astype(numpy.uint64)
        owned <<= _HALF
        owned |= _hashed(signs, each)[begins[: max(len(signs) - each + 1, 0)]]
        parts.append(owned)
    owned = numpy.concatenate(parts)
    owned.sort()
    first = numpy.ones(len(owned), dtype=bool)
    numpy.not_equal(owned[1:], owned[:-1], out=first[1:])
    owned = owned[first]
    sizes = numpy.bincount((owned >> _HALF).astype(numpy.int64), minlength=len(characters))
    return owned.astype(numpy.uint32), sizes


def _hashed(signs: Array, characters: int) -> Array:
    """32 bits for every run of so many signs, those across two texts included."""
    count = max(len(signs) - characters + 1, 0)
    numbers = numpy.full(count, _STEP)
    for place in range(characters):
        numbers ^= signs[place : place + count]
        numbers *= _STEP
        numbers ^= numbers >> numpy.uint32(15)
    return numbers
