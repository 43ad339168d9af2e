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
    """Tokens as the other side counted them. `cached_tokens` are those of the input that it had read before, and bills for less."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a teacher said. `finish` is `stop`, `length`, `content_filter`, `refusal` or `tool_calls`. Whoever asked may see others, which
    the core has found: `empty`, and `bad-json` or `schema-mismatch` where the request had a schema.

    `usage` is None when the other side did not count; the ledger then keeps the worst case.
    """

    message: Message
    finish: str = "stop"
    usage: Usage | None = None
    model: str = ""
    logprob: float | None = None
    """The mean log-probability of its tokens, where the teacher was told to ask for it. What the other side said of each lies in the
    ledger with the reply."""

    def json(self) -> Any:
        """What the answer says, read as JSON, also where all of it stands in a code fence. Raises ValueError where it is none."""
        from seodang.asking.shapes import without_fence

        try:
            return msgspec.json.decode(without_fence(self.message.text))
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from error


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side says is left: of `most` in all there are `left`, and after `reset_seconds` all of them again."""

    most: int
    left: int
    reset_seconds: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How many more requests and tokens the other side takes for now, as it tells with an answer. The core waits before it is refused."""

    requests: Allowance | None = None
    tokens: Allowance | None = None


class Reply(msgspec.Struct, frozen=True):
    """The bytes of an answer as they came. The ledger stores them before `Teacher.read` looks at them.

    `limits` are for the traffic and are not stored.
    """

    body: bytes
    limits: Limits | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """So many questions like this one. `output_tokens` is how long an answer to it usually is, where the lesson knows that better than the
    ledger, as for one that is to hold twenty tasks."""

    request: Request
    times: int
    output_tokens: int = 0


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What a lesson will ask in all, where its questions cannot be formed before. `rows` is how many records it makes
    at most; 0 where it hands on those that it is given.

    `at_most` says that the questions could be formed from the rows if they were there: what can be counted then goes before this.
    """

    questions: tuple[Expected, ...]
    rows: int = 0
    at_most: bool = False


class Text(msgspec.Struct, frozen=True):
    """A text to translate; `before` is what was said before it, for context, and is not translated."""

    text: str
    before: str = ""


class Translation(msgspec.Struct, frozen=True):
    """A translated text and what was billed for it, in the translator's own unit."""

    text: str
    billed: int = 0


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a million input and a million output units cost, in millionths of the currency. Integers only.

    `cached_micro_per_million` is the price of input that the other side had read before, where that is another; `source` says
    where the price is from, as in "seodang-openai 2026-11-21": it goes into the ledger.
    """

    currency: str = "USD"
    input_micro_per_million: int = 0
    output_micro_per_million: int = 0
    cached_micro_per_million: int | None = None
    source: str = ""

    def __str__(self) -> str:
        """As it stands in the ledger: `USD 0.15 in, 0.6 out, 0.075 cached (seodang-openai 2026-11-21)`, by the million. Nothing for nothing."""
        parts = [("in", self.input_micro_per_million), ("out", self.output_micro_per_million)]
        parts += [("cached", self.cached_micro_per_million)] if self.cached_micro_per_million is not None else []
        if not any(micro for _, micro in parts):
            return ""
        amounts = ", ".join(f"{_amount(micro)} {what}" for what, micro in parts)
        return f"{self.currency} {amounts} ({self.source})" if self.source else f"{self.currency} {amounts}"

    def cost(self, inputs: int, outputs: int, cached: int = 0) -> int:
        """Millionths of the currency, rounded up, so that the ledger is never below the bill. `cached` are among the inputs."""
        micro = inputs * self.input_micro_per_million + outputs * self.output_micro_per_million
        if cached and self.cached_micro_per_million is not None:
            micro -= min(cached, inputs) * (self.input_micro_per_million - self.cached_micro_per_million)
        return -(-micro // 1_000_000)


def _amount(micro: int) -> str:
    whole, rest = divmod(micro, 1_000_000)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


FREE = Price()
"""Nothing is billed."""
