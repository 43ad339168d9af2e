"""Who may come in: from this machine anybody who asks for us by name, from elsewhere those with the token, and no other page at all."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import seodang
from aiohttp import hdrs, web

from seodang_serve.wire import failure

NEEDS_TOKEN = "/v1/"
MOST_BYTES = 4 * 2**20
"""The largest request: many times what a model of today reads."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server listens and by which names it may be called. Without a token it listens on loopback only."""

    host: str = "127.0.0.1"
    port: int = 0
    names: tuple[str, ...] = ()
    token: str = ""

    @classmethod
    def of(cls, host: str, port: int, names: Sequence[str], token: str | None) -> Door:
        if token is not None and not token.startswith("env:"):
            raise seodang.SeodangError("seodang_serve:literal-token")  # and it is not repeated in the message
        value = os.environ.get(token.removeprefix("env:"), "").strip() if token else ""
        if token and not value:
            raise seodang.MissingSecret(token)
        if not value and not seodang.is_loopback(host):
            raise seodang.SeodangError("seodang_serve:needs-token", host=host)
        return cls(host=host, port=port, names=tuple(name.lower() for name in names), token=value)

    def knows(self, host: str, port: int) -> bool:
        """A page that makes its own name lead to us brings its own name with it. An address is nobody's own."""
        name, colon, told = host.lower().rpartition(":")
        if not colon or not told.isdecimal():
            name, told = host.lower(), "80"
        if name in self.names:
            return True  # a server in front of us may listen on another port
        if int(told) != port:
            return False
        name = name.removeprefix("[").removesuffix("]")
        return seodang.is_loopback(name) or (bool(self.token) and _is_address(name))

    def admits(self, given: str) -> bool:
        return not self.token or secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(door: Door) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = request.headers.getall(hdrs.HOST, [])
        local = request.transport.get_extra_info("sockname") if request.transport else None
        if local is None or len(hosts) != 1 or not door.knows(hosts[0], local[1]):
            return failure(421, "This server is not known by that name.", code="unknown_host")
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin.partition("://")[2] != hosts[0]:
            return failure(403, "Only this server's own page may ask.", code="foreign_origin")
        if request.path.startswith(NEEDS_TOKEN) and not door.admits(request.headers.get(hdrs.AUTHORIZATION, "")):
            return failure(401, "The token is missing or wrong.", code="invalid_api_key", kind="authentication_error")
        # A form of another page can send text, and never this type without asking first.
        if request.method == "POST" and request.content_type != "application/json":
            return failure(415, "Send application/json.", code="unsupported_media_type")
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return failure(413, f"A request has at most {MOST_BYTES:,} bytes.", code="too_large")
        except web.HTTPException as error:
            return failure(error.status, f"{request.method} {request.path}: {error.reason}", code="not_found")

    return guarded


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
