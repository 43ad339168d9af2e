"""The wire format: what is sent for a request, and what is read from the bytes that came back."""

from __future__ import annotations

import json
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

BROKEN = "\N{REPLACEMENT CHARACTER}"


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


class _Token(msgspec.Struct):
    logprob: float


class _Logprobs(msgspec.Struct):
    content: list[_Token] | None = None


class _Choice(msgspec.Struct):
    message: _Said
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


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
    if options.logprobs:
        body["logprobs"] = True
    if request.schema is not None:
        shape: dict[str, Any] = {"name": "answer", "schema": request.schema}
        if is_strict(request.schema):
            shape["strict"] = True
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    if request.tools:
        body["tools"] = request.tools
    if request.sample:
        body["seed"] = request.sample  # a server that draws from a fixed seed would give the first sample again
    body.update(options.extra)
    body.update(request.extra)
    return _encode(body)


def is_strict(schema: Any) -> bool:
    """Whether the vendor's strict mode takes the schema: every object names all its properties as required, and allows no others.
    Without the mode a model keeps to the schema less surely, and the core looks after it in any case."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict) or schema.get("type") == "object":
        properties, wanted = properties or {}, schema.get("required", ())
        if schema.get("additionalProperties") is not False or any(name not in wanted for name in properties):
            return False
        return all(map(is_strict, properties.values())) and is_strict(schema.get("$defs"))
    return all(is_strict(part) for name, part in schema.items() if name not in ("const", "enum", "default", "examples"))


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
    completion = _decoded(body)
    if not completion.choices:
        raise ValueError("the reply holds no choice")
    choice = completion.choices[0]
    if choice.finish_reason not in FINISHES:
        raise ValueError(f"the answer ended with {choice.finish_reason!r}")
    said = choice.message
    thinking, text = apart(said.content or "")
    finish = "refusal" if said.refusal else FINISHES[choice.finish_reason]
    if finish == "stop" and text.endswith(BROKEN):
        finish = "length"  # it ends within a character: a model that writes bytes was stopped in the middle of one
    calls = tuple(seodang.Call(call.id, call.function.name, _arguments(call.function)) for call in said.tool_calls or ())
    usage = completion.usage
    return seodang.Answer(
        message=seodang.Message(
            "assistant", text or said.refusal or "", thinking=said.reasoning_content or said.reasoning or thinking, calls=calls
        ),
        finish=finish,
        usage=None if usage is None else _usage(usage),
        model=completion.model,
        logprob=_mean(choice.logprobs),
    )


def _decoded(body: bytes) -> _Completion:
    """Broken characters (a model that writes bytes, half a surrogate pair) become U+FFFD: the rest of the answer was paid for too."""
    try:
        return _decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError):
        mended = json.loads(body.decode(errors="replace"))
    text = json.dumps(mended, ensure_ascii=False)
    return _decode(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def apart(text: str) -> tuple[str, str]:
    """Reasoning and answer, where a server without a parser for it sends both as one text. Some chat templates write the opening mark
    themselves, so that only the closing one comes."""
    begun, opening, rest = text.partition("<think>")
    if opening and not begun.strip():
        thinking, _, answer = rest.partition("</think>")
        return thinking.strip(), answer.lstrip()
    thinking, closing, answer = text.partition("</think>")
    if closing and "<think>" not in thinking:
        return thinking.strip(), answer.lstrip()
    return "", text


def _usage(usage: _Usage) -> seodang.Usage:
    details = usage.prompt_tokens_details
    return seodang.Usage(usage.prompt_tokens, usage.completion_tokens, (details and details.cached_tokens) or 0)


def _mean(logprobs: _Logprobs | None) -> float | None:
    tokens = logprobs.content if logprobs else None
    return sum(token.logprob for token in tokens) / len(tokens) if tokens else None


def _arguments(function: _Function) -> str:
    """The arguments as JSON text; a few servers send them as an object."""
    return function.arguments if isinstance(function.arguments, str) else msgspec.json.encode(function.arguments).decode()
