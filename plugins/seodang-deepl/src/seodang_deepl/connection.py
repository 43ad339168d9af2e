"""The real deepl SDK, with everything switched off that the core does itself. Imported when the first text is sent."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import deepl
import deepl.http_client
import requests
import requests.adapters

from seodang_deepl import failures
from seodang_deepl.address import Address
from seodang_deepl.unusable import Unusable

NO_KEY = "none"
"""Loopback needs no key, and the SDK insists on one."""
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
Said = TypeVar("Said")


class Connection:
    """A client of the SDK that all threads of a step share."""

    def __init__(self, options: Any, address: Address, secrets: Sequence[str]) -> None:
        self._options = options
        self._address = address
        self._secrets = secrets
        self._key = ""
        self._opening = threading.Lock()
        self._client: _Client | None = None

    def speak(self, speaking: Callable[[deepl.DeepLClient], Said], context: Any) -> Said:
        """Calls what the SDK offers. Raises `seodang.RemoteError`s only."""
        client = self._opened(context)
        try:
            return speaking(client)
        except (deepl.DeepLException, TypeError, ValueError, AttributeError, KeyError) as error:
            headers = client.wire.headers
            raise failures.translated(error, self._key, self._address.host, headers, context.clock) from None

    def _opened(self, context: Any) -> _Client:
        with self._opening:
            if self._client is None:
                if os.environ.get("SEODANG_OFFLINE") == "1" and not self._address.loopback:
                    raise Unusable("seodang_deepl:offline", host=self._address.host)
                self._key = context.secret(self._secrets[0]) if self._secrets else ""
                self._client = _Client(self._key or NO_KEY, self._options, self._address)
            return self._client

    def close(self) -> None:
        with self._opening:
            if self._client is not None:
                self._client.close()
                self._client = None


class _Client(deepl.DeepLClient):
    """The SDK's client with a wire of our own. It retries by a number that all clients of the process share, so that setting it
    would change what somebody else's client does; and it keeps no header, of which `Retry-After` is needed."""

    def __init__(self, key: str, options: Any, address: Address) -> None:
        super().__init__(key, server_url=address.url or None, send_platform_info=False)
        self._client.close()
        self._client = self.wire = _OneTry(options, address)


class _OneTry(deepl.http_client.HttpClient):
    def __init__(self, options: Any, address: Address) -> None:
        certificates = next((os.environ[name] for name in _CERTIFICATES if os.environ.get(name)), None)
        super().__init__(send_platform_info=False, verify_ssl=certificates)
        self._session.trust_env = not address.loopback  # proxies
        self._adapter = _Adapter(options, address)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    @property
    def headers(self) -> Mapping[str, str]:
        """What came with the last answer in this thread."""
        return getattr(self._adapter.last, "headers", {})

    def request_with_backoff(self, *arguments: Any, **named: Any) -> Any:
        self._adapter.last.headers = {}
        return self.request(*arguments, **named)


class _Adapter(requests.adapters.HTTPAdapter):
    """Waits as long as the recipe says (the SDK's ten seconds are no time for fifty texts), and carries nothing to another host."""

    def __init__(self, options: Any, address: Address) -> None:
        super().__init__(pool_connections=1, pool_maxsize=options.in_flight, max_retries=0)
        self._seconds = options.timeout_seconds
        self._host = address.host
        self.last = threading.local()

    def send(self, request: Any, *arguments: Any, **named: Any) -> requests.Response:
        response = super().send(request, *arguments, **{**named, "timeout": self._seconds})
        self.last.headers = response.headers
        if 300 <= response.status_code < 400:
            response.close()
            raise Unusable("seodang_deepl:redirected", status=response.status_code, host=self._host)
        return response
