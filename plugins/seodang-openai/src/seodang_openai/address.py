"""Where a server is, and whose it is: what decides about keys, terms, prices and what may be spoken to offline."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import seodang

VENDOR_HOST = "api.openai.com"


class Address:
    """A base URL, taken apart and checked. Odd spellings of addresses (`127.1`) are names to it, so they are never loopback."""

    def __init__(self, base_url: str) -> None:
        try:
            parts = urlsplit(base_url)
            port = parts.port
        except ValueError as error:
            raise seodang.SeodangError("seodang_openai:bad-url", url=_without_secrets(base_url)) from error
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username is not None
            or parts.query
            or parts.fragment
        ):
            raise seodang.SeodangError("seodang_openai:bad-url", url=_without_secrets(base_url))
        self.url = base_url.rstrip("/")
        self.host = parts.hostname.rstrip(".") if port is None else f"{parts.hostname.rstrip('.')}:{port}"
        name = parts.hostname.rstrip(".").lower()
        self.encrypted = parts.scheme == "https"
        self.loopback = _is_loopback(name)
        self.vendor = name == VENDOR_HOST or name.endswith("." + VENDOR_HOST)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _without_secrets(url: str) -> str:
    """A URL as a message may show it: what stands before an `@` or behind a `?` may be a key."""
    head = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = head.partition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}" if slashes else head.rpartition("@")[2]
