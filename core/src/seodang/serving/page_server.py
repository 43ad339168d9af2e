"""Serves one page and its verbs on loopback, under an address that only who started it knows.

Another page in the same browser, or a name that is made to lead here, must reach nothing: the name in `Host` has to be ours, the
address begins with a token, a verb is heard only from our own page, and the page loads and runs nothing but itself.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from seodang.errors import SeodangError
from seodang.wording import render

Verb = Callable[[Any], Any]
MOST_BYTES = 4 * 2**20
NONCE = "{nonce}"
"""Where a page's own script and style name the secret without which they are not run."""


class PageServer:
    """`with PageServer(html, {"vote": vote}) as server: server.wait()`. Verbs are called one at a time, each with what the page sent."""

    def __init__(self, html: str, verbs: Mapping[str, Verb], *, port: int = 0) -> None:
        self._html, self._verbs = html, dict(verbs)
        self._token = secrets.token_urlsafe(24)
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="page", daemon=True)

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self._token}/"

    def end(self) -> None:
        """Lets `wait` return, as when the page says that everything is done."""
        self._ended.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until somebody ends it or interrupts the program. In short waits, because a long one would not hear Ctrl-C."""
        waited = 0.0
        while not self._ended.wait(0.2):
            waited += 0.2
            if seconds is not None and waited >= seconds:
                return False
        return True

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[HTTPStatus, str, bytes]:
        """What is said to a request: the status, the type of the content, the content."""
        names = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.get("Host", "") not in names:
            return HTTPStatus.FORBIDDEN, "text/plain", b""
        token, _, verb = path.lstrip("/").partition("/")
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return HTTPStatus.NOT_FOUND, "text/plain", b""
        if method == "GET":
            if verb:
                return HTTPStatus.NOT_FOUND, "text/plain", b""
            return HTTPStatus.OK, "text/html; charset=utf-8", b""
        if headers.get("Origin", "") not in {f"http://{name}" for name in names} or verb not in self._verbs:
            return HTTPStatus.FORBIDDEN, "text/plain", b""
        return self._call(verb, body)

    def _call(self, verb: str, body: bytes) -> tuple[HTTPStatus, str, bytes]:
        try:
            sent = msgspec.json.decode(body or b"null")
            with self._one_at_a_time:
                said = self._verbs[verb](sent)
        except SeodangError as error:
            return HTTPStatus.BAD_REQUEST, "application/json", msgspec.json.encode({"error": str(error)})
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            # Not our page, or one of another version: it is told, and nothing was changed.
            said = render("serving.bad-request", {"verb": verb, "detail": repr(error)})
            return HTTPStatus.BAD_REQUEST, "application/json", msgspec.json.encode({"error": said})
        except OSError as error:
            # A full disk: what was said is not kept, and whoever said it has to know.
            said = render("serving.not-kept", {"detail": error.strerror or str(error)})
            return HTTPStatus.INTERNAL_SERVER_ERROR, "application/json", msgspec.json.encode({"error": said})
        return HTTPStatus.OK, "application/json", msgspec.json.encode(said)

    def page(self) -> tuple[bytes, str]:
        """The page with a fresh nonce, and the policy that goes with it."""
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return self._html.replace(NONCE, nonce).encode(), policy


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: PageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain", b"")
                return
            self._answer("POST", self.rfile.read(int(length)))

        def log_message(self, *_: Any) -> None:
            """Nothing: the address holds the token, and the terminal belongs to what the command says."""

        def _answer(self, method: str, body: bytes) -> None:
            status, kind, content = server.answer(method, self.path, dict(self.headers.items()), body)
            if kind.startswith("text/html"):
                content, policy = server.page()
                self._send(status, kind, content, policy)
            else:
                self._send(status, kind, content)

        def _send(self, status: HTTPStatus, kind: str, content: bytes, policy: str = "default-src 'none'") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

    return Handler
