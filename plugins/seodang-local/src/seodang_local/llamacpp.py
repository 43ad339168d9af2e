"""A GGUF file, opened with xllamacpp: its tokenizer, its chat template, and completions of tokens, several at once."""

from __future__ import annotations

import json
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import seodang

from seodang_local.marks import Marks

HEAD_BYTES = 64 * 1024 * 1024
"""Where the words of the tokenizer and the chat template stand, before the weights."""
TIMEOUT_SECONDS = 60.0


class Engine:
    """llama.cpp in this process. What its Python has no verb for goes to its server, which listens on loopback and to us only."""

    def __init__(self, path: Path, *, tokens: int, rows: int, threads: int = 0, device: str = "") -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise seodang.DataError("seodang_local:no-gguf", path=str(path)) from error
        self.name = path.name
        self.has_template = _has_template(path)
        self._key = secrets.token_hex(16)
        wishes = xllamacpp.CommonParams()
        wishes.model.path = str(path)
        wishes.n_ctx, wishes.n_parallel, wishes.kv_unified = tokens, rows, True
        wishes.use_jinja, wishes.warmup, wishes.fit_params, wishes.verbosity = True, False, False, -1
        wishes.api_keys = [self._key]
        if threads:
            wishes.cpuparams.n_threads = threads
        if device == "cpu":
            wishes.n_gpu_layers = 0
        try:
            self._server = xllamacpp.Server(wishes)
        except Exception as error:  # whatever the library trips over in a file that a stranger made is what is told
            raise seodang.DataError(
                "seodang_local:not-loaded", path=str(path), error=str(error) or type(error).__name__
            ) from error
        # A proxy of the environment has no business between us and ourselves.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        meta = self._post("/v1/models")["data"][0]["meta"]
        self.vocabulary = int(meta["n_vocab"])
        self.limit = min(int(meta["n_ctx_train"]), tokens)
        self._named = self._post("/props")
        self._room = Room(tokens)

    def _post(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self._server.listening_address}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.loads(answer.read())

    def ids(self, text: str, *, special: bool = False, first: bool = False) -> list[int]:
        """The tokens of a text: with what the tokenizer puts before a `first` one, and `special` tokens read as such."""
        found: list[int] = self._post("/tokenize", {"content": text, "parse_special": special, "add_special": first})["tokens"]
        return found

    def chat(self, messages: Sequence[seodang.Message], tools: Sequence[Any], arguments: Mapping[str, Any]) -> list[int]:
        """A conversation as the file's own chat template writes it; what looks like a special token in a message is text."""
        marks = Marks(messages)
        body: dict[str, Any] = {"messages": [seodang.chat_turn(message, marks.hide) for message in messages]}
        if tools:
            body["tools"] = list(tools)
        if arguments:
            body["chat_template_kwargs"] = dict(arguments)
        try:
            prompt = self._post("/apply-template", body)["prompt"]
        except urllib.error.HTTPError as error:
            raise seodang.Refused(_said(error), reason="chat-template") from error
        ids: list[int] = []
        for place, (piece, hidden) in enumerate(marks.pieces(prompt)):
            ids += self.ids(piece, special=not hidden, first=place == 0)
        return ids

    def segments(self, segments: Sequence[seodang.Segment]) -> list[int]:
        """As `seodang.encode` does it for the other kind of model."""
        ids: list[int] = []
        for segment in segments:
            ids += self._special(segment.text) if segment.special else self.ids(segment.text)
        return ids

    def _special(self, name: str) -> list[int]:
        spelt = self._named.get(f"{name}_token", "") if name in ("bos", "eos") else name
        found = self.ids(spelt, special=True)[-1:] if spelt else []
        if not found and name != "bos":
            raise seodang.DataError("seodang_local:no-special-token", token=name)
        return found

    def complete(self, ids: Sequence[int], most: int, **wishes: Any) -> dict[str, Any]:
        """One completion. Waits until there is room beside those under way; nothing is left of it for the next."""
        with self._room.of(len(ids) + most):
            body = {"prompt": list(ids), "n_predict": most, "temperature": 0.0, "cache_prompt": False, **wishes}
            answer: dict[str, Any] = self._server.handle_completions(body)
        if "error" in answer:
            raise seodang.DataError("seodang_local:not-answered", model=self.name, error=str(answer["error"].get("message", "–")))
        return answer


class Room:
    """So many tokens fit at once; who does not fit waits."""

    def __init__(self, tokens: int) -> None:
        self._tokens = self._free = tokens
        self._changed = threading.Condition()

    @contextmanager
    def of(self, tokens: int) -> Iterator[None]:
        taken = min(tokens, self._tokens)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= taken)
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


def _has_template(path: Path) -> bool:
    """llama.cpp gives a file without a template one that the model may never have seen, and does not say so."""
    with open(path, "rb") as file:
        return b"tokenizer.chat_template" in file.read(HEAD_BYTES)


def _said(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return str(error)
