"""Where a server is, and whose it is: what decides about keys, terms, prices and what may be spoken to offline."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import seodang

VENDOR_DOMAIN = "deepl.com"
VENDOR_HOSTS = ("api.deepl.com", "api-free.deepl.com")
"""Keys that end in `:fx` belong to the second. Which it is the SDK sees from the key, and a recipe holds none."""


class Address:
    """A server's URL, taken apart and checked; without one it is the vendor. Odd spellings of addresses (`127.1`) are never loopback."""

    def __init__(self, server_url: str) -> None:
        self.url = server_url.rstrip("/")
        self.hosts: tuple[str, ...] = VENDOR_HOSTS
        self.vendor, self.loopback, self.encrypted = True, False, True
        if server_url:
            self._read(server_url)

    def _read(self, server_url: str) -> None:
        try:
            parts = urlsplit(server_url)
            port = parts.port
        except ValueError as error:
            raise seodang.SeodangError("seodang_deepl:bad-url", url=_without_secrets(server_url)) from error
        odd = parts.username is not None or parts.query or parts.fragment or parts.path.strip("/")
        if parts.scheme not in ("http", "https") or not parts.hostname or odd:
            raise seodang.SeodangError("seodang_deepl:bad-url", url=_without_secrets(server_url))
        name = parts.hostname.rstrip(".").lower()
        self.hosts = (name if port is None else f"{name}:{port}",)
        self.encrypted = parts.scheme == "https"
        self.loopback = _is_loopback(name)
        self.vendor = name == VENDOR_DOMAIN or name.endswith("." + VENDOR_DOMAIN)

    @property
    def host(self) -> str:
        """As people are told it."""
        return self.hosts[0]


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
