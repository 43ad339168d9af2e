"""The vendor's wire format as the mock reads and writes it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from seodang.testing.wire_server import Reaction


class Turn(msgspec.Struct):
    role: str
    content: str | list[Any] | None = ""

    @property
    def text(self) -> str:
        """What is said, also where it comes in parts."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.get("text", "") for part in self.content or () if isinstance(part, dict))


class Shape(msgspec.Struct):
    schema: dict[str, Any] = {}


class Format(msgspec.Struct):
    type: str = "text"
    json_schema: Shape | None = None


class Asked(msgspec.Struct):
    model: str
    messages: list[Turn]
    response_format: Format | None = None
    seed: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stream: bool = False
    logprobs: bool = False
    tools: list[Any] = []

    @property
    def prompt(self) -> str:
        return "\n".join(turn.text for turn in self.messages)

    @property
    def last(self) -> str:
        """What the user said last."""
        return next((turn.text for turn in reversed(self.messages) if turn.role == "user"), "")

    @property
    def schema(self) -> dict[str, Any] | None:
        shape = self.response_format and self.response_format.json_schema
        return shape.schema if shape else None


decode_asked = msgspec.json.Decoder(Asked).decode
encode = msgspec.json.Encoder().encode


def tokens(text: str) -> int:
    """A count like a tokenizer's: never more than there are bytes, and the same every time."""
    return max(1, len(text.encode()) // 3)


def completion(
    model: str, text: str | None, finish: str, usage: dict[str, int], *, logprobs: Any = None, **said: Any
) -> Reaction:
    """A whole answer as the vendor writes it, and what it costs."""
    message = {"role": "assistant", "content": text, "refusal": None, **said}
    identity = hashlib.blake2b((text or "").encode(), digest_size=12).hexdigest()
    body = {
        "id": f"chatcmpl-{identity}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": logprobs, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": usage["input_tokens"],
            "completion_tokens": usage["output_tokens"],
            "total_tokens": usage["input_tokens"] + usage["output_tokens"],
        },
    }
    return Reaction(body=encode(body), charge=usage)


def error(
    status: int, message: str, *, code: str = "", kind: str = "invalid_request_error", headers: Sequence[tuple[str, str]] = ()
) -> Reaction:
    """An error as the vendor writes it. It costs nothing."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code or None}}
    return Reaction(status=status, body=encode(body), headers=(("content-type", "application/json"), *headers))
