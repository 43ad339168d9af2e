"""One request after another to the search API: at a pace, within limits of time and size, and never to another host."""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import ssl
import time
import urllib.error
import urllib.request
from typing import Any

import msgspec
import seodang

from seodang_naver_kin import failures
from seodang_naver_kin.server import Server

MOST_BYTES = 4 * 1024 * 1024
"""A hundred results are some hundred kilobytes."""
FAILURES = 8
THROTTLES = 20
LONGEST_JITTER_SECONDS = 60.0
FIRST_JITTER_SECONDS = 0.5
_STEP_SECONDS = 0.5
"""How often somebody who waits looks whether the run has been asked to stop."""


class Item(msgspec.Struct, frozen=True):
    """One result, with marks and entities as they came."""

    title: str = ""
    link: str = ""
    description: str = ""


class Page(msgspec.Struct, frozen=True):
    """One page of results."""

    total: int
    items: list[Item]
    lastBuildDate: str = ""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        """A redirect would carry the key to another host: it is an answer like any other, and an error."""


class Connection:
    """Asks for pages. A search costs nothing, so that whatever may be asked again is asked again."""

    def __init__(self, options: Any, server: Server, context: Any) -> None:
        self._options = options
        self._server = server
        self._context = context
        self._keys = tuple(context.secret(reference) for reference in server.secrets)
        if not server.loopback and os.environ.get("SEODANG_OFFLINE") == "1":
            raise failures.named(failures.Unusable, "offline", failures.Said("", ""), host=server.host)
        for key, reference in zip(self._keys, server.secrets, strict=True):
            if not (key.isascii() and key.isprintable()) or " " in key:
                # Sending it would fail with an error that shows it.
                name = reference.removeprefix("env:")
                raise failures.named(seodang.Unauthorized, "malformed-key", failures.Said("", ""), variable=name)
        # Proxies and a company's CA (SSL_CERT_FILE) are honoured, but nothing stands between us and loopback.
        proxies = urllib.request.ProxyHandler({} if server.loopback else None)
        secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        self._opener = urllib.request.build_opener(proxies, secure, _NoRedirects())
        self._jitter = random.Random()  # how long one waits changes no result, and so takes nothing from the run's own draws
        self._next = 0.0
        self.requests = 0

    async def page(self, query: str, *, start: int, display: int) -> Page:
        """One page. Raises a `seodang.RemoteError` when it cannot be had."""
        url = self._server.question(query, start=start, display=display, sort=self._options.sort)
        failed = throttled = 0
        while True:
            await self._rest(self._next - self._context.clock.monotonic())
            self._next = self._context.clock.monotonic() + 1 / self._options.requests_per_second
            self.requests += 1
            try:
                return await asyncio.to_thread(self._ask, url)
            except seodang.Transient as error:
                throttled, failed = throttled + error.throttled, failed + (not error.throttled)
                if throttled >= THROTTLES:
                    said = failures.Said("", error.detail)
                    facts = {"host": self._server.host}
                    raise failures.named(seodang.Exhausted, "exhausted", said, error.status, **facts) from None
                if failed >= FAILURES:
                    raise
                await self._rest(self._pause(throttled + failed, error.retry_after))

    def _pause(self, failed: int, wait: float) -> float:
        """The core's policy for paid calls: full jitter, and `Retry-After` is a floor."""
        jitter = min(LONGEST_JITTER_SECONDS, FIRST_JITTER_SECONDS * 2.0 ** (failed - 1))
        return wait + self._jitter.uniform(0, min(jitter, max(FIRST_JITTER_SECONDS, wait)) if wait else jitter)

    async def _rest(self, seconds: float) -> None:
        while True:
            if self._context.stopping:
                raise seodang.Interrupted("runs.interrupted")
            if seconds <= 0:
                return
            await self._context.clock.sleep(min(seconds, _STEP_SECONDS))
            seconds -= _STEP_SECONDS

    def _ask(self, url: str) -> Page:
        """Runs in a thread: the standard library's client waits where it stands."""
        headers = dict(zip(self._server.gateway.headers, self._keys, strict=True))
        request = urllib.request.Request(url, headers={**headers, "Accept": "application/json", "User-Agent": "seodang"})
        until = time.monotonic() + self._options.timeout_seconds
        try:
            with self._opener.open(request, timeout=self._options.timeout_seconds) as response:
                body = self._body(response, until)
        except urllib.error.HTTPError as error:
            with error:
                raise failures.of_status(
                    error.code,
                    self._body(error, until),
                    error.headers,
                    keys=self._keys,
                    server=self._server,
                    clock=self._context.clock,
                ) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise seodang.Transient(failures.shown(f"{type(reason).__name__}: {reason}", self._keys)) from None
        return self._read(body)

    def _body(self, response: Any, until: float) -> bytes:
        """Piece by piece: a time-out of the socket alone would let a body drip for ever."""
        promised = str(response.headers.get("Content-Length") or "")
        most = int(promised) if promised.isdecimal() else MOST_BYTES + 1
        body = b""
        while len(body) < most and (piece := response.read1(min(65536, most - len(body)))):
            body += piece
            if len(body) > MOST_BYTES:
                said = failures.Said("", "")
                raise failures.named(failures.Unusable, "too-large", said, host=self._server.host, most=MOST_BYTES)
            if time.monotonic() > until:
                raise seodang.Transient(f"no whole answer after {self._options.timeout_seconds:g} seconds")
        if promised.isdecimal() and len(body) < most:
            raise seodang.Transient("the answer was cut off")
        return body

    def _read(self, body: bytes) -> Page:
        try:
            return msgspec.json.decode(body, type=Page)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            said = failures.said_in(body, self._keys)
            if said.code in failures.QUOTA:
                raise failures.named(seodang.Exhausted, "exhausted", said, 200, host=self._server.host) from None
            detail = said.detail or failures.shown(f"its answer is no page of results ({error})", self._keys)
            raise seodang.Transient(detail, status=200) from None
