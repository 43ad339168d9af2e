"""A hub on loopback: the words of the Hugging Face hub that a download needs, with ranges, gates and connections that break."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


class Repository:
    """Files at one commit. `large` are told with their SHA-256, as the hub tells those that lie in its large storage."""

    def __init__(
        self, files: dict[str, bytes], *, card: dict | None = None, gated: bool = False, large: tuple[str, ...] = ()
    ) -> None:
        self.files = files
        self.card = card
        self.gated = gated
        self.large = large
        self.commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


class LoopbackHub:
    def __init__(self) -> None:
        self.models: dict[str, Repository] = {}
        self.datasets: dict[str, Repository] = {}
        self.asked: list[str] = []
        self.sent: dict[str, int] = {}
        self.breaks_after: dict[str, int] = {}
        """The bytes of a file after which the connection is cut, once."""
        self.tokens: set[str] = set()
        self.url = ""

    def found(self, path: str) -> tuple[Repository | None, str, str]:
        """The repository, the revision and the file that a path names."""
        shelf, path = (self.datasets, path.removeprefix("datasets/")) if path.startswith("datasets/") else (self.models, path)
        owner, name, _, revision, *rest = [*path.split("/"), "", "", ""][: max(5, path.count("/") + 1)]
        return shelf.get(f"{owner}/{name}"), unquote(revision), "/".join(part for part in rest if part)

    def about(self, path: str) -> tuple[int, dict]:
        """What `/api/models/…` says."""
        kind, _, rest = path.partition("/")
        shelf = self.datasets if kind == "datasets" else self.models
        owner, name, *more = rest.split("/")
        repository = shelf.get(f"{owner}/{name}")
        revision = unquote(more[1]) if len(more) > 1 else "main"
        if repository is None:
            return 404, {}
        if revision not in ("main", repository.commit):
            return 404, {"revision": "missing"}
        siblings = [
            {"rfilename": file, "size": len(content), "blobId": "0" * 40}
            | (
                {"lfs": {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}}
                if file in repository.large
                else {}
            )
            for file, content in repository.files.items()
        ]
        return 200, {"id": f"{owner}/{name}", "sha": repository.commit, "siblings": siblings, "cardData": repository.card}


@contextlib.contextmanager
def loopback_hub() -> Iterator[LoopbackHub]:
    hub = LoopbackHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            """Says nothing on the test's stderr."""

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = urlsplit(self.path).path.lstrip("/")
            hub.asked.append(f"{self.command} {path}")
            hub.tokens.add(self.headers.get("authorization", ""))
            if path.startswith("api/"):
                status, said = hub.about(path.removeprefix("api/"))
                code = "RevisionNotFound" if said else "RepoNotFound"
                more = {} if status == 200 else {"x-error-code": code}
                self._send(status, json.dumps(said).encode(), {"content-type": "application/json", **more}, body)
                return
            repository, _, file = hub.found(path)
            if repository is None or file not in repository.files:
                self._send(404, b"", {"x-error-code": "EntryNotFound" if repository else "RepoNotFound"}, body)
            elif repository.gated:
                self._send(403, b"", {"x-error-code": "GatedRepo"}, body)
            else:
                self._send_file(repository, file, body)

        def _send_file(self, repository: Repository, file: str, body: bool) -> None:
            content = repository.files[file]
            headers = {
                "x-repo-commit": repository.commit,
                "etag": f'"{hashlib.sha256(content).hexdigest()}"',
                "accept-ranges": "bytes",
            }
            wanted = self.headers.get("range", "")
            status, start = 200, 0
            if wanted.startswith("bytes=") and wanted.removeprefix("bytes=").partition("-")[0]:
                status, start = 206, int(wanted.removeprefix("bytes=").partition("-")[0])
                headers["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._send(status, content[start:], headers, body, file)

        def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool, file: str = "") -> None:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if not body:
                return
            cut = hub.breaks_after.pop(file, None) if file else None
            self.wfile.write(content if cut is None else content[:cut])
            hub.sent[file] = hub.sent.get(file, 0) + len(content if cut is None else content[:cut])
            if cut is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
