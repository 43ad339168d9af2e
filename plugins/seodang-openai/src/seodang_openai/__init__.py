"""A teacher behind OpenAI's chat completions: the vendor's own, or any that speaks the same (vLLM, SGLang, llama.cpp …)."""

import math
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import seodang

from seodang_openai import wire
from seodang_openai.address import Address

VENDOR_URL = "https://api.openai.com/v1"
VENDOR_SECRET = "env:OPENAI_API_KEY"

Conduct = msgspec.Meta(extra=seodang.CONDUCT)


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class OpenAI(seodang.Teacher):
    """Asks a model over OpenAI's chat completions. Retries, rate limits and money are the core's; the SDK's own are off."""

    name = "openai"
    revision = 1

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        model: Annotated[str, described("The model's name at the server, as in 'gpt-4o-mini'.", min_length=1)]
        temperature: Annotated[float, described("0 is the likeliest answer. Unset: the server's default.", ge=0, le=2)] | None = (
            None
        )
        top_p: (
            Annotated[float, described("Draw from the likeliest tokens with this share. Unset: the server's.", ge=0, le=1)] | None
        ) = None
        max_tokens: Annotated[int, described("The longest answer, in tokens; also what a budget reserves.", ge=1)] = 1024
        extra: Annotated[dict[str, Any], described("Further parameters of the request, as in { reasoning_effort = 'low' }.")] = {}
        endpoint: Annotated[
            str, described("Your name for a server that is not the vendor's. Answers of another one are bought anew.")
        ] = ""
        terms: Annotated[
            tuple[str, ...],
            described("Licences and terms that the model puts on its answers, where the server is not the vendor's."),
        ] = ()
        base_url: Annotated[str, described("Where the server is, up to and with /v1."), Conduct] = VENDOR_URL
        api_key: Annotated[
            str,
            described("Where the key is, as in 'env:MY_KEY'. OPENAI_API_KEY goes to the vendor only. Loopback needs none."),
            Conduct,
        ] = ""
        in_flight: Annotated[int, described("Questions under way at once.", ge=1, le=1024), Conduct] = 16
        timeout_seconds: Annotated[
            float, described("How long one answer may take. It may have been paid for then.", gt=0), Conduct
        ] = 600.0
        input_price: Annotated[float, described("USD for a million input tokens.", ge=0, le=1e6), Conduct] | None = None
        output_price: Annotated[float, described("USD for a million output tokens.", ge=0, le=1e6), Conduct] | None = None

        def __post_init__(self) -> None:
            if (self.input_price is None) != (self.output_price is None):
                raise ValueError("input_price and output_price go together: give both, or neither")

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._address = Address(self.options.base_url)
        self._connection: Any = None
        self._refuse_misplaced_keys()

    def _refuse_misplaced_keys(self) -> None:
        reference = self.options.api_key
        if reference and not reference.startswith("env:"):
            raise seodang.SeodangError("seodang_openai:literal-key")  # and the key is not repeated in the message
        if self._address.vendor and not self._address.encrypted:
            raise seodang.SeodangError("seodang_openai:not-encrypted", host=self._address.host)
        if reference == VENDOR_SECRET and not self._address.vendor:
            raise seodang.SeodangError("seodang_openai:foreign-key", host=self._address.host)

    @property
    def network(self) -> tuple[str, ...]:
        return (self._address.host,)

    @property
    def secrets(self) -> tuple[str, ...]:
        if self.options.api_key:
            return (self.options.api_key,)
        return (VENDOR_SECRET,) if self._address.vendor else ()

    @property
    def terms(self) -> tuple[str, ...]:
        return ("LicenseRef-OpenAI-Terms",) if self._address.vendor else self.options.terms

    @property
    def identity(self) -> str:
        if self._address.vendor:
            return "openai"
        return self.options.endpoint or "compatible"

    def price(self) -> seodang.Price | None:
        """What the recipe says. There is no table of prices in here: one that is out of date is worse than none."""
        if self.options.input_price is not None and self.options.output_price is not None:
            return seodang.Price(
                input_micro_per_million=_micro(self.options.input_price),
                output_micro_per_million=_micro(self.options.output_price),
            )
        return seodang.FREE if self._address.loopback else None

    def most_tokens(self, request: seodang.Request) -> tuple[int, int]:
        """No tokenizer makes more tokens than there are bytes; 16 a message are for its frame."""
        texts = sum(
            len(message.text.encode()) + sum(len(call.arguments.encode()) + 64 for call in message.calls) + 16
            for message in request.messages
        )
        shapes = len(msgspec.json.encode((request.tools, request.schema))) if request.tools or request.schema else 0
        return texts + shapes, request.max_tokens or self.options.max_tokens

    async def answer(self, request: seodang.Request, context: Any) -> seodang.Reply:
        if self._connection is None:
            from seodang_openai.connection import Connection

            self._connection = Connection(self.options, self._address, self.secrets)
        body = wire.request_body(request, self.options, vendor=self._address.vendor)
        return seodang.Reply(await self._connection.ask(body, context))

    def read(self, reply: seodang.Reply) -> seodang.Answer:
        return wire.read_reply(reply.body)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


def _micro(usd_per_million: float) -> int:
    """Rounded up, so that the ledger is never below the bill; by way of the decimal that was written, not of the binary one."""
    return math.ceil(Decimal(str(usd_per_million)) * 1_000_000)


@seodang.hookimpl
def register_teachers(register):
    register(OpenAI)
