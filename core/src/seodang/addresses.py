"""Where a server is: what decides about keys, terms, prices and what may be spoken to offline."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_WITH_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):\d+")


@dataclass(frozen=True)
class ServerAddress:
    """A server's URL, taken apart. `name` is in lower case and without a port; `host` is as people and `network` say it."""

    url: str
    name: str
    host: str
    path: str
    encrypted: bool

    @classmethod
    def read(cls, url: str) -> ServerAddress | None:
        """None where it is no address of a server: another scheme, no host, or a name, a password or a query in it, which may be keys."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        name = (parts.hostname or "").rstrip(".").lower()
        odd = parts.username is not None or parts.query or parts.fragment
        if parts.scheme not in ("http", "https") or not name or odd:
            return None
        host = f"[{name}]" if ":" in name else name
        host = host if port is None else f"{host}:{port}"
        return cls(url=url.rstrip("/"), name=name, host=host, path=parts.path.strip("/"), encrypted=parts.scheme == "https")

    @property
    def loopback(self) -> bool:
        return is_loopback(self.name)

    def belongs_to(self, domain: str) -> bool:
        return self.name == domain or self.name.endswith("." + domain)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; a port may follow it. Odd spellings of addresses (`127.1`) are names, so they never are."""
    found = _WITH_PORT.fullmatch(host)
    name = (found[1] if found else host).strip("[]")
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def without_secrets(url: str) -> str:
    """A URL as a message may show it: what stands before an `@` or behind a `?` may be a key."""
    head = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = head.partition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}" if slashes else head.rpartition("@")[2]
