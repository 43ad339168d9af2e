"""The vendor's Batch API, in seconds instead of hours: states, output and error files, lists in pages, and half the price.

A batch is worked on whether anybody looks or not; what it has cost is told to the server that counts the payments.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from seodang.testing.wire_server import Reaction, Received

from seodang_openai.mock_files import MockFiles, page
from seodang_openai.mock_wire import decode_asked, encode, error

FATES = ("ok", "expire", "expire-all", "cancel", "fail", "fail-line", "crowd")
"""What can become of a batch. `expire` and `cancel` come when half of it is answered; `fail`, `fail-line` and `crowd` are found when it
is validated: the whole, its first line, or too many tokens that wait already."""
VALIDATED, WORKED = 0.1, 0.9
"""The shares of its time after which a batch is validated, and after which its files are being written."""
MOST_REQUESTS = 50_000
MOST_SECONDS = 86_400
Charge = tuple[str, dict[str, int]]


class _Line(msgspec.Struct):
    custom_id: str
    url: str
    body: msgspec.Raw
    method: str = "POST"


class _Wanted(msgspec.Struct):
    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_wanted = msgspec.json.Decoder(_Wanted).decode


class MockBatch:
    """One batch and where it stands."""

    def __init__(self, identifier: str, wanted: _Wanted, content: bytes, fate: str, began: float) -> None:
        self.id = identifier
        self.wanted = wanted
        self.content = content
        self.fate = fate
        self.began = began
        self.created_at = int(time.time())
        self.cancelled_after: float | None = None
        self.lines: list[_Line] = []
        self.errors: list[dict[str, Any]] = []
        self.status = "validating"
        self.done = 0
        self.output: list[bytes] = []
        self.failed: list[bytes] = []
        self.files: dict[str, str] = {}
        self._validate()

    @property
    def is_open(self) -> bool:
        return self.status in ("validating", "in_progress", "finalizing", "cancelling")

    @property
    def most(self) -> int:
        """So many of its lines are worked on."""
        shares = {"expire": len(self.lines) // 2, "cancel": len(self.lines) // 2, "expire-all": 0}
        return shares.get(self.fate, len(self.lines))

    def enqueued(self) -> int:
        return sum(len(line.body) // 3 for line in self.lines)

    def _validate(self) -> None:
        seen: set[str] = set()
        for number, text in enumerate(self.content.splitlines(), 1):
            try:
                line = _decode_line(text)
                if line.custom_id in seen:
                    raise ValueError(f"Duplicate custom_id: {line.custom_id}")
                if len(line.custom_id) > 64 or line.url != self.wanted.endpoint:
                    raise ValueError("The custom_id is too long, or the url is not the endpoint of the batch")
                decode_asked(line.body)
            except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as problem:
                self._blame("invalid_json_line", str(problem), number)
                continue
            seen.add(line.custom_id)
            self.lines.append(line)
        if self.fate == "fail-line":
            self._blame("invalid_request", "Invalid value in the request.", 1)
        if self.fate == "fail" or not self.lines:
            self._blame("invalid_request", "The batch could not be validated.")
        if len(self.lines) > MOST_REQUESTS:
            self._blame("too_many_tasks", f"The batch has more than {MOST_REQUESTS} requests.")
        if self.fate == "crowd":
            self.crowd()

    def crowd(self) -> None:
        self._blame("token_limit_exceeded", "Enqueued token limit reached for mock. Try again once some batches have completed.")

    def _blame(self, code: str, message: str, line: int | None = None) -> None:
        self.errors.append({"code": code, "message": message, "line": line, "param": None})

    def told(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.wanted.endpoint,
            "errors": {"object": "list", "data": self.errors} if self.status == "failed" else None,
            "input_file_id": self.wanted.input_file_id,
            "completion_window": self.wanted.completion_window,
            "status": self.status,
            "created_at": self.created_at,
            "expires_at": self.created_at + MOST_SECONDS,
            "request_counts": {"total": len(self.lines), "completed": len(self.output), "failed": len(self.failed)},
            "metadata": self.wanted.metadata,
            **self.files,
        }


class MockBatches:
    """`ask` answers one chat completion: the key of its prompt, which try of it this is, and its body."""

    def __init__(
        self,
        ask: Callable[[str, int, bytes], Reaction],
        key_of: Callable[[bytes], str],
        *,
        seconds: float = 0.5,
        fates: Sequence[str] = (),
        most_enqueued: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        unknown = set(fates) - set(FATES)
        if unknown:
            raise ValueError(f"unknown fates {sorted(unknown)}; known are {', '.join(FATES)}")
        self.files = MockFiles()
        self._ask = ask
        self._key_of = key_of
        self._seconds = seconds
        self._fates = tuple(fates)
        self._most_enqueued = most_enqueued
        self._clock = clock
        self._batches: dict[str, MockBatch] = {}
        self._tried: Counter[str] = Counter()
        self._due: list[Charge] = []

    def react(self, received: Received) -> Reaction:
        """Everything at and below `/v1/files` and `/v1/batches`."""
        self._advance()
        path, _, query = received.path.partition("?")
        asked, kind = dict(parse_qsl(query)), path.removeprefix("/v1/").partition("/")[0]
        rest = path.removeprefix(f"/v1/{kind}").strip("/")
        if kind == "files":
            return self.files.react(received, rest, asked) if rest or received.method != "POST" else self.files.upload(received)
        if not rest:
            return self._create(received) if received.method == "POST" else self._list(asked)
        identifier, _, what = rest.partition("/")
        batch = self._batches.get(identifier)
        if batch is None:
            return error(404, f"No batch found with id '{identifier}'.", code="batch_not_found")
        if what == "cancel" and batch.is_open:
            batch.fate, batch.cancelled_after, batch.status = "cancel", self._clock(), "cancelling"
        return Reaction(body=encode(batch.told()))

    def due(self) -> list[Charge]:
        """What was worked on since this was last asked: the prompt's key, and what it costs by unit, at the price of batches."""
        self._advance()
        due, self._due = self._due, []
        return due

    def _list(self, query: Mapping[str, str]) -> Reaction:
        return page([batch.told() for batch in self._batches.values()], query)

    def _create(self, received: Received) -> Reaction:
        try:
            wanted = _decode_wanted(received.body)
        except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
            return error(400, f"We could not parse the JSON body of your request: {problem}")
        file = self.files.find(wanted.input_file_id)
        if file is None or file.purpose != "batch":
            return error(400, f"Invalid 'input_file_id': {wanted.input_file_id}", code="invalid_file")
        number = len(self._batches)
        fate = self._fates[number] if number < len(self._fates) else "ok"
        batch = MockBatch(f"batch_{number + 1:08}", wanted, file.content, fate, self._clock())
        enqueued = sum(other.enqueued() for other in self._batches.values() if other.is_open)
        if self._most_enqueued and enqueued + batch.enqueued() > self._most_enqueued:
            batch.crowd()
        self._batches[batch.id] = batch
        return Reaction(body=encode(batch.told()))

    def _advance(self) -> None:
        """Works on every batch as far as its time has come."""
        now = self._clock()
        for batch in self._batches.values():
            if batch.is_open:
                self._work(batch, (now - batch.began) / self._seconds if self._seconds else 1.0)

    def _work(self, batch: MockBatch, share: float) -> None:
        if share < VALIDATED:
            return
        if batch.errors:
            batch.status = "failed"
            return
        batch.status = batch.status if batch.status == "cancelling" else "in_progress" if share < WORKED else "finalizing"
        worked = len(batch.lines) if share >= WORKED else int(len(batch.lines) * (share - VALIDATED) / (WORKED - VALIDATED))
        if batch.cancelled_after is None:
            while batch.done < min(worked, batch.most):
                self._answer(batch, batch.lines[batch.done])
                batch.done += 1
        if share >= 1 or batch.cancelled_after is not None:
            batch.status = {"expire": "expired", "expire-all": "expired", "cancel": "cancelled"}.get(batch.fate, "completed")
            self._finish(batch)

    def _answer(self, batch: MockBatch, line: _Line) -> None:
        key = self._key_of(bytes(line.body))
        self._tried[key] += 1
        reaction = self._ask(key, self._tried[key], bytes(line.body))
        identity = {"id": f"batch_req_{batch.id}_{batch.done}", "custom_id": line.custom_id}
        usable = _is_json(reaction.body) and not reaction.ending.startswith(("reset", "hang"))
        said = {"code": "server_error", "message": "The server had an error."}
        response = {"status_code": reaction.status, "request_id": identity["id"], "body": msgspec.Raw(reaction.body)}
        written = encode({**identity, "response": response if usable else None, "error": None if usable else said})
        if usable and reaction.status == 200:
            batch.output.append(written)
            if reaction.charge is not None:
                self._due.append((key, {f"batch_{unit}": amount for unit, amount in reaction.charge.items()}))
        else:
            batch.failed.append(written)

    def _finish(self, batch: MockBatch) -> None:
        """Writes the files. What was never reached stands in the error file of an expired batch, as the vendor has it."""
        if batch.status == "expired":
            why = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
            for line in batch.lines[batch.done :]:
                batch.failed.append(encode({"id": "", "custom_id": line.custom_id, "response": None, "error": why}))
        for name, lines in (("output_file_id", batch.output), ("error_file_id", batch.failed)):
            if lines:
                content = b"".join(line + b"\n" for line in _unordered(lines))
                batch.files[name] = self.files.add(f"{batch.id}_{name}.jsonl", "batch_output", content).id


def _unordered(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The order of the questions is promised to nobody."""
    yield from lines[1::2]
    yield from lines[::2]


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True
