"""Texts as they are compared with a benchmark: their signs alone, without case, width, blanks, marks and the endings of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy
import seodang

ENDING = "word-ending"
"""The locale's pattern for what may follow a word and be another particle in the next text."""
WORDS_REMEMBERED = 500_000

_INSIDE_CLAUSES = "[](){}<>〈〉*~-_"
"""Brackets and marks of emphasis end no clause: benchmarks point at a word with them."""
_BLANK, _SIGN, _END = 1, 2, 3
_WORD = r"[^\W_]+"
_TOKEN = re.compile(rf"{_WORD}|\n|[^\w\s{re.escape(_INSIDE_CLAUSES)}]+")
_IS_SIGN = re.compile(_WORD)

Array = numpy.ndarray[Any, Any]


class Bare(msgspec.Struct, frozen=True):
    """A batch of texts as one row of signs. `text_of` says whose each sign is; the flags, whether it begins or ends a word or a
    clause. `sizes` are the numbers of signs of the texts."""

    signs: Array
    text_of: Array
    begins_word: Array
    ends_word: Array
    begins_clause: Array
    ends_clause: Array
    sizes: Array


def folded(text: str) -> str:
    """The text in one case and one width."""
    if not text.isascii() and not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text.casefold()


def plain_length(text: str) -> int:
    """The signs of a text, with its endings."""
    return sum(map(len, _IS_SIGN.findall(folded(text))))


def barings(locale: seodang.Locale) -> list[Baring]:
    """The forms in which texts of this language are compared: as they are and, where the locale knows them, without endings."""
    ending = locale.patterns.get(ENDING, "")
    return [Baring(), Baring(ending)] if ending else [Baring()]


class Baring:
    """Takes off what a copied text may have other than its original: all but its letters and digits, and what `ending` matches."""

    def __init__(self, ending: str = "") -> None:
        self._stems = _Stems(ending) if ending else None
        self._classes = numpy.zeros(0x110000, dtype=numpy.uint8)
        """What each code point is; 0 where it has not been met yet."""

    def batch(self, texts: Sequence[str]) -> Bare:
        """The texts have to be folded."""
        if self._stems is not None:
            texts = [self._stems.without_endings(text) for text in texts]
        lengths = numpy.fromiter(map(len, texts), dtype=numpy.int64, count=len(texts)) + 1
        codes = numpy.frombuffer("\n".join((*texts, "")).encode("utf-32-le", "surrogatepass"), dtype=numpy.uint32)
        classes = self._classes[codes]
        if not classes.all():
            self._meet(codes[classes == 0])
            classes = self._classes[codes]
        kept = numpy.flatnonzero(classes == _SIGN)
        owners = numpy.repeat(numpy.arange(len(texts)), lengths)[kept]
        clause = numpy.cumsum(classes == _END)[kept]
        new_word = numpy.ones(len(kept) + 1, dtype=bool)
        new_word[1:-1] = numpy.diff(kept) > 1
        new_clause = numpy.ones(len(kept) + 1, dtype=bool)
        new_clause[1:-1] = numpy.diff(clause) > 0
        return Bare(
            signs=codes[kept],
            text_of=owners,
            begins_word=new_word[:-1],
            ends_word=new_word[1:],
            begins_clause=new_clause[:-1],
            ends_clause=new_clause[1:],
            sizes=numpy.bincount(owners, minlength=len(texts)),
        )

    def _meet(self, codes: Array) -> None:
        for code in numpy.unique(codes).tolist():
            sign = chr(code)
            inside = sign in _INSIDE_CLAUSES or (sign.isspace() and sign != "\n")
            self._classes[code] = _SIGN if _IS_SIGN.fullmatch(sign) else _BLANK if inside or re.match(r"\w", sign) else _END


class _Stems(dict[str, str]):
    """What stands for each word, with the marks around it, in a text without endings. It forgets all when there are too many."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self._ending = re.compile(ending)

    def without_endings(self, text: str) -> str:
        if len(self) > WORDS_REMEMBERED:
            self.clear()
        # No word and no mark goes on behind a blank, and cutting there is three times as fast as looking for each.
        return "".join(map(self.__getitem__, text.replace("\n", " \n ").split(" ")))

    def __missing__(self, chunk: str) -> str:
        word = chunk.rstrip(".,!?")
        if word.isalnum():  # nearly all are one word, with a mark behind it or none
            found = f"{self._ending.sub('', word)} \n" if len(word) < len(chunk) else f"{self._ending.sub('', word)} "
        else:
            found = "".join(map(self._stem, _TOKEN.findall(chunk)))
        self[chunk] = found
        return found

    def _stem(self, token: str) -> str:
        return f"{self._ending.sub('', token)} " if _IS_SIGN.match(token) else "\n"
