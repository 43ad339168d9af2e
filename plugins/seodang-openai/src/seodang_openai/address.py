"""Where a server is, and whose it is: what decides about keys, terms, prices and what may be spoken to offline."""

from __future__ import annotations

import seodang

VENDOR_HOST = "api.openai.com"


class Address:
    """A base URL, taken apart and checked."""

    def __init__(self, base_url: str) -> None:
        found = seodang.ServerAddress.read(base_url)
        if found is None:
            raise seodang.SeodangError("seodang_openai:bad-url", url=seodang.without_secrets(base_url))
        self.url, self.host, self.encrypted, self.loopback = found.url, found.host, found.encrypted, found.loopback
        self.vendor = found.belongs_to(VENDOR_HOST)
