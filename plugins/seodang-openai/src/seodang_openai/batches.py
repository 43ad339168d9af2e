"""The vendor's Batch API: a file of chat completions that is handed in, done within a day, and costs half."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import seodang

if TYPE_CHECKING:
    from seodang_openai import OpenAI

ENDPOINT = "/v1/chat/completions"
NAME = "seodang"
"""Under this our name of a batch stands in its metadata."""
LISTED_BEFORE = timedelta(days=1)
"""The vendor's clock and ours may differ: so much older batches are looked at before one is taken not to be there."""
CROWDED = frozenset({"token_limit_exceeded", "batch_enqueued_tokens_limit_exceeded"})
NEVER_REACHED = frozenset({"batch_expired", "batch_cancelled"})
"""Lines of an error file that say that nothing was done: the core hands these in again by itself."""
ENDS = {"completed": "completed", "expired": "expired", "cancelled": "cancelled"}
_PAGE = 100


class _Response(msgspec.Struct):
    status_code: int
    body: msgspec.Raw = msgspec.Raw(b"")


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Line(msgspec.Struct):
    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Line).decode


class OpenAIBatches(seodang.BatchService):
    """Speaks through the teacher's own connection, with the teacher's own options."""

    def __init__(self, teacher: OpenAI) -> None:
        self._teacher = teacher
        self.most_requests = teacher.options.batch_requests
        # On one machine nothing is on its way for long.
        self.settle_seconds = 1.0 if teacher.is_loopback else 30.0

    def price(self) -> seodang.Price | None:
        return self._teacher.price_of(batch=True)

    def line(self, key: str, request: seodang.Request) -> bytes:
        body = self._teacher.body_of(request)
        return b'{"custom_id":"%b","method":"POST","url":"%b","body":%b}' % (key.encode(), ENDPOINT.encode(), body)

    async def submit(self, batch: seodang.Batch, context: Any) -> str:
        async def hand_in(client: Any) -> str:
            with batch.path.open("rb") as content:
                file = _read(await client.files.create(file=(batch.path.name, content, "application/jsonl"), purpose="batch"))
            made = await client.batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata={NAME: batch.name}
            )
            return str(_read(made).id)

        return str(await self._teacher.connection.speak(hand_in, context))

    async def find(self, batch: seodang.Batch, context: Any) -> str | None:
        oldest = (batch.planned - LISTED_BEFORE).timestamp()

        async def look_through(client: Any) -> str | None:
            async for listed in client.batches.list(limit=_PAGE):
                if (listed.metadata or {}).get(NAME) == batch.name:
                    return str(listed.id)
                if listed.created_at < oldest:
                    return None
            return None

        found: str | None = await self._teacher.connection.speak(look_through, context)
        return found

    async def look(self, identifier: str, context: Any) -> seodang.BatchState:
        return _state(await self._retrieve(identifier, context))

    async def collect(self, identifier: str, context: Any) -> AsyncIterator[tuple[str, seodang.Reply | seodang.RemoteError]]:
        batch = await self._retrieve(identifier, context)
        for file in (batch.output_file_id, batch.error_file_id):
            if file is None:
                continue
            async for text in self._teacher.connection.lines(file, context):
                try:
                    line = _decode(text)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue  # nobody knows whose it was: the core finds that one has no answer, and counts it as in doubt
                if (said := self._said(line)) is not None:
                    yield line.custom_id, said

    def _said(self, line: _Line) -> seodang.Reply | seodang.RemoteError | None:
        """What a single question would have come to: the bytes of its answer as they are, or its error."""
        if line.response is not None:
            body = bytes(line.response.body)
            error = self._teacher.connection.verdict(line.response.status_code, body)
            return error or seodang.Reply(body)
        code, message = (line.error.code or "", line.error.message or "") if line.error else ("", "")
        if code in NEVER_REACHED:
            return None
        return seodang.Transient(f"{code}: {message}", status=500)

    async def _retrieve(self, identifier: str, context: Any) -> Any:
        async def retrieve(client: Any) -> Any:
            return _read(await client.batches.retrieve(identifier))

        return await self._teacher.connection.speak(retrieve, context)


def _read(answer: Any) -> Any:
    """What the SDK has read; where the answer is a page instead, it gives that page."""
    if getattr(answer, "id", None) is None:
        raise ValueError(str(answer)[:100])
    return answer


def _state(batch: Any) -> seodang.BatchState:
    counts = batch.request_counts
    done, failed = (counts.completed, counts.failed) if counts is not None else (0, 0)
    errors = (batch.errors.data or []) if batch.errors is not None else []
    detail = "; ".join(dict.fromkeys(error.message or error.code or "" for error in errors[:3]))
    if batch.status == "failed":
        crowded = any(error.code in CROWDED for error in errors)
        at_fault = {error.line: error.message or error.code or "" for error in errors if error.line}
        return seodang.BatchState(
            state="crowded" if crowded else "failed", said=batch.status, detail=detail, at_fault={} if crowded else at_fault
        )
    return seodang.BatchState(state=ENDS.get(batch.status, "open"), said=batch.status, done=done, failed=failed, detail=detail)
