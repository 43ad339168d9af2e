"""Which declared hosts are this machine."""

from __future__ import annotations

import ipaddress
import re

_WITH_PORT = re.compile(r"(\[[^\]]*\]|[^:]*):\d+")


def is_loopback(host: str) -> bool:
    """Whether a declared host is this machine; a port may follow it."""
    found = _WITH_PORT.fullmatch(host)
    name = (found[1] if found else host).strip("[]")
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
