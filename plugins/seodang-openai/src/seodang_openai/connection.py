"""The real openai SDK, with everything switched off that the core does itself. Imported when the first question is asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

import aiohttp
import httpx2
import seodang

from seodang_openai import failures
from seodang_openai.address import Address
from seodang_openai.limits import limits_of
from seodang_openai.sdk import openai

KEEP_ALIVE_SECONDS = 4.0
"""uvicorn (vLLM, SGLang) closes idle connections after five: one that is about to be closed must not get a question,
because nobody could tell whether that was paid for."""


NO_KEY = "none"
_CHUNK_BYTES = 256 * 1024
SILENT = (
    "X-Stainless-Lang",
    "X-Stainless-Package-Version",
    "X-Stainless-OS",
    "X-Stainless-Arch",
    "X-Stainless-Runtime",
    "X-Stainless-Runtime-Version",
    "X-Stainless-Async",
    "x-stainless-retry-count",
    "x-stainless-read-timeout",
)
"""What the SDK tells every server about this machine. Nobody needs it, and it is a tenth of the CPU of a question."""


MERGED = ("params", "data", "files", "json", "cookies", "extensions")


class Transport(openai.DefaultAioHttpClient):
    """The SDK's own, which takes a question as it is: for each one it would otherwise take the address apart twice and merge in headers
    and cookies that there are none of. A twelfth of the CPU of a question."""

    def build_request(self, method: str, url: Any, **given: Any) -> httpx2.Request:
        content = given.get("content")
        if not isinstance(content, bytes) or any(given.get(name) for name in MERGED):
            return super().build_request(method, url, **given)
        timeout = httpx2.Timeout(given.get("timeout")).as_dict()
        return httpx2.Request(
            method, _parsed(url), headers=given.get("headers"), content=content, extensions={"timeout": timeout}
        )


_parsed = lru_cache(maxsize=64)(httpx2.URL)


class Connection:
    """A client of the SDK for one event loop; a question from another loop gets a new one."""

    def __init__(self, options: Any, address: Address, secrets: Sequence[str], path: str) -> None:
        self._options = options
        self._address = address
        self._secrets = secrets
        self._client: openai.AsyncOpenAI | None = None
        self._key = ""
        self._url = address.url + path
        # All that the SDK would otherwise fill in and copy for every single question.
        self._request_options: Any = {
            "headers": {name: openai.Omit() for name in SILENT},
            "params": {},
            "timeout": options.timeout_seconds,
            "max_retries": 0,
            "follow_redirects": False,
        }
        self._loop: asyncio.AbstractEventLoop | None = None

    async def speak(self, asking: Callable[[openai.AsyncOpenAI], Awaitable[Any]], context: Any) -> Any:
        """Calls what the SDK offers beside questions. Raises `seodang.RemoteError`s only."""
        try:
            return await asking(self._opened(context))
        except (openai.OpenAIError, aiohttp.ClientError) as error:
            raise failures.translated(error, self._asked(), context.clock) from None
        except ValueError as error:  # cut JSON, or a page of HTML: what was asked for may have been done
            raise seodang.Transient(f"unreadable answer: {error}", in_doubt=True) from None

    async def lines(self, file: str, context: Any) -> AsyncIterator[bytes]:
        """The lines of a file, as they come. They end in line feeds and in nothing else: a text may hold what Unicode calls a line end."""
        client, rest = self._opened(context), b""
        try:
            async with client.files.with_streaming_response.content(file) as response:
                async for chunk in response.iter_bytes(_CHUNK_BYTES):
                    *whole, rest = (rest + chunk).split(b"\n")
                    for line in whole:
                        yield line
        except (openai.OpenAIError, aiohttp.ClientError, httpx2.HTTPError) as error:
            raise failures.translated(error, self._asked(), context.clock) from None
        if rest:
            yield rest

    def verdict(self, status: int, body: bytes) -> seodang.RemoteError | None:
        """What is wrong with a line of a batch."""
        return failures.in_a_batch(status, body, self._asked())

    def _asked(self, shaped: bool = False) -> failures.Asked:
        return failures.Asked(self._options.model, self._address.host, self._key, shaped)

    async def ask(self, body: bytes, context: Any) -> tuple[bytes, seodang.Limits | None]:
        """The bytes of the answer, and what came with it about limits. Raises `seodang.RemoteError`s only; a time-out covers the whole
        answer, however it drips."""
        client = self._opened(context)
        try:
            async with asyncio.timeout(self._options.timeout_seconds):
                response = await client.post(self._url, cast_to=httpx2.Response, content=body, options=self._request_options)
        except (openai.OpenAIError, aiohttp.ClientError) as error:
            raise failures.translated(error, self._asked(b'"response_format"' in body), context.clock) from None
        except TimeoutError:
            detail = f"no whole answer after {self._options.timeout_seconds:g} seconds"
            raise seodang.Transient(detail, in_doubt=True) from None
        content = response.content
        if b'"error"' in content and b'"choices"' not in content and (failure := failures.in_a_success(content, self._key)):
            raise failure
        return content, limits_of(response.headers)

    def _opened(self, context: Any) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            if os.environ.get("SEODANG_OFFLINE") == "1" and not self._address.loopback:
                raise failures.Unusable("seodang_openai:offline", host=self._address.host)
            self._key = context.secret(self._secrets[0]) if self._secrets else ""
            self._client = self._new_client()
            self._loop = loop
        return self._client

    def _new_client(self) -> openai.AsyncOpenAI:
        options, address = self._options, self._address
        transport = Transport(
            timeout=options.timeout_seconds,
            limits=httpx2.Limits(max_connections=options.in_flight, keepalive_expiry=KEEP_ALIVE_SECONDS),
            follow_redirects=False,  # a redirect would carry the whole question to another host
            trust_env=not address.loopback,  # proxies and a company's CA
            verify=address.encrypted,  # without TLS, loading the certificates would only cost time
        )
        return openai.AsyncOpenAI(
            api_key=self._key or NO_KEY,
            admin_api_key="",
            base_url=address.url,
            http_client=transport,
            max_retries=0,
            timeout=options.timeout_seconds,
            default_headers=self._headers(),
        )

    def _headers(self) -> dict[str, Any]:
        """The SDK reads organisation, project and any further headers from the environment: those are for the vendor's eyes."""
        headers: dict[str, Any] = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        if self._address.vendor:
            return headers
        from_environment = [line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")]
        omitted = {name: openai.Omit() for name in ("OpenAI-Organization", "OpenAI-Project", *from_environment) if name}
        # Without a key the SDK insists on saying something, and a header from the environment must not be it.
        return omitted | headers | {"Authorization": f"Bearer {self._key or NO_KEY}"}

    async def close(self) -> None:
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.close()
        self._client = None
