"""Where a server is, and whose it is: what decides about keys, terms, prices and what may be spoken to offline."""

from __future__ import annotations

import seodang

VENDOR_DOMAIN = "deepl.com"
VENDOR_HOSTS = ("api.deepl.com", "api-free.deepl.com")
"""Keys that end in `:fx` belong to the second. Which it is the SDK sees from the key, and a recipe holds none."""


class Address:
    """A server's URL, taken apart and checked; without one it is the vendor."""

    def __init__(self, server_url: str) -> None:
        self.url, self.hosts = "", VENDOR_HOSTS
        self.vendor, self.loopback, self.encrypted = True, False, True
        if server_url:
            found = seodang.ServerAddress.read(server_url)
            if found is None or found.path:
                raise seodang.SeodangError("seodang_deepl:bad-url", url=seodang.without_secrets(server_url))
            self.url, self.hosts = found.url, (found.host,)
            self.vendor, self.loopback, self.encrypted = found.belongs_to(VENDOR_DOMAIN), found.loopback, found.encrypted

    @property
    def host(self) -> str:
        """As people are told it."""
        return self.hosts[0]
