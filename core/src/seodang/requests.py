"""What is asked of a teacher or a translator, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from seodang.records import Message


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question. Everything in here may change the answer, so everything in here is part of its key in the ledger.

    `temperature`, `max_tokens` and the like are the teacher's options unless the request sets them. `sample` tells several
    answers to one question apart. `extra` holds parameters that only one kind of teacher understands.
    """

    messages: tuple[Message, ...]
    sample: int = 0
    max_tokens: int | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    tools: tuple[dict[str, Any], ...] = ()
    extra: Mapping[str, Any] = {}


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens as the other side counted them."""

    input_tokens: int
    output_tokens: int


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a teacher said. `finish` is `stop`, `length`, `content_filter`, `refusal` or `tool_calls`.

    `usage` is None when the other side did not count; the ledger then keeps the worst case.
    """

    message: Message
    finish: str = "stop"
    usage: Usage | None = None
    model: str = ""


class Reply(msgspec.Struct, frozen=True):
    """The bytes of an answer as they came. The ledger stores them before `Teacher.read` looks at them."""

    body: bytes


class Text(msgspec.Struct, frozen=True):
    """A text to translate; `before` is what was said before it, for context, and is not translated."""

    text: str
    before: str = ""


class Translation(msgspec.Struct, frozen=True):
    """A translated text and what was billed for it, in the translator's own unit."""

    text: str
    billed: int = 0


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a million input and a million output units cost, in millionths of the currency. Integers only."""

    currency: str = "USD"
    input_micro_per_million: int = 0
    output_micro_per_million: int = 0

    def cost(self, inputs: int, outputs: int) -> int:
        """Millionths of the currency, rounded up, so that the ledger is never below the bill."""
        return -(-(inputs * self.input_micro_per_million + outputs * self.output_micro_per_million) // 1_000_000)


FREE = Price()
"""Nothing is billed."""
