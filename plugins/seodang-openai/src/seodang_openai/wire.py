"""The wire format: what is sent for a request, and what is read from the bytes that came back."""

from __future__ import annotations

from typing import Any

import msgspec
import seodang

FINISHES = {
    None: "stop",  # llama.cpp's older servers say nothing
    "stop": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
"""How servers say that an answer ended. One that is not here (`abort`, `error`) makes the answer unreadable, not whole."""


class _Function(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] = ""


class _ToolCall(msgspec.Struct):
    function: _Function
    id: str = ""


class _Said(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Said
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None
    model: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Completion).decode


def request_body(request: seodang.Request, options: Any, *, vendor: bool) -> bytes:
    """The JSON that is sent. The vendor's newer models refuse `max_tokens`, most other servers know nothing else."""
    body: dict[str, Any] = {"model": options.model, "messages": [_message(message) for message in request.messages]}
    body["max_completion_tokens" if vendor else "max_tokens"] = request.max_tokens or options.max_tokens
    temperature = options.temperature if request.temperature is None else request.temperature
    if temperature is not None:
        body["temperature"] = temperature
    if options.top_p is not None:
        body["top_p"] = options.top_p
    if request.stop:
        body["stop"] = request.stop
    if request.schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": request.schema, "strict": True},
        }
    if request.tools:
        body["tools"] = request.tools
    body.update(options.extra)
    body.update(request.extra)
    return _encode(body)


def _message(message: seodang.Message) -> dict[str, Any]:
    sent: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        sent["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    if message.call_id:
        sent["tool_call_id"] = message.call_id
    return sent


def read_reply(body: bytes) -> seodang.Answer:
    """The answer in a reply. Raises on everything that is none: an HTML page, cut JSON, an error with status 200, no choice."""
    completion = _decode(body)
    if not completion.choices:
        raise ValueError("the reply holds no choice")
    choice = completion.choices[0]
    if choice.finish_reason not in FINISHES:
        raise ValueError(f"the answer ended with {choice.finish_reason!r}")
    said = choice.message
    finish = "refusal" if said.refusal else FINISHES[choice.finish_reason]
    calls = tuple(seodang.Call(call.id, call.function.name, _arguments(call.function)) for call in said.tool_calls or ())
    usage = completion.usage
    return seodang.Answer(
        message=seodang.Message(
            "assistant", said.content or said.refusal or "", thinking=said.reasoning_content or said.reasoning or "", calls=calls
        ),
        finish=finish,
        usage=None if usage is None else seodang.Usage(usage.prompt_tokens, usage.completion_tokens),
        model=completion.model,
    )


def _arguments(function: _Function) -> str:
    """The arguments as JSON text; a few servers send them as an object."""
    return function.arguments if isinstance(function.arguments, str) else msgspec.json.encode(function.arguments).decode()
