"""Segments to token ids, the same for training and for generating: each piece is tokenised apart, so that the mask cannot be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import seodang


class Encoded(NamedTuple):
    """Token ids, and which of them carry loss."""

    ids: list[int]
    trained: list[bool]


def encode(segments: Sequence[seodang.Segment], tokenizer: Any) -> Encoded:
    """A special segment is the tokenizer's token of that name; a `bos` that it does not have is left out, an `eos` is needed."""
    ids: list[int] = []
    trained: list[bool] = []
    for segment in segments:
        if segment.special:
            token = getattr(tokenizer, f"{segment.text}_token_id", None)
            if token is None and segment.text != "bos":
                raise seodang.DataError("seodang_local:no-special-token", token=segment.text)
            found = [] if token is None else [token]
        else:
            found = tokenizer.encode(segment.text, add_special_tokens=False)
        ids += found
        trained += [segment.trained] * len(found)
    return Encoded(ids, trained)
