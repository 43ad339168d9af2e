"""A teacher behind OpenAI's chat completions: the vendor's own, or any that speaks the same (vLLM, SGLang, llama.cpp …)."""

from typing import Annotated, Any, Literal

import msgspec
import seodang

from seodang_openai import prices, wire
from seodang_openai.address import VENDOR_HOST
from seodang_openai.batches import OpenAIBatches
from seodang_openai.endpoint import VENDOR_URL, Conduct, Endpoint, described
from seodang_openai.moderation import Moderation, OpenAIModeration
from seodang_openai.student import ServedStudent


class OpenAI(Endpoint):
    """Asks a model over OpenAI's chat completions. Retries, rate limits and money are the core's; the SDK's own are off."""

    name = "openai"
    revision = 2

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
        logprobs: Annotated[
            bool, described("Ask for the log-probabilities of the answer's tokens. Their mean is the answer's `logprob`.")
        ] = False
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
        mode: Annotated[
            Literal["live", "batch"],
            described(
                "'batch' hands questions in together, for half the price and answers within a day. The answers are the same."
            ),
            Conduct,
        ] = "live"
        batch_requests: Annotated[int, described("The most questions in one batch.", ge=1, le=50_000), Conduct] = 50_000
        in_flight: Annotated[int, described("Questions under way at once.", ge=1, le=1024), Conduct] = 16
        timeout_seconds: Annotated[
            float, described("How long one answer may take. It may have been paid for then.", gt=0), Conduct
        ] = 600.0
        input_price: (
            Annotated[
                float,
                described("USD for a million input tokens. Unset: the price table's, at the vendor.", ge=0, le=1e6),
                Conduct,
            ]
            | None
        ) = None
        output_price: (
            Annotated[
                float,
                described("USD for a million output tokens. Unset: as above.", ge=0, le=1e6),
                Conduct,
            ]
            | None
        ) = None

        def __post_init__(self) -> None:
            if (self.input_price is None) != (self.output_price is None):
                raise ValueError("input_price and output_price go together: give both, or neither")

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._batches = OpenAIBatches(self)

    @property
    def batches(self) -> OpenAIBatches:
        return self._batches

    @property
    def in_batches(self) -> bool:
        return self.options.mode == "batch"

    @property
    def is_loopback(self) -> bool:
        return self._address.loopback

    def price(self) -> seodang.Price | None:
        return self.price_of(batch=False)

    def price_of(self, *, batch: bool) -> seodang.Price | None:
        """What the recipe says; else, at the vendor itself, what the table of prices knows. `input_price` and `output_price` are those
        of a question alone: a batch takes half."""
        if self.options.input_price is not None and self.options.output_price is not None:
            return prices.stated_price(self.options.input_price, self.options.output_price, batch=batch)
        if self._address.host == VENDOR_HOST:  # its regional hosts take more for some models
            return prices.listed_price(self.options.model, batch=batch)
        return seodang.FREE if self._address.loopback else None

    def body_of(self, request: seodang.Request) -> bytes:
        """What is sent for a request, alone or as a line of a batch."""
        return wire.request_body(request, self.options, vendor=self._address.vendor)

    @property
    def tells_limits(self) -> bool:
        """The vendor does with every answer; of others it is learned when they do."""
        return self._address.vendor

    def most_tokens(self, request: seodang.Request) -> tuple[int, int]:
        """No tokenizer makes more tokens than there are bytes; 16 a message are for its frame."""
        texts = sum(
            len(message.text.encode()) + sum(len(call.arguments.encode()) + 64 for call in message.calls) + 16
            for message in request.messages
        )
        shapes = len(msgspec.json.encode((request.tools, request.schema))) if request.tools or request.schema else 0
        return texts + shapes, request.max_tokens or self.options.max_tokens

    async def answer(self, request: seodang.Request, context: Any) -> seodang.Reply:
        content, limits = await self.connection.ask(self.body_of(request), context)
        return seodang.Reply(content, limits)

    def read(self, reply: seodang.Reply) -> seodang.Answer:
        return wire.read_reply(reply.body)


@seodang.hookimpl
def register_teachers(register):
    register(OpenAI)
    register(OpenAIModeration)


@seodang.hookimpl
def register_filters(register):
    register(Moderation)


@seodang.hookimpl
def register_students(register):
    register(ServedStudent)
