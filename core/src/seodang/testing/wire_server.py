"""A server on loopback to fake a vendor with: it answers, goes wrong where it is told to, and counts what was paid.

    with wire_server(handler) as server:
        ...  # speak to server.url
        assert server.counts().payments == 10

A handler is an ordinary function from what was received to a `Reaction`. It speaks HTTP/1.1 with keep-alive and nothing else:
no TLS, no compression, no chunked requests. It costs little on purpose, so that a benchmark measures its client.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

MOST_HEAD_BYTES = 64 * 1024
MOST_BODY_BYTES = 256 * 1024 * 1024

REASONS = {
    200: "OK", 204: "No Content", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
    403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 409: "Conflict", 411: "Length Required",
    413: "Content Too Large", 422: "Unprocessable Content", 429: "Too Many Requests", 456: "Quota Exceeded",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 529: "Overloaded",
}  # fmt: skip

ENDINGS = ("whole", "reset-before", "reset-after", "drip", "wrong-length", "hang")


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came. Names of headers are in lower case; `key` and `attempt` say which try of which prompt it is."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    key: str = ""
    attempt: int = 1


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """What the server does with a request.

    `charge` is what is billed for it, by unit, as in `{"input_tokens": 20}`: counted at the end of `seconds`, whether the
    client is still there or not, as vendors do. `ending` may spoil the transport:
    `reset-before` cuts the connection at once and `reset-after` at the end, when the answer is paid; `drip` sends the body
    byte by byte over `drip_seconds`; `wrong-length` promises more bytes than come; `hang` says nothing until the client goes.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    seconds: float = 0.0
    charge: Mapping[str, int] | None = None
    ending: str = "whole"
    drip_seconds: float = 5.0


class Counts(msgspec.Struct, kw_only=True):
    """What happened at the server. A copy: it does not change any more.

    The server tells them at `/_counts`, and at `/_counts?brief` without those by prompt.
    `payments` are requests that were billed, `charged` their sums by unit, `paid` and `asked` the numbers by key of prompt.
    """

    requests: int = 0
    payments: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    statuses: dict[str, int] = {}
    endings: dict[str, int] = {}
    charged: dict[str, int] = {}
    paid: dict[str, int] = {}
    asked: dict[str, int] = {}


Handler = Callable[[Received], Reaction]
"""A function, or an object that is called like one. Where that has a method `due()`, it gives what work between requests has cost: pairs
of a prompt's key and the amounts by unit."""
KeyOf = Callable[[Received], str]


class WireServer:
    """The server itself, inside a running loop. `wire_server` runs it in a thread, `serve` as a process.

    Requests whose key is empty (a list of models, a health check) are answered and not counted.
    """

    def __init__(self, handler: Handler, *, key_of: KeyOf | None = None, payments_file: Path | None = None) -> None:
        self.handler = handler
        self.key_of = key_of or _key_of_body
        self.url = ""
        self._payments = None if payments_file is None else os.open(payments_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._counts = Counts()
        self.connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._idle: asyncio.Event | None = None

    async def start(self, port: int = 0) -> None:
        """Listens on 127.0.0.1 and nowhere else; port 0 takes a free one."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def counts(self) -> Counts:
        """The counts of now, as a copy. To be called in the loop of the server."""
        self.collect_due()
        return msgspec.json.decode(msgspec.json.encode(self._counts), type=Counts)

    def brief(self) -> Counts:
        """The counts without those by prompt, for a test that asks a hundred times a second."""
        self.collect_due()
        return msgspec.structs.replace(self._counts, paid={}, asked={})

    async def stop(self, grace_seconds: float = 5.0) -> None:
        """Takes no more connections, lets running generations end, and closes the rest."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self.connections):
            connection.retire()
        if self._counts.in_flight:
            self._idle = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), grace_seconds)
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)
        await self._server.wait_closed()
        self._server = None
        self.collect_due()
        if self._payments is not None:
            os.close(self._payments)
            self._payments = None

    def take(self, received: Received) -> Reaction:
        """Counts a request in and asks the handler."""
        counts = self._counts
        counts.requests += 1
        counts.in_flight += 1
        counts.most_in_flight = max(counts.most_in_flight, counts.in_flight)
        counts.asked[received.key] = received.attempt
        return self.handler(received)

    def attempt(self, key: str) -> int:
        return self._counts.asked.get(key, 0) + 1

    def finish(self, key: str, reaction: Reaction) -> None:
        """The end of generation: here, and not before, the answer is paid."""
        counts = self._counts
        counts.in_flight -= 1
        if self._idle is not None and not counts.in_flight:
            self._idle.set()
        if reaction.ending.startswith(("reset", "hang")):
            counts.endings[reaction.ending] = counts.endings.get(reaction.ending, 0) + 1
        else:
            counts.statuses[str(reaction.status)] = counts.statuses.get(str(reaction.status), 0) + 1
        if reaction.charge is not None:
            self._pay(key, reaction.charge)

    def collect_due(self) -> None:
        """Counts what the handler has done without being asked just now."""
        due = getattr(self.handler, "due", None)
        for key, charge in due() if due is not None else ():
            self._pay(key, charge)

    def _pay(self, key: str, charge: Mapping[str, int]) -> None:
        counts = self._counts
        if self._payments is not None:
            os.write(self._payments, msgspec.json.encode({"key": key, **charge}) + b"\n")
        counts.payments += 1
        counts.paid[key] = counts.paid.get(key, 0) + 1
        for unit, amount in charge.items():
            counts.charged[unit] = counts.charged.get(unit, 0) + amount


class _Connection(asyncio.Protocol):
    """One connection: reads a request, waits as long as the reaction says, writes, and reads the next."""

    def __init__(self, server: WireServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._wanted = 0
        """Bytes that the request under way takes; before them it need not be looked at again."""
        self._without_body = False
        self._busy = False
        self._closing = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._busy and len(self._buffer) >= self._wanted:
            self._next()

    def retire(self) -> None:
        self._closing = True
        if not self._busy and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _next(self) -> None:
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            if len(self._buffer) > MOST_HEAD_BYTES:
                self._refuse(400)
            return
        line, *fields = self._buffer[:head_end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        method, _, rest = line.partition(" ")
        path, _, version = rest.rpartition(" ")
        length = headers.get("content-length", "0")
        if not version.startswith("HTTP/1.") or not length.isdecimal():
            self._refuse(400)
            return
        if "transfer-encoding" in headers:
            self._refuse(411)
            return
        if int(length) > MOST_BODY_BYTES:
            self._refuse(413)
            return
        end = head_end + 4 + int(length)
        if len(self._buffer) < end:
            self._wanted = end
            return
        self._wanted = 0
        body = bytes(self._buffer[head_end + 4 : end])
        del self._buffer[:end]
        if headers.get("connection", "").lower() == "close" or version == "HTTP/1.0":
            self._closing = True
        self._without_body = method == "HEAD"  # told how long it would be, and not sent it
        self._receive(Received(method=method, path=path, headers=headers, body=body))

    def _receive(self, received: Received) -> None:
        self._busy = True
        server = self._server
        path, _, wish = received.path.partition("?")
        if path == "/_counts":
            self._respond(Reaction(body=msgspec.json.encode(server.brief() if wish == "brief" else server.counts())))
            return
        key = server.key_of(received)
        if not key:
            self._respond(server.handler(received))
            return
        received = msgspec.structs.replace(received, key=key, attempt=server.attempt(key))
        reaction = server.take(received)
        if reaction.seconds:
            self._loop.call_later(reaction.seconds, self._conclude, key, reaction)
        else:
            self._conclude(key, reaction)

    def _conclude(self, key: str, reaction: Reaction) -> None:
        self._server.finish(key, reaction)
        self._respond(reaction)

    def _respond(self, reaction: Reaction) -> None:
        if self._transport is None:
            return
        ending = reaction.ending
        if ending == "hang":
            return
        if ending.startswith("reset"):
            self._reset(self._transport)
            return
        length = len(reaction.body) + (64 if ending == "wrong-length" else 0)
        lines = [f"HTTP/1.1 {reaction.status} {REASONS.get(reaction.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in reaction.headers]
        head = ("\r\n".join(lines) + f"\r\ncontent-length: {length}\r\n\r\n").encode("latin-1")
        if ending == "drip":
            self._transport.write(head)
            self._drip(reaction.body, max(reaction.drip_seconds / max(len(reaction.body), 1), 0.001))
            return
        self._transport.write(head if self._without_body else head + reaction.body)
        self._done(close=ending == "wrong-length")

    def _reset(self, transport: asyncio.Transport) -> None:
        """A real RST: without the option a closed socket says goodbye in order, which is another failure."""
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def _drip(self, body: bytes, pause: float) -> None:
        if self._transport is None:
            return
        if not body:
            self._done()
            return
        self._transport.write(body[:1])
        self._loop.call_later(pause, self._drip, body[1:], pause)

    def _done(self, close: bool = False) -> None:
        self._busy = False
        if self._transport is None:
            return
        if close or self._closing:
            self._transport.close()
        elif self._buffer:
            self._next()

    def _refuse(self, status: int) -> None:
        self._closing = True
        self._respond(Reaction(status=status))


def _key_of_body(received: Received) -> str:
    return hashlib.sha256(received.body).hexdigest()[:16] if received.method == "POST" else ""


class RunningServer:
    """A server in a thread of this process, as `wire_server` hands it out."""

    def __init__(self, server: WireServer, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop

    @property
    def url(self) -> str:
        return self._server.url

    def counts(self) -> Counts:
        """The counts of now, or of the end when the server has stopped."""
        if self._loop.is_closed():
            return self._server.counts()
        found: concurrent.futures.Future[Counts] = concurrent.futures.Future()
        self._loop.call_soon_threadsafe(lambda: found.set_result(self._server.counts()))
        return found.result()


@contextlib.contextmanager
def wire_server(
    handler: Handler, *, key_of: KeyOf | None = None, payments_file: Path | None = None, port: int = 0
) -> Iterator[RunningServer]:
    """Runs a server in a thread for the length of a `with`. Without `key_of`, a prompt is what the body of a POST says."""
    loop = asyncio.new_event_loop()
    server = WireServer(handler, key_of=key_of, payments_file=payments_file)
    thread = threading.Thread(target=loop.run_forever, name="wire-server", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(port), loop).result()
        yield RunningServer(server, loop)
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(grace_seconds=0.0), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def serve(
    handler: Handler,
    *,
    key_of: KeyOf | None = None,
    payments_file: Path | None = None,
    port: int = 0,
    announce: Callable[[str], None] = lambda url: None,
) -> Counts:
    """Serves until SIGTERM or Ctrl-C, lets what is in flight end, and returns the counts."""

    async def until_told() -> Counts:
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        server = WireServer(handler, key_of=key_of, payments_file=payments_file)
        await server.start(port)
        announce(server.url)
        await told.wait()
        await server.stop()
        return server.counts()

    return asyncio.run(until_told())


__all__ = ["Counts", "Reaction", "Received", "RunningServer", "WireServer", "serve", "wire_server"]
