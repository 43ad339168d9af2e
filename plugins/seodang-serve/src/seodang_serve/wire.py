"""OpenAI's chat completions as this server reads and writes them. What is wished and cannot be had is refused by its name."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Any, Literal

import msgspec
import seodang
from aiohttp import web

WITHOUT_EFFECT = frozenset({"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"})
"""They tell a vendor about its customer, and change no answer."""
ONLY: dict[str, Any] = {
    "n": 1, "logprobs": False, "frequency_penalty": 0, "presence_penalty": 0, "tools": [], "tool_choice": "none",
    "response_format": {"type": "text"}, "modalities": ["text"], "logit_bias": {}, "parallel_tool_calls": True,
}  # fmt: skip
"""What may be said where it says what happens anyway."""


class Bad(Exception):
    """A request that cannot be answered, and the parameter that is to blame."""

    def __init__(self, message: str, *, parameter: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.parameter, self.code = parameter, code


class Part(msgspec.Struct):
    type: str
    text: str = ""


class Turn(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part] | None = None

    @property
    def message(self) -> seodang.Message:
        if isinstance(self.content, list):
            if other := [part.type for part in self.content if part.type != "text"]:
                raise Bad(f"This model reads text, and no {other[0]}.", parameter="messages")
            text = "".join(part.text for part in self.content)
        else:
            text = self.content or ""
        return seodang.Message("system" if self.role == "developer" else self.role, text)


class StreamOptions(msgspec.Struct):
    include_usage: bool = False


class Asked(msgspec.Struct):
    model: str
    messages: Annotated[list[Turn], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, msgspec.Meta(ge=1)] | None = None
    stop: str | list[str] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None

    def request(self, most: int, sample: int) -> seodang.Request:
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        # NFC, as what the student learned from was.
        return seodang.Request(
            messages=tuple(turn.message for turn in self.messages),
            max_tokens=min(most, self.max_completion_tokens or self.max_tokens or most),
            temperature=self.temperature,
            stop=tuple(stop),
            extra={} if self.top_p is None else {"top_p": self.top_p},
            sample=sample if self.seed is None else self.seed,
        )


def read(body: bytes) -> Asked:
    try:
        told = msgspec.json.decode(body)
    except RecursionError:
        raise Bad("This is nested too deeply.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Bad(f"This is no JSON: {error}") from None
    if not isinstance(told, dict):
        raise Bad("A request is an object.")
    told = {name: value for name, value in told.items() if value is not None and name not in WITHOUT_EFFECT}
    for name in sorted(told.keys() - set(Asked.__struct_fields__)):
        if name not in ONLY or told[name] != ONLY[name]:
            raise Bad(f"This server does not do {name}.", parameter=name, code="unsupported_parameter")
    try:
        asked = msgspec.convert(
            {name: value for name, value in told.items() if name in Asked.__struct_fields__}, Asked, strict=True
        )
    except msgspec.ValidationError as error:
        raise Bad(str(error), code="invalid_value") from None
    if asked.messages[-1].role != "user":
        raise Bad("The last message is to be the user's.", parameter="messages")
    return asked


def failure(
    status: int, message: str, *, code: str | None = None, parameter: str | None = None, kind: str = "invalid_request_error"
) -> web.Response:
    """An error as OpenAI's clients read it."""
    told = {"error": {"message": message, "type": kind, "param": parameter, "code": code}}
    return web.Response(status=status, body=msgspec.json.encode(told), content_type="application/json")


class Writer:
    """One answer, whole or in pieces."""

    def __init__(self, model: str) -> None:
        self._frame = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": model}

    def whole(self, answer: seodang.Answer) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": answer.message.text, "refusal": None}
        if answer.message.thinking:
            message["reasoning_content"] = answer.message.thinking
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish(answer)}
        return msgspec.json.encode({**self._frame, "object": "chat.completion", "choices": [choice], "usage": usage(answer)})

    def piece(self, delta: dict[str, Any], ended: str | None = None) -> bytes:
        return self._event([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": ended}])

    def usage(self, answer: seodang.Answer) -> bytes:
        return self._event([], usage=usage(answer))

    def _event(self, choices: list[Any], **more: Any) -> bytes:
        told = {**self._frame, "object": "chat.completion.chunk", "choices": choices, **more}
        return b"data: " + msgspec.json.encode(told) + b"\n\n"


def finish(answer: seodang.Answer) -> str:
    return answer.finish if answer.finish in ("stop", "length", "content_filter") else "stop"


def usage(answer: seodang.Answer) -> dict[str, int] | None:
    """Nothing where nobody counted."""
    if answer.usage is None:
        return None
    read_, said = answer.usage.input_tokens, answer.usage.output_tokens
    return {"prompt_tokens": read_, "completion_tokens": said, "total_tokens": read_ + said}
