"""What a request asks for and how an answer is put, the same for both kinds of models."""

from __future__ import annotations

import hashlib

import msgspec
import seodang

KNOWN = ("top_p", "top_k")
"""What `extra` of a request may say."""
BROKEN = "\N{REPLACEMENT CHARACTER}"
_encode = msgspec.json.Encoder(order="sorted").encode


def unknown_wishes(request: seodang.Request) -> None:
    """What would be left out without a word is refused."""
    if request.schema is not None:
        raise seodang.DataError("seodang_local:no-schema")
    if unknown := sorted({*request.extra} - {*KNOWN}):
        raise seodang.DataError("seodang_local:unknown-extra", names=unknown, known=list(KNOWN))


def seed_of(request: seodang.Request) -> int:
    """A number of the question's own: the same in every run, and another for every sample."""
    return int.from_bytes(hashlib.sha256(_encode(request)).digest()[:8], "big")


def divided(text: str, thinking_end: str) -> seodang.Message:
    """The answer, and apart from it what was thought before, where the model says where that ends."""
    thinking, end, answer = text.partition(thinking_end) if thinking_end else ("", "", "")
    if not end:
        return seodang.Message("assistant", text)
    opening = thinking_end.replace("/", "", 1)
    return seodang.Message("assistant", answer.lstrip("\n"), thinking=thinking.strip().removeprefix(opening).strip())


def whole_characters(text: str) -> str:
    """Without the character that was cut when there was no room for its last bytes."""
    return text.rstrip(BROKEN)
