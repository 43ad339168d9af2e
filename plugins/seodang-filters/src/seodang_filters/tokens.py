"""Into what texts are taken apart before they are compared: words, bigrams, morphemes, what the locale counts, or what rouge_score does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import msgspec
import seodang

TokenKind = Literal["", "rouge", "words", "bigrams", "morphemes"]

_ROUGE = re.compile("[a-z0-9]+")
_CONTENT = frozenset(("NNG", "NNP", "NR", "VV", "VA", "MAG", "XR", "SL", "SH", "SN"))
"""The tags of morphemes that carry the content, in the Sejong tag set: nouns, numerals, verbs, adjectives, adverbs, roots, and words
of other scripts. Endings and particles left in, half of all requests («… 은 무엇인가요?») would be alike."""


class Tokenizer(msgspec.Struct, frozen=True):
    """`split_all` gives the tokens of each text; `about` names it with its version, for the figures."""

    about: str
    split_all: Callable[[Sequence[str]], Iterable[Sequence[str]]]

    def split(self, text: str) -> Sequence[str]:
        return next(iter(self.split_all((text,))))


def tokenizer_of(kind: TokenKind, locale: seodang.Locale) -> Tokenizer:
    """The tokenizer of this kind; without a kind, the locale's own."""
    if kind == "morphemes":
        return _morphemes(locale)
    split = {"rouge": rouge_tokens, "words": words, "bigrams": bigrams}.get(kind, locale.similarity_tokens)
    about = kind or f"{locale.language} {type(locale).revision}"
    return Tokenizer(about, lambda texts: map(split, texts))


def rouge_tokens(text: str) -> list[str]:
    """What rouge_score 0.1.2 makes of a text without its stemmer, as Self-Instruct calls it: of other scripts nothing is left."""
    return _ROUGE.findall(text.lower())


def words(text: str) -> list[str]:
    """Words of any script, without case and what stands between them."""
    return text.casefold().translate(_BETWEEN).split()


def bigrams(text: str) -> list[str]:
    """Each two neighbouring signs of a word; a word of one sign is a token of its own."""
    return [word[place : place + 2] for word in words(text) for place in range(max(1, len(word) - 1))]


class _Between(dict[int, str]):
    """Marks, symbols and controls, as blanks: found out for each sign when it is met first."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = " " if unicodedata.category(sign)[0] in "PSZC" else sign
        return self[code]


_BETWEEN = _Between()


def _morphemes(locale: seodang.Locale) -> Tokenizer:
    if locale.language != "ko":
        raise seodang.SeodangError("seodang_filters:morphemes-of-korean", language=locale.language)
    try:
        import kiwipiepy
        import kiwipiepy_model
    except ImportError as error:
        raise seodang.SeodangError("seodang_filters:no-kiwipiepy") from error
    kiwi = kiwipiepy.Kiwi()
    about = f"kiwipiepy {kiwipiepy.__version__}, model {kiwipiepy_model.__version__}"
    return Tokenizer(about, lambda texts: map(content, kiwi.tokenize(texts)))


def content(morphemes: Iterable[Any]) -> list[str]:
    """The forms that carry the content. Irregular verbs have a tag of their own behind a hyphen (`VV-I`); addresses begin with `W_`."""
    return [
        morpheme.form.casefold()
        for morpheme in morphemes
        if morpheme.tag in _CONTENT or morpheme.tag.partition("-")[0] in _CONTENT or morpheme.tag.startswith("W_")
    ]
