"""Where the search API is: Naver's two gateways and loopback, and no other host, because the key goes along."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlencode, urlsplit

import msgspec
import seodang


class Gateway(msgspec.Struct, frozen=True):
    """How one of Naver's gateways is spoken to. `secrets` are in the order of `headers`."""

    host: str
    path: str
    headers: tuple[str, str]
    secrets: tuple[str, str]


GATEWAYS = {
    "legacy": Gateway(
        "openapi.naver.com",
        "/v1/search/kin.json",
        ("X-Naver-Client-Id", "X-Naver-Client-Secret"),
        ("env:NAVER_CLIENT_ID", "env:NAVER_CLIENT_SECRET"),
    ),
    "hub": Gateway(
        # One host of a domain under which NAVER Cloud's customers have theirs: the domain as a whole is nobody to trust.
        "naverapihub.apigw.ntruss.com",
        "/search/v1/kin",
        ("X-NCP-APIGW-API-KEY-ID", "X-NCP-APIGW-API-KEY"),
        ("env:NCP_APIGW_API_KEY_ID", "env:NCP_APIGW_API_KEY"),
    ),
}


class Server:
    """The address of the API, checked. Odd spellings of loopback (`127.1`) are names to it, and so foreign."""

    def __init__(self, mode: str, base_url: str = "") -> None:
        self.mode = mode
        self.gateway = GATEWAYS[mode]
        self.url = (base_url or f"https://{self.gateway.host}").rstrip("/")
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError as error:
            raise seodang.SeodangError("seodang_naver_kin:bad-url", url=without_secrets(base_url)) from error
        name = (parts.hostname or "").rstrip(".").lower()
        plain = parts.username is None and not parts.query and not parts.fragment and not parts.path
        if parts.scheme not in ("http", "https") or not name or not plain:
            raise seodang.SeodangError("seodang_naver_kin:bad-url", url=without_secrets(base_url))
        self.loopback = _is_loopback(name)
        self.host = name if port is None else f"{name}:{port}"
        if not self.loopback and name != self.gateway.host:
            raise seodang.SeodangError("seodang_naver_kin:foreign-host", host=self.host, expected=self.gateway.host)
        if not self.loopback and parts.scheme != "https":
            raise seodang.SeodangError("seodang_naver_kin:not-encrypted", host=self.host)

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.gateway.secrets

    def question(self, query: str, *, start: int, display: int, sort: str) -> str:
        """The URL of one page of results. The key is not in it."""
        return f"{self.url}{self.gateway.path}?" + urlencode({"query": query, "display": display, "start": start, "sort": sort})


def _is_loopback(name: str) -> bool:
    if name == "localhost":
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
