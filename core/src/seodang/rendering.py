"""Segments to token ids, the same for training and for generating: each piece is tokenised apart, so that the mask cannot be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from seodang.errors import DataError
from seodang.records import Call, Message
from seodang.verdicts import Segment

NAMED = ("bos", "eos")
_UNSAID = "\ue000"
"""A character for private use: no vocabulary has merged it with a neighbour."""


class Encoded(NamedTuple):
    """Token ids, and which of them carry loss."""

    ids: list[int]
    trained: list[bool]


def encode(segments: Sequence[Segment], tokenizer: Any) -> Encoded:
    """A special segment is the tokenizer's `bos` or `eos`, or the token that it spells out. Without a `bos` there is none; any
    other special token is needed.

    What looks like a special token in a text is text: nobody ends a turn by writing `</s>` into a question.
    """
    ids: list[int] = []
    trained: list[bool] = []
    spelt_before = False
    for segment in segments:
        if segment.special:
            found = _special(segment.text, tokenizer)
        else:
            found = _continued(segment.text, tokenizer) if spelt_before else as_text(segment.text, tokenizer)
        spelt_before = segment.special and segment.text not in NAMED
        ids += found
        trained += [segment.trained] * len(found)
    return Encoded(ids, trained)


def as_text(text: str, tokenizer: Any) -> list[int]:
    """The tokens of a text in which nothing is a special token."""
    found: list[int] = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return found


def _continued(text: str, tokenizer: Any) -> list[int]:
    """The tokens of a text behind a special token that is spelt out, as a chat template's is: there a tokenizer that begins a text with
    a blank (SentencePiece's way, Llama 2's and Mistral's) puts none, because for it the text has begun already."""
    found = as_text(text, tokenizer)
    if not _begins_with_a_blank(tokenizer):
        return found
    before = as_text(_UNSAID, tokenizer)
    whole = as_text(_UNSAID + text, tokenizer)
    return whole[len(before) :] if whole[: len(before)] == before else found


@lru_cache(maxsize=8)
def _begins_with_a_blank(tokenizer: Any) -> bool:
    special = tokenizer.all_special_tokens
    if not special:
        return False
    behind: list[int] = tokenizer.encode(f"{special[0]}a", add_special_tokens=False)[1:]
    return behind != as_text("a", tokenizer)


def _special(name: str, tokenizer: Any) -> list[int]:
    named = name in NAMED
    token = getattr(tokenizer, f"{name}_token_id", None) if named else tokenizer.get_vocab().get(name)
    if token is None:
        if name == "bos":
            return []
        raise DataError("rendering.no-special-token", token=name)
    return [token]


def chat_turn(message: Message, text: Callable[[str], str] = str) -> dict[str, Any]:
    """A message as the chat templates of models read it. `text` goes over what people wrote, and not over calls.

    Templates write a call's arguments as JSON themselves; what is no JSON they get as it is.
    """
    found: dict[str, Any] = {"role": message.role, "content": text(message.text)}
    if message.thinking:
        found["reasoning_content"] = text(message.thinking)
    if message.calls:
        found["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _arguments(call)}}
            for call in message.calls
        ]
    if message.call_id:
        found["tool_call_id"] = message.call_id
    return found


def _arguments(call: Call) -> Any:
    try:
        return json.loads(call.arguments)
    except ValueError:
        return call.arguments
