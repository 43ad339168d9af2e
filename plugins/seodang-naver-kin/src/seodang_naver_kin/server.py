"""Where the search API is: Naver's two gateways and loopback, and no other host, because the key goes along."""

from __future__ import annotations

from urllib.parse import urlencode

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
        found = seodang.ServerAddress.read(self.url)
        if found is None or found.path:
            raise seodang.SeodangError("seodang_naver_kin:bad-url", url=seodang.without_secrets(base_url))
        self.loopback, self.host = found.loopback, found.host
        if not self.loopback and found.name != self.gateway.host:
            raise seodang.SeodangError("seodang_naver_kin:foreign-host", host=self.host, expected=self.gateway.host)
        if not self.loopback and not found.encrypted:
            raise seodang.SeodangError("seodang_naver_kin:not-encrypted", host=self.host)

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.gateway.secrets

    def question(self, query: str, *, start: int, display: int, sort: str) -> str:
        """The URL of one page of results. The key is not in it."""
        return f"{self.url}{self.gateway.path}?" + urlencode({"query": query, "display": display, "start": start, "sort": sort})
