"""What all that speak to this vendor, or to a server like it, have in common: whose it is decides about keys, terms and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import seodang

from seodang_openai.address import Address

if TYPE_CHECKING:
    from seodang_openai.connection import Connection

VENDOR_URL = "https://api.openai.com/v1"
VENDOR_SECRET = "env:OPENAI_API_KEY"

Conduct = msgspec.Meta(extra=seodang.CONDUCT)


def described(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class Endpoint(seodang.Teacher):
    """Its options have `base_url`, `api_key`, `endpoint`, `model`, `in_flight` and `timeout_seconds`."""

    path = "/chat/completions"
    """What is asked, below the base URL."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._address = Address(self.options.base_url)
        self._connection: Connection | None = None
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

    @property
    def connection(self) -> Connection:
        """Made, and the SDK imported, when the first question is asked."""
        if self._connection is None:
            from seodang_openai.connection import Connection

            self._connection = Connection(self.options, self._address, self.secrets, self.path)
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
