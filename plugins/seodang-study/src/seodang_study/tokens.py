"""Into what answers are taken apart before their words are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import seodang

TokenKind = Literal["", "morphemes"]


class Tokenizer(msgspec.Struct, frozen=True):
    """`about` names one that is not the locale's own, with its version: it belongs to the figures."""

    split: Callable[[str], Sequence[str]]
    about: str = ""


def tokenizer_of(kind: TokenKind, locale: seodang.Locale) -> Tokenizer:
    """Morphemes, endings and particles among them: how the teacher speaks is what is asked here."""
    if not kind:
        return Tokenizer(locale.similarity_tokens)
    if locale.language != "ko":
        raise seodang.SeodangError("seodang_study:morphemes-of-korean", language=locale.language)
    try:
        import kiwipiepy
    except ImportError as error:
        raise seodang.SeodangError("seodang_study:no-kiwipiepy") from error
    kiwi = kiwipiepy.Kiwi()
    return Tokenizer(
        lambda text: [f"{found.form}/{found.tag}" for found in kiwi.tokenize(text)], f"kiwipiepy {kiwipiepy.__version__}"
    )
