"""A translator behind DeepL's API: the vendor's own, or any server that speaks the same."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Sequence
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import seodang

from seodang_deepl import languages
from seodang_deepl.address import Address
from seodang_deepl.instructions import objection, refuse_what_is_not_offered

if TYPE_CHECKING:
    from seodang_deepl.connection import Connection
    from seodang_deepl.glossaries import Glossaries

VENDOR_SECRET = "env:DEEPL_API_KEY"
MOST_BODY_BYTES = 128 * 1024
ROOM_BYTES = 8 * 1024
"""Of a request, for what is not text: the names of its fields, the context, a register."""
MOST_CONTEXT_BYTES = 5 * 1024
UNKNOWN_THERE = (404, 405, 501)
"""How a server that is not the vendor's says that it counts no usage."""
Conduct = msgspec.Meta(extra=seodang.CONDUCT)


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


def size_of(text: str) -> int:
    """The bytes of a text in a request: the SDK escapes everything that is not ASCII, so that a Hangul syllable takes six."""
    return len(encode_basestring_ascii(text)) + 2  # as `json.dumps` writes a text, without what it does for anything else


class DeepL(seodang.Translator):
    """Translates over DeepL's API. Retries, rate limits and money are the core's; the SDK's own are off."""

    name = "deepl"
    revision = 1
    pairs = languages.PAIRS
    max_texts = 50
    marks = "xml"
    one_before = True

    class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        variant: Annotated[str, described("The variant of the target language, as in 'EN-GB'. Unset: the usual one.")] = ""
        model_type: Annotated[
            Literal["", "quality_optimized", "prefer_quality_optimized", "latency_optimized"],
            described("Which kind of model translates. Unset: the service's choice."),
        ] = ""
        formality: Annotated[
            Literal["", "default", "more", "less", "prefer_more", "prefer_less"],
            described("Formal or informal address, for German, Japanese and others. Korean has it in `register`."),
        ] = ""
        custom_instructions: Annotated[
            tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=300)], ...],
            described("How to translate, in words: at most ten of 300 characters. The better and slower model is used then."),
        ] = ()
        glossary_id: Annotated[str, described("A glossary of the account. One of your own is the step's key `glossary`.")] = ""
        style_rule: Annotated[str, described("The id of a style rule of the account.")] = ""
        translation_memory: Annotated[str, described("The id of a translation memory of the account.")] = ""
        translation_memory_threshold: (
            Annotated[int, described("How like a segment of the memory has to be, in per cent.", ge=0, le=100)] | None
        ) = None
        tag_handling_version: Annotated[
            Literal["v1", "v2"], described("How marks in texts are read. Always sent: accounts differ in what is usual.")
        ] = "v2"
        endpoint: Annotated[
            str, described("Your name for a server that is not the vendor's. Texts of another one are bought anew.")
        ] = ""
        terms: Annotated[
            tuple[str, ...], described("Licences and terms of translations from a server that is not the vendor's.")
        ] = ()
        server_url: Annotated[
            str, described("Where the server is, without a path. Unset: the vendor, at the host of the key."), Conduct
        ] = ""
        api_key: Annotated[
            str,
            described("Where the key is, as in 'env:MY_KEY'. DEEPL_API_KEY goes to the vendor only. Loopback needs none."),
            Conduct,
        ] = ""
        price: (
            Annotated[float, described("What a million characters cost in the account's currency.", ge=0, le=1e9), Conduct] | None
        ) = None
        currency: Annotated[str, described("The account's currency.", pattern="^[A-Z]{3}$"), Conduct] = "USD"
        in_flight: Annotated[int, described("Requests under way at once.", ge=1, le=1024), Conduct] = 8
        timeout_seconds: Annotated[
            float, described("How long a request may say nothing. It may have been billed then.", gt=0), Conduct
        ] = 120.0

        def __post_init__(self) -> None:
            if self.translation_memory_threshold is not None and not self.translation_memory:
                raise ValueError("translation_memory_threshold is for a translation_memory: name one")
            if self.custom_instructions and self.model_type == "latency_optimized":
                raise ValueError("custom_instructions need the better model: leave model_type = 'latency_optimized' out")
            if len(self.custom_instructions) > 10:
                raise ValueError("custom_instructions: at most ten")

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._address = Address(self.options.server_url)
        self._max_bytes = MOST_BODY_BYTES - ROOM_BYTES - sum(map(size_of, self.options.custom_instructions))
        self._connection: Connection | None = None
        self._glossaries: Glossaries | None = None
        self._opening = threading.RLock()
        reference = self.options.api_key
        if reference and not reference.startswith("env:"):
            raise seodang.SeodangError("seodang_deepl:literal-key")  # and the key is not repeated in the message
        if self._address.vendor and not self._address.encrypted:
            raise seodang.SeodangError("seodang_deepl:not-encrypted", host=self._address.host)
        if reference == VENDOR_SECRET and not self._address.vendor:
            raise seodang.SeodangError("seodang_deepl:foreign-key", host=self._address.host)

    @property
    def max_bytes(self) -> int:  # type: ignore[override]
        """What texts may take of a request, so that the whole stays below DeepL's 128 KiB."""
        return self._max_bytes

    @property
    def network(self) -> tuple[str, ...]:
        return self._address.hosts

    @property
    def secrets(self) -> tuple[str, ...]:
        if self.options.api_key:
            return (self.options.api_key,)
        return (VENDOR_SECRET,) if self._address.vendor else ()

    @property
    def terms(self) -> tuple[str, ...]:
        return ("LicenseRef-DeepL-Terms",) if self._address.vendor else self.options.terms

    @property
    def identity(self) -> str:
        return "deepl" if self._address.vendor else self.options.endpoint or "compatible"

    def size(self, text: str) -> int:
        return size_of(text)

    def price(self) -> seodang.Price | None:
        """What the recipe says: prices and currency are the contract's. By way of the decimal that was written, rounded up."""
        if self.options.price is not None:
            micro = math.ceil(Decimal(str(self.options.price)) * 1_000_000)
            return seodang.Price(currency=self.options.currency, input_micro_per_million=micro, source="recipe")
        return seodang.FREE if self._address.loopback else None

    def objection(self, language: str, register: str) -> seodang.SeodangError | None:
        return objection(self.options, language, register)

    async def left(self, context: Any) -> int | None:
        """What the account may still translate in this month."""
        refuse_what_is_not_offered(self.options, context)
        try:
            usage = await asyncio.to_thread(self.connection.speak, lambda client: client.get_usage(), context)
        except seodang.RemoteError as error:
            if error.status in UNKNOWN_THERE and not self._address.vendor:
                return None
            raise
        characters = usage.character
        return max(0, characters.limit - characters.count) if characters.valid else None

    def translate(self, texts: Sequence[seodang.Text], context: Any) -> list[seodang.Translation]:
        """A synchronous verb, because the SDK is: the core gives it threads."""
        if not texts:
            return []
        told = refuse_what_is_not_offered(self.options, context)
        arguments = self._arguments(texts[0].before, told, context)
        sent = [text.text for text in texts]
        said = self.connection.speak(lambda client: client.translate_text(sent, **arguments), context)
        if len(said) != len(texts):
            raise seodang.Transient(f"{len(said)} translations of {len(texts)} texts", in_doubt=True)
        return [seodang.Translation(one.text, one.billed_characters) for one in said]

    def _arguments(self, before: str, told: list[str], context: Any) -> dict[str, Any]:
        options = self.options
        given: dict[str, Any] = {
            "source_lang": languages.source_code(context.source_language),
            "target_lang": languages.target_code(context.language, options.variant),
            "tag_handling": "xml",
            "tag_handling_version": options.tag_handling_version,
            "ignore_tags": ["x"],
            "context": _end_of(before),
            "formality": options.formality,
            "model_type": options.model_type,
            "style_rule": options.style_rule,
            "translation_memory": options.translation_memory,
            "custom_instructions": told,
        }
        found = {name: value for name, value in given.items() if value}
        if options.translation_memory_threshold is not None:
            found["translation_memory_threshold"] = options.translation_memory_threshold
        return found | self._glossary(context)

    def _glossary(self, context: Any) -> dict[str, Any]:
        named = [self.options.glossary_id] if self.options.glossary_id else []
        if context.glossary:
            named.insert(0, self.glossaries.identifier(context.glossary, context))
        if len(named) == 1:
            return {"glossary": named[0]}
        return {"glossary_ids": named} if named else {}

    @property
    def connection(self) -> Connection:
        """Made, and the SDK imported, when the first text is sent."""
        with self._opening:
            if self._connection is None:
                from seodang_deepl.connection import Connection

                self._connection = Connection(self.options, self._address, self.secrets)
            return self._connection

    @property
    def glossaries(self) -> Glossaries:
        with self._opening:
            if self._glossaries is None:
                from seodang_deepl.glossaries import Glossaries

                self._glossaries = Glossaries(self.connection)
            return self._glossaries

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._glossaries = None


def _end_of(before: str) -> str:
    """The end of the context that has room: what was said last says most, and nothing of it is billed or translated."""
    if size_of(before) <= MOST_CONTEXT_BYTES:
        return before
    return before[-(MOST_CONTEXT_BYTES // 6) :]


@seodang.hookimpl
def register_translators(register):
    register(DeepL)
