"""The server: OpenAI's two addresses for a chat, and a page that speaks with them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Mapping

import msgspec
import seodang
from aiohttp import web

from seodang_serve import wire
from seodang_serve.guarding import MOST_BYTES, Door, guard
from seodang_serve.moderating import Moderator, refusal
from seodang_serve.speakers import Speaker

NONCE = "{nonce}"
EVENTS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_log = logging.getLogger(__name__)


class Chat:
    """Answers for the speakers. `most` bounds an answer, whatever a request says."""

    def __init__(self, speakers: Mapping[str, Speaker], *, page: str, most: int, moderator: Moderator | None = None) -> None:
        self._speakers = dict(speakers)
        self._page = page
        self._most = most
        self._moderator = moderator

    def app(self, door: Door) -> web.Application:
        app = web.Application(middlewares=[guard(door)], client_max_size=MOST_BYTES)
        app.add_routes(
            [
                web.get("/", self.show),
                web.get("/v1/models", self.models),
                web.get("/v1/models/{model}", self.model),
                web.post("/v1/chat/completions", self.complete),
            ]
        )
        return app

    async def show(self, _: web.Request) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        return web.Response(
            text=self._page.replace(NONCE, nonce), content_type="text/html", headers={**headers, "Cache-Control": "no-store"}
        )

    async def models(self, _: web.Request) -> web.Response:
        return _json({"object": "list", "data": [_described(name) for name in self._speakers]})

    async def model(self, request: web.Request) -> web.Response:
        name = request.match_info["model"]
        return _json(_described(name)) if name in self._speakers else self._unknown(name)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        try:
            asked = wire.read(await request.read())
            speaker = self._speakers.get(asked.model)
            if speaker is None:
                return self._unknown(asked.model)
            wanted = asked.request(self._most, speaker.sample)
        except wire.Bad as bad:
            return wire.failure(400, str(bad), code=bad.code, parameter=bad.parameter)
        answering = Answering(speaker, wanted, self._moderator, listening=lambda: request.transport is not None)
        try:
            if asked.stream:
                return await self._streamed(request, asked, answering)
            answer = await answering.answer()
        except Exception as error:  # told in the form that a client reads; what nobody foresaw is in the log too
            return _explained(error)
        finally:
            answering.leave()
        return web.Response(body=wire.Writer(asked.model).whole(answer), content_type="application/json")

    async def _streamed(self, request: web.Request, asked: wire.Asked, answering: Answering) -> web.StreamResponse:
        writer = wire.Writer(asked.model)
        # The first piece is waited for: until then an error can still be one.
        piece = await answering.next()
        response = web.StreamResponse(headers=EVENTS)
        try:
            await response.prepare(request)
            await response.write(writer.piece({"role": "assistant", "content": ""}))
            while piece is not None:
                await response.write(writer.piece({"content": piece}))
                piece = await answering.next()
            answer = await answering.answer()
            await response.write(writer.piece({}, wire.finish(answer)))
            if asked.stream_options and asked.stream_options.include_usage:
                await response.write(writer.usage(answer))
            await response.write(b"data: [DONE]\n\n")
        except ConnectionError:
            # Who asked has gone: the student need not go on.
            pass
        except Exception as error:  # the answer has begun, so it is told inside of it
            failed = _explained(error)
            with contextlib.suppress(ConnectionError):
                await response.write(b"data: " + bytes(failed.body or b"") + b"\n\n")
        return response

    def _unknown(self, name: str) -> web.Response:
        known = ", ".join(self._speakers)
        return wire.failure(
            404, f"There is no model '{name}' here. There are: {known}.", code="model_not_found", parameter="model"
        )


class Answering:
    """One answer under way. Where it is moderated nothing is heard before all of it was judged."""

    def __init__(
        self, speaker: Speaker, request: seodang.Request, moderator: Moderator | None, *, listening: Callable[[], bool]
    ) -> None:
        self._speaker, self._request, self._moderator = speaker, request, moderator
        self._listening = listening
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[str | None] = asyncio.Queue()
        self._left = False
        self._task = asyncio.ensure_future(self._answered())
        self._task.add_done_callback(lambda _: self._pieces.put_nowait(None))

    def leave(self) -> None:
        """Nobody listens any more."""
        self._left = True

    async def answer(self) -> seodang.Answer:
        return await self._task

    async def next(self) -> str | None:
        """The next piece; None behind the last. Raises what went wrong."""
        piece = await self._pieces.get()
        if piece is None:
            await self._task
        return piece

    def _heard(self, piece: str) -> bool:
        """Called in the thread that makes the answer. Who asked for it whole may have gone too, and then it ends here."""
        if self._left or not self._listening():
            return False
        if self._moderator is None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pieces.put_nowait, piece)
        return True

    async def _answered(self) -> seodang.Answer:
        moderator = self._moderator
        if moderator is None:
            return await self._speaker.answer(self._request, self._heard)
        if not await moderator.passes_question(self._request.messages):
            return self._whole(refusal("refused-question"))
        answer = await self._speaker.answer(self._request, self._heard)
        passed = await moderator.passes(answer.message.text, answer.message.thinking)
        return self._whole(answer if passed else refusal("refused-answer"))

    def _whole(self, answer: seodang.Answer) -> seodang.Answer:
        self._pieces.put_nowait(answer.message.text)
        return answer


def _explained(error: Exception) -> web.Response:
    if isinstance(error, seodang.Refused):
        code = "context_length_exceeded" if error.reason == "too-long" else error.reason
        return wire.failure(400, str(error), code=code)
    if isinstance(error, seodang.SeodangError):
        return wire.failure(502, str(error), code=error.code, kind="server_error")
    _log.error("an answer failed", exc_info=error)
    return wire.failure(500, type(error).__name__, code="internal_error", kind="server_error")


def _described(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "seodang"}


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
